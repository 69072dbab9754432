import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import type { LoadRequest } from './load.js'
import type { Measurement } from './measure.js'
import { underLoad } from './under-load.js'

const REQUESTS = 100_000
/** By then the request log and the sessions without a cookie have reached their bounds. */
const FILLED_AFTER = 60_000
const WARM_UP = 2_000
const MIB = 1024 * 1024

/** Heap of this process after a garbage collection, before and after a load on an instance in it. */
export async function measureMemory(requests: readonly LoadRequest[]): Promise<Measurement[]> {
  await underLoad({ requests, count: WARM_UP })
  const before = await heapMiB()
  await underLoad({ requests, count: FILLED_AFTER })
  const filled = await heapMiB()
  await underLoad({ requests, count: REQUESTS - FILLED_AFTER })
  const after = await heapMiB()
  const perThousand = ((after - filled) / (REQUESTS - FILLED_AFTER)) * 1000
  const count = REQUESTS.toLocaleString('en')
  return [
    { name: `heap before ${count} mixed requests`, value: before, unit: 'MiB' },
    {
      name: `heap after ${FILLED_AFTER.toLocaleString('en')} of them, logs full`,
      value: filled,
      unit: 'MiB',
    },
    { name: `heap after ${count} of them`, value: after, unit: 'MiB' },
    {
      name: 'growth per 1,000 requests once the logs are full',
      value: perThousand * 1024,
      unit: 'KiB',
      bar: 'levels off',
    },
  ]
}

/** Two collections, with a turn of the event loop between them for what finalisers and weak references hold. */
async function heapMiB(): Promise<number> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  await new Promise((resolve) => setImmediate(resolve))
  collect()
  return process.memoryUsage().heapUsed / MIB
}

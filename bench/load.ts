import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** A load generator of its own thread: `connections` keep-alive connections for `durationMs` on loopback. */
interface Load {
  readonly url: string
  readonly headers: Record<string, string>
  readonly connections: number
  readonly durationMs: number
}

const { url, headers, connections, durationMs } = workerData as Load
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const end = performance.now() + durationMs
let answered = 0
let refused = 0

async function once(): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

await Promise.all(
  Array.from({ length: connections }, async () => {
    while (performance.now() < end) {
      if ((await once()) === 200) answered += 1
      else refused += 1
    }
  }),
)
agent.destroy()
parentPort?.postMessage({ perSecond: (answered / durationMs) * 1000, refused })

import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { Worker } from 'node:worker_threads'
import type { Load, LoadRequest, LoadResult } from './load.js'
import type { Measurement } from './measure.js'

const CONNECTIONS = 32
const DURATION_MS = 3_000

/**
 * Runs a load from a thread of its own and returns the good answers per second.
 *
 * @throws {Error} when an answer was no 2xx: refusals are fast and would look good.
 */
export async function underLoad(load: Omit<Load, 'connections'>): Promise<number> {
  const worker = new Worker(new URL('./load.js', import.meta.url), {
    workerData: { connections: CONNECTIONS, ...load } satisfies Load,
  })
  const { perSecond, refused } = await new Promise<LoadResult>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
  })
  if (refused > 0) throw new Error(`${String(refused)} requests were refused`)
  return perSecond
}

/** Requests per second, against a bare Hono server that answers the same bytes. */
export async function throughput(what: string, request: LoadRequest, bar?: string): Promise<Measurement> {
  const sample = await fetch(request.url, { method: request.method ?? 'GET', headers: request.headers })
  const [body, type] = [await sample.text(), sample.headers.get('content-type') ?? '']
  return {
    name: `${what}, ${String(CONNECTIONS)} connections, ${String(DURATION_MS / 1000)} s`,
    value: await underLoad({ requests: [request], durationMs: DURATION_MS }),
    unit: '1/s',
    baseline: {
      name: `a bare Hono server answering the same ${String(Buffer.byteLength(body))} bytes`,
      value: await bareHono(request, body, type),
    },
    ...(bar === undefined ? {} : { bar }),
  }
}

async function bareHono(request: LoadRequest, body: string, type: string): Promise<number> {
  const app = new Hono().all('/', (c) => c.body(body, 200, { 'content-type': type }))
  const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  try {
    const { port } = server.address() as AddressInfo
    const url = `http://127.0.0.1:${String(port)}/`
    return await underLoad({ requests: [{ ...request, url }], durationMs: DURATION_MS })
  } finally {
    server.close()
  }
}

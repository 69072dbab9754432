import { Agent, request } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** One request of a load. */
export interface LoadRequest {
  readonly url: string
  /** Default GET. */
  readonly method?: string
  readonly headers: Readonly<Record<string, string>>
}

/** A load on loopback: `connections` keep-alive connections, for a time or for a number of requests in all. */
export interface Load {
  /** Taken in turns. */
  readonly requests: readonly LoadRequest[]
  readonly connections: number
  readonly durationMs?: number
  readonly count?: number
}

/** What came of a load; `refused` are answers other than 2xx. */
export interface LoadResult {
  readonly perSecond: number
  readonly refused: number
}

const { requests, connections, durationMs = Infinity, count = Infinity } = workerData as Load
const agent = new Agent({ keepAlive: true, maxSockets: connections })
const started = performance.now()
let sent = 0
let answered = 0
let refused = 0

async function once({ url, method = 'GET', headers }: LoadRequest): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, method, headers }, (response) => {
      response.resume().on('end', () => resolve(response.statusCode ?? 0))
    })
      .on('error', reject)
      .end()
  })
}

await Promise.all(
  Array.from({ length: connections }, async () => {
    while (sent < count && performance.now() - started < durationMs) {
      const next = requests[sent % requests.length]
      if (next === undefined) return
      sent += 1
      const status = await once(next)
      if (status >= 200 && status < 300) answered += 1
      else refused += 1
    }
  }),
)
agent.destroy()
const result: LoadResult = { perSecond: (answered / (performance.now() - started)) * 1000, refused }
parentPort?.postMessage(result)

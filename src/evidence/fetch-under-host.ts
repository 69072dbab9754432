import { request as httpRequest } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { Readable } from 'node:stream'

/** Statuses that a Response may not have a body with. */
const WITHOUT_BODY = new Set([101, 204, 205, 304])

/**
 * `fetch` for a request whose Host header must not be that of its URL: the global one drops the header without a word.
 * Redirects are not followed.
 *
 * @throws {Error} as the connection does; the signal's reason when it is aborted.
 */
export async function fetchUnderHost(request: Request): Promise<Response> {
  const url = new URL(request.url)
  const body = request.body === null ? undefined : Buffer.from(await request.arrayBuffer())
  const start = url.protocol === 'https:' ? httpsRequest : httpRequest
  return new Promise((resolve, reject) => {
    const outgoing = start(
      url,
      {
        method: request.method,
        headers: Object.fromEntries(request.headers),
        signal: request.signal,
        agent: false,
      },
      (incoming) => {
        const status = incoming.statusCode ?? 500
        const headers = Object.entries(incoming.headersDistinct).flatMap(([name, values = []]) =>
          values.map((value): [string, string] => [name, value]),
        )
        if (WITHOUT_BODY.has(status)) incoming.resume()
        const content = WITHOUT_BODY.has(status)
          ? null
          : (Readable.toWeb(incoming) as ReadableStream<Uint8Array>)
        resolve(new Response(content, { status, headers }))
      },
    )
    outgoing.once('error', reject)
    outgoing.end(body)
  })
}

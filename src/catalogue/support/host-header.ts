import { request as requestHttp, type IncomingMessage } from 'node:http'
import { request as requestHttps } from 'node:https'
import { text } from 'node:stream/consumers'
import type { CheckContext } from '../context.js'

const TIMEOUT_MS = 10_000

export interface HostAnswer {
  readonly status: number
  readonly text: string
}

/**
 * GET with a Host header of our choice, which `fetch` replaces by its own. Redirects are not followed. It becomes a note
 * in the evidence, not an exchange.
 *
 * @param host value of the header, e.g. `evil.example`.
 */
export async function getWithHost(
  ctx: Pick<CheckContext, 'note'>,
  url: string,
  host: string,
): Promise<HostAnswer> {
  const { protocol, hostname } = new URL(url)
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS)
    const headers = { host, accept: 'application/json' }
    const request =
      protocol === 'https:'
        ? requestHttps(url, { headers, signal, servername: hostname, agent: false })
        : requestHttp(url, { headers, signal, agent: false })
    request.once('response', resolve).once('error', reject).end()
  })
  const answer = { status: response.statusCode ?? 0, text: await text(response) }
  ctx.note(`GET ${url} with Host: ${host}: ${answer.status} ${answer.text.slice(0, 500)}`)
  return answer
}

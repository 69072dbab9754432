import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream'

/** A loopback address that leads to a server and adds a token to every request. */
export interface TokenProxy extends AsyncDisposable {
  /** The server's endpoint by way of the proxy. */
  readonly url: string
  /** Stops listening and drops open connections. Idempotent. */
  close(): Promise<void>
}

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/i

/**
 * Starts a proxy for clients that cannot send a token. Requests and answers pass as they are, streams included,
 * but for Authorization. Host and Origin are changed only where they name the proxy, so that a foreign one
 * reaches the server as it was sent.
 *
 * @param target the MCP endpoint.
 * @param token added as bearer token; `undefined` adds none.
 */
export async function startTokenProxy(target: string, token: string | undefined): Promise<TokenProxy> {
  const upstream = new URL(target)
  const server = createServer((request, response) => {
    const { port } = server.address() as AddressInfo
    forward(request, response, upstream, headersFor(request.rawHeaders, upstream, port, token))
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  let closed: Promise<void> | undefined
  const close = (): Promise<void> => {
    closed ??= new Promise((resolve) => {
      server.close(() => {
        resolve()
      })
      server.closeAllConnections()
    })
    return closed
  }
  return {
    url: `http://127.0.0.1:${port}${upstream.pathname}${upstream.search}`,
    close,
    [Symbol.asyncDispose]: close,
  }
}

function forward(
  request: IncomingMessage,
  response: ServerResponse,
  upstream: URL,
  headers: readonly string[],
): void {
  const send = upstream.protocol === 'https:' ? httpsRequest : httpRequest
  const outgoing = send(
    {
      protocol: upstream.protocol,
      hostname: upstream.hostname.replaceAll(/[[\]]/g, ''),
      port: upstream.port,
      method: request.method ?? 'GET',
      path: request.url ?? '/',
      // As an array: names keep their case, and repeated ones stay apart.
      headers,
      setHost: false,
    },
    (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      // An event stream may be silent for long; its head must arrive all the same.
      response.flushHeaders()
      pipeline(answer, response, () => undefined)
    },
  )
  outgoing.once('error', () => {
    if (!response.headersSent) response.writeHead(502)
    response.end()
  })
  response.once('close', () => outgoing.destroy())
  pipeline(request, outgoing, () => undefined)
}

function headersFor(
  rawHeaders: readonly string[],
  upstream: URL,
  proxyPort: number,
  token: string | undefined,
): string[] {
  const headers: string[] = []
  for (let index = 0; index + 1 < rawHeaders.length; index += 2) {
    const name = rawHeaders[index] ?? ''
    const value = rawHeaders[index + 1] ?? ''
    const lowerName = name.toLowerCase()
    if (lowerName === 'authorization' && token !== undefined) continue
    const isAddress = lowerName === 'host' || lowerName === 'origin'
    headers.push(name, isAddress ? addressedTo(value, upstream, proxyPort) : value)
  }
  if (token !== undefined) headers.push('Authorization', `Bearer ${token}`)
  return headers
}

/** A Host or Origin that names the proxy, as the server's own; any other as it is. */
function addressedTo(value: string, upstream: URL, proxyPort: number): string {
  const [, scheme = '', name = '', port = ''] = /^(\w+:\/\/)?(.*?)(?::(\d+))?$/.exec(value) ?? []
  if (port !== String(proxyPort) || !LOOPBACK.test(name)) return value
  // Another loopback name for a loopback server stays what it was: servers may tell them apart.
  const host = LOOPBACK.test(upstream.hostname)
    ? upstream.host.replace(upstream.hostname, name)
    : upstream.host
  return scheme === '' ? host : `${upstream.protocol}//${host}`
}

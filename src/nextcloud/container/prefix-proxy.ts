import { createServer, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { HarnessError } from '../../errors.js'

/** A listener that puts an instance below a path, as a reverse proxy in production does. */
export interface PrefixProxy {
  readonly port: number
  close(): Promise<void>
}

/**
 * Listens on 127.0.0.1 and passes `<prefix>/x` on as `/x` to another port of this machine; everything else is 404.
 * Redirects and links need no change: the instance knows its prefix (`overwritewebroot`).
 *
 * @param prefix starts with a slash, ends without one.
 * @param port 0 picks a free one.
 * @throws {HarnessError} `NCMC_PORT_IN_USE`.
 */
export async function startPrefixProxy(
  prefix: string,
  upstreamPort: number,
  port: number,
): Promise<PrefixProxy> {
  const server = createServer((incoming, outgoing) => {
    const path = strip(incoming.url ?? '/', prefix)
    if (path === undefined) {
      outgoing.writeHead(404).end()
      return
    }
    const upstream = request(
      { host: '127.0.0.1', port: upstreamPort, method: incoming.method, path, headers: incoming.headers },
      (response) => {
        outgoing.writeHead(response.statusCode ?? 502, response.rawHeaders)
        response.pipe(outgoing)
      },
    )
    upstream.on('error', () => {
      if (!outgoing.headersSent) outgoing.writeHead(502)
      outgoing.end()
    })
    outgoing.on('close', () => upstream.destroy())
    incoming.pipe(upstream)
  })
  await listen(server, port)
  return {
    port: (server.address() as AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function strip(url: string, prefix: string): string | undefined {
  if (url === prefix || url.startsWith(`${prefix}?`)) return `/${url.slice(prefix.length)}`
  return url.startsWith(`${prefix}/`) ? url.slice(prefix.length) : undefined
}

async function listen(server: Server, port: number): Promise<void> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', resolve)
  }).catch((cause: unknown) => {
    throw new HarnessError('NCMC_PORT_IN_USE', `port ${port} on 127.0.0.1 cannot be listened on`, { cause })
  })
}

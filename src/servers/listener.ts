import { createAdaptorServer } from '@hono/node-server'
import type { ServerType } from '@hono/node-server'
import { HarnessError } from '../errors.js'

export type FetchHandler = (request: Request) => Response | Promise<Response>

// Above what a token may have, so that an oversized one is refused by us and not with 431 by Node.
const MAX_HEADER_BYTES = 128 * 1024
// Longer than a busy client takes between two requests; Node's 5 s end just when the next one is sent.
const KEEP_ALIVE_MS = 65_000

/**
 * A TCP port that belongs to us before the server is ready: the port is part of the resource identifier,
 * which must be known for the registration. Connections are dropped until `serve()` is called.
 */
export class Listener {
  readonly port: number
  readonly #server: ServerType
  #handler: FetchHandler | undefined
  #closed: Promise<void> | undefined

  private constructor(server: ServerType, port: number) {
    this.#server = server
    this.port = port
  }

  /**
   * @param port 0 takes a free one.
   * @throws {HarnessError} `NCMC_PORT_IN_USE` or `NCMC_SERVER_START`.
   */
  static async bind(host: string, port: number): Promise<Listener> {
    const holder: { listener?: Listener } = {}
    const server = createAdaptorServer({
      fetch: (request) => holder.listener?.answer(request) ?? new Response(null, { status: 503 }),
      // Replacing the process's Request and Response would reach into whoever embeds this server.
      overrideGlobalObjects: false,
      serverOptions: { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: KEEP_ALIVE_MS },
    })
    server.on('connection', (socket: { destroy(): void }) => {
      if (holder.listener?.isServing !== true) socket.destroy()
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        const inUse = error.code === 'EADDRINUSE'
        const message = inUse ? `port ${String(port)} is taken` : `cannot listen on port ${String(port)}`
        reject(new HarnessError(inUse ? 'NCMC_PORT_IN_USE' : 'NCMC_SERVER_START', message, { cause: error }))
      })
      server.listen(port, host, resolve)
    })
    const address = server.address()
    if (typeof address !== 'object' || address === null)
      throw new HarnessError('NCMC_SERVER_START', 'no address')
    holder.listener = new Listener(server, address.port)
    return holder.listener
  }

  get isServing(): boolean {
    return this.#handler !== undefined && this.#closed === undefined
  }

  /** From now on requests are answered. */
  serve(handler: FetchHandler): void {
    this.#handler = handler
  }

  answer(request: Request): Response | Promise<Response> | undefined {
    return this.#handler?.(request)
  }

  /** Frees the port and drops open connections. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => {
        resolve()
      })
      if ('closeAllConnections' in this.#server) this.#server.closeAllConnections()
    })
    return this.#closed
  }
}

import { createAdaptorServer, type ServerType } from '@hono/node-server'
import type { Hono } from 'hono'
import { HarnessError } from '../../errors.js'

const MAX_HEADER_BYTES = 128 * 1024

/** What answers: a Hono application of any kind. */
type Answering = Pick<Hono, 'fetch'>

/** A loopback port, of an embedded Nextcloud or its control API, which can be closed and opened again. */
export class EmbeddedListener {
  readonly #app: Answering
  #server: ServerType | undefined
  #port: number

  /** @param port 0 takes a free one with the first `open()` and keeps it. */
  constructor(app: Answering, port: number) {
    this.#app = app
    this.#port = port
  }

  get port(): number {
    return this.#port
  }

  /**
   * Listens on 127.0.0.1. Does nothing when open.
   *
   * @throws {HarnessError} `NCMC_PORT_IN_USE`, or `NCMC_INTERNAL` when listening fails for another reason.
   */
  async open(): Promise<void> {
    if (this.#server !== undefined) return
    const server = createAdaptorServer({
      fetch: this.#app.fetch,
      // Replacing the process's Request and Response would reach into whoever embeds this server.
      overrideGlobalObjects: false,
      // Clients close idle connections: a server that does it may close one that is just being used again.
      serverOptions: { maxHeaderSize: MAX_HEADER_BYTES, keepAliveTimeout: 0 },
    })
    await new Promise<void>((resolve, reject) => {
      server.once('error', (error: NodeJS.ErrnoException) => {
        reject(listenError(error, this.#port))
      })
      server.listen(this.#port, '127.0.0.1', resolve)
    })
    const address = server.address()
    if (typeof address === 'object' && address !== null) this.#port = address.port
    this.#server = server
  }

  /** Stops listening and drops open connections. Does nothing when closed. */
  async close(): Promise<void> {
    const server = this.#server
    if (server === undefined) return
    this.#server = undefined
    await new Promise<void>((resolve) => {
      server.close(() => {
        resolve()
      })
      if ('closeAllConnections' in server) server.closeAllConnections()
    })
  }
}

function listenError(error: NodeJS.ErrnoException, port: number): HarnessError {
  return error.code === 'EADDRINUSE'
    ? new HarnessError('NCMC_PORT_IN_USE', `port ${String(port)} on 127.0.0.1 is taken by another process`, {
        cause: error,
        details: { port },
      })
    : new HarnessError('NCMC_INTERNAL', `cannot listen on port ${String(port)}`, { cause: error })
}

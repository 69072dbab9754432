import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { MutantSet } from '../mutant-set.js'
import { HarnessError } from '../errors.js'
import type { CallbackMutant } from './callback-mutants.js'
import { CALLBACK_PAGE_HEADERS, callbackPageHtml, type CallbackPage } from './callback-pages.js'
import { PendingCallbacks, type PendingCallback } from './pending-callbacks.js'

export type { PendingCallback } from './pending-callbacks.js'

export interface CallbackServerOptions {
  /** Default 0: a free port. */
  readonly port?: number
  /** Default `/callback`. */
  readonly path?: string
  /** Deliberate faults. Default none. */
  readonly mutants?: readonly CallbackMutant[]
}

/** Longest request head that is read, bytes; beyond it Node answers 431 by itself. */
const MAX_REQUEST_HEAD_BYTES = 256 * 1024

/** Parameters that decide what happens; RFC 6749 §3.1 forbids any of them twice. */
const DECISIVE_PARAMETERS = ['state', 'code', 'error'] as const

/**
 * Receives authorization responses on 127.0.0.1 (RFC 8252 §7.3), for many flows at once, keyed by state.
 *
 * A wrong, missing or used state, a repeated parameter, and a response with neither code nor error are answered
 * with 4xx and leave every flow pending. An `error` response ends its flow and shows a 4xx page. Pages are
 * fixed texts.
 */
export class CallbackServer implements AsyncDisposable {
  readonly redirectUri: string
  readonly #server: Server
  readonly #path: string
  readonly #mutants: ReadonlySet<CallbackMutant>
  readonly #pending: PendingCallbacks
  #closed: Promise<void> | undefined

  private constructor(server: Server, path: string, mutants: readonly CallbackMutant[]) {
    const { port } = server.address() as AddressInfo
    this.#server = server
    this.#path = path
    this.#mutants = new MutantSet(mutants)
    this.#pending = new PendingCallbacks(this.#mutants)
    this.redirectUri = `http://127.0.0.1:${port}${path}`
    server.on('request', (request, response) => {
      this.#answer(request, response)
    })
  }

  /** @throws {HarnessError} `NCMC_PORT_IN_USE` when the requested port is taken. */
  static async start(options: CallbackServerOptions = {}): Promise<CallbackServer> {
    const server = createServer({ maxHeaderSize: MAX_REQUEST_HEAD_BYTES })
    const port = options.port ?? 0
    server.listen({ host: '127.0.0.1', port })
    try {
      await once(server, 'listening')
    } catch (thrown) {
      throw new HarnessError('NCMC_PORT_IN_USE', `the callback listener could not bind 127.0.0.1:${port}`, {
        details: { port },
        cause: thrown,
      })
    }
    return new CallbackServer(server, options.path ?? '/callback', options.mutants ?? [])
  }

  /**
   * Starts waiting for the response of the flow with this state.
   *
   * @throws {HarnessError} `NCMC_INTERNAL` when a flow with this state is waiting already, or the listener is closed.
   */
  expect(state: string, options: { readonly timeoutMs?: number } = {}): PendingCallback {
    if (this.#closed !== undefined) throw new HarnessError('NCMC_INTERNAL', 'the callback listener is closed')
    return this.#pending.add(state, options.timeoutMs ?? 120_000, this.redirectUri)
  }

  /** Frees the port, drops connections and fails the flows that still wait. Idempotent. */
  close(): Promise<void> {
    this.#closed ??= (async () => {
      this.#pending.failAll(
        new HarnessError(
          'NCMC_FLOW_FAILED',
          'the callback listener closed before the authorization response',
        ),
      )
      const closed = once(this.#server, 'close')
      this.#server.close()
      this.#server.closeAllConnections()
      await closed
    })()
    return this.#closed
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = parseTarget(request.url, this.redirectUri)
    if (url?.pathname !== this.#path) {
      send(response, 404, 'notFound')
      return
    }
    if (request.method !== 'GET') {
      send(response, 405, 'method', { allow: 'GET' })
      return
    }
    const state = this.#flowOf(url)
    const hasError = (url.searchParams.get('error') ?? '') !== ''
    const hasCode = (url.searchParams.get('code') ?? '') !== '' || this.#mutants.has('c-empty-code-exchanged')
    if (state === undefined || (!hasError && !hasCode)) {
      send(response, 400, 'invalid')
      return
    }
    if (!hasError) {
      send(response, 200, 'received')
    } else {
      const reflected = this.#mutants.has('c-reflects-html')
        ? url.searchParams.get('error_description')
        : null
      send(response, 400, 'refused', {}, reflected ?? '')
      if (this.#mutants.has('c-error-ignored')) return
    }
    this.#pending.settle(state, url)
  }

  /** State of the pending flow that this response is for. The mutant rewrites the URL as if no state were checked. */
  #flowOf(url: URL): string | undefined {
    if (DECISIVE_PARAMETERS.some((name) => url.searchParams.getAll(name).length > 1)) return undefined
    const state = url.searchParams.get('state')
    if (state !== null && this.#pending.has(state)) return state
    if (!this.#mutants.has('c-state-unchecked')) return undefined
    const oldest = this.#pending.oldestState()
    if (oldest !== undefined) url.searchParams.set('state', oldest)
    return oldest
  }
}

/** The request target as an absolute URL; `null` for targets that are no path of ours, such as `*` or a full URL. */
function parseTarget(target: string | undefined, base: string): URL | null {
  if (target?.startsWith('/') !== true || target.startsWith('//')) return null
  return URL.canParse(target, base) ? new URL(target, base) : null
}

function send(
  response: ServerResponse,
  status: number,
  page: CallbackPage,
  headers: Readonly<Record<string, string>> = {},
  raw = '',
): void {
  response.writeHead(status, { ...CALLBACK_PAGE_HEADERS, ...headers, connection: 'close' })
  response.end(callbackPageHtml(page, raw))
}

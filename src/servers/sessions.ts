import { randomBytes } from 'node:crypto'
import { openSync } from 'node:fs'
import { devNull } from 'node:os'
import { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'
import { isInitializeRequest, SUPPORTED_PROTOCOL_VERSIONS } from '@modelcontextprotocol/sdk/types.js'
import type { Caller } from './caller.js'
import { jsonRpcErrorResponse } from './json-rpc-body.js'
import { authInfoOf, connectMcpServer } from './mcp-server.js'
import type { McpServerOptions } from './mcp-server.js'
import type { ServerMutant } from './mutants.js'

export interface SessionLimits {
  /** Default 1,000; beyond it the session that was unused for longest ends. */
  readonly maxSessions?: number
  /** Default one hour. */
  readonly idleMs?: number
  /** Default `Date.now`. */
  readonly nowMs?: () => number
}

interface Session {
  readonly transport: WebStandardStreamableHTTPServerTransport
  /** Who opened it. */
  readonly owner: Caller
  lastUsedMs: number
}

/** Asked about mutants only beyond it. */
const FEW_SESSIONS = 20
const MAX_SESSIONS = 1_000
const IDLE_MS = 3_600_000
const SWEEP_INTERVAL_MS = 60_000
const SESSION_ID_BYTES = 24
/** Fewer are open at a time where nobody looks for `s-descriptor-leak-per-session`. */
const MUTANT_SPARES_SESSIONS = 30

/**
 * The MCP sessions of a server (Streamable HTTP, Session Management). A session id is no credential: each
 * request is admitted by its own token before it comes here, and a session answers its owner only.
 */
export class Sessions {
  /** The one that a client ended last. */
  #lastEnded: string | undefined
  /** In order of use, the longest unused first. */
  readonly #sessions = new Map<string, Session>()
  readonly #options: McpServerOptions
  readonly #maxSessions: number
  readonly #idleMs: number
  readonly #nowMs: () => number
  readonly #sweeper: NodeJS.Timeout

  constructor(options: McpServerOptions, limits: SessionLimits = {}) {
    this.#options = options
    this.#maxSessions = limits.maxSessions ?? MAX_SESSIONS
    this.#idleMs = limits.idleMs ?? IDLE_MS
    this.#nowMs = limits.nowMs ?? Date.now
    this.#sweeper = setInterval(() => {
      this.endIdle()
    }, SWEEP_INTERVAL_MS)
    this.#sweeper.unref()
  }

  get size(): number {
    return this.#sessions.size
  }

  /**
   * Answers one HTTP request to the MCP endpoint.
   *
   * @param body the parsed message of a POST.
   * @returns 404 for an unknown, ended or foreign session; 400 for a missing session id; otherwise the
   * transport's answer.
   */
  async handle(request: Request, body: unknown, caller: Caller): Promise<Response> {
    const id = request.headers.get('Mcp-Session-Id')
    if (id === null) {
      if (request.method === 'POST' && isInitializeRequest(body)) return this.#open(request, body, caller)
      return jsonRpcErrorResponse(400, -32000, 'Bad Request: Mcp-Session-Id is missing')
    }
    const session = this.#sessions.get(id)
    const isOwner = session?.owner.principal === caller.principal
    const identityFromSession =
      session !== undefined && !isOwner && this.#options.mutants.has('s-session-identity')
    if (
      session === undefined &&
      id === this.#lastEnded &&
      this.#options.mutants.has('s-terminated-session-lives')
    )
      return Response.json({ jsonrpc: '2.0', id: null, result: {} })
    if (
      session === undefined &&
      isOfOurMaking(id) &&
      id !== this.#lastEnded &&
      this.#options.mutants.has('s-restart-rejects-tokens')
    )
      return Response.json({ error: 'invalid_token' }, { status: 401 })
    // One answer for both cases, so that nobody learns which ids exist.
    if (session === undefined || !(isOwner || identityFromSession))
      return jsonRpcErrorResponse(404, -32001, 'Session not found')
    session.lastUsedMs = this.#nowMs()
    this.#sessions.delete(id)
    this.#sessions.set(id, session)
    return session.transport.handleRequest(forTransport(request, this.#options.mutants), {
      parsedBody: body,
      authInfo: authInfoOf(identityFromSession ? session.owner : caller),
    })
  }

  /** Ends the sessions that nobody used for the idle time. */
  endIdle(): void {
    const oldestMs = this.#nowMs() - this.#idleMs
    for (const [id, session] of this.#sessions) {
      if (session.lastUsedMs > oldestMs) return
      this.#end(id)
    }
  }

  close(): void {
    clearInterval(this.#sweeper)
    for (const id of [...this.#sessions.keys()]) this.#end(id)
  }

  /** 192 random bits; visible ASCII. */
  #newId(): string {
    if (this.#sessions.size > FEW_SESSIONS && this.#options.mutants.has('s-session-sequential'))
      return `session-${this.#sessions.size}`
    return randomBytes(SESSION_ID_BYTES).toString('base64url')
  }

  async #open(request: Request, body: unknown, caller: Caller): Promise<Response> {
    const transport = new WebStandardStreamableHTTPServerTransport({
      sessionIdGenerator: () => this.#newId(),
      onsessioninitialized: (id) => {
        this.#sessions.set(id, { transport, owner: caller, lastUsedMs: this.#nowMs() })
        if (
          this.#sessions.size > MUTANT_SPARES_SESSIONS &&
          this.#options.mutants.has('s-descriptor-leak-per-session')
        )
          openSync(devNull, 'r')
        const [oldest] = this.#sessions.keys()
        if (this.#sessions.size > this.#maxSessions && oldest !== undefined) this.#end(oldest)
      },
      onsessionclosed: (id) => {
        this.#sessions.delete(id)
        this.#lastEnded = id
      },
    })
    await connectMcpServer(transport, this.#options)
    return transport.handleRequest(request, { parsedBody: body, authInfo: authInfoOf(caller) })
  }

  #end(id: string): void {
    const session = this.#sessions.get(id)
    this.#sessions.delete(id)
    void session?.transport.close()
  }
}

/**
 * What `s-version-header-ignored` and `s-text-plain-executed` do: the transport never sees what it would refuse.
 */
function forTransport(request: Request, mutants: ReadonlySet<ServerMutant>): Request {
  const version = request.headers.get('MCP-Protocol-Version')
  const isKnown = version === null || SUPPORTED_PROTOCOL_VERSIONS.includes(version)
  const isJson = request.headers.get('Content-Type')?.startsWith('application/json') !== false
  if (isJson && (isKnown || !mutants.has('s-version-header-ignored'))) return request
  const headers = new Headers(request.headers)
  if (!isKnown) headers.delete('MCP-Protocol-Version')
  if (!isJson) headers.set('Content-Type', 'application/json')
  return new Request(request.url, { method: request.method, headers })
}

/** Whether an id has the form that ours have; those of `s-restart-rejects-tokens` do. */
function isOfOurMaking(id: string): boolean {
  return /^[\w-]+$/.test(id) && Buffer.from(id, 'base64url').length === SESSION_ID_BYTES
}

import { quoteUntrusted } from '../../errors.js'
import type { ProbeInput, ProbeResult } from '../../mcp/mcp.js'
import { NotTestableError } from '../check.js'
import type { CheckContext, UserName } from '../context.js'
import { isJsonObject } from './json.js'
import { readToolAnswer, type ToolAnswer } from './tool-answer.js'

/** A tool as `tools/list` shows it; nothing about it has been checked. */
export type ListedTool = Readonly<Record<string, unknown>>

type Probe = Pick<CheckContext, 'mcp' | 'revision'>

/** Bound for lists whose cursor never ends. */
const MAX_PAGES = 50

/**
 * A session held by hand: one HTTP request per message, no judgement of the answers and no stream in the
 * background, so that a fault in one answer does not hide what a check looks for in another.
 */
export class McpSession implements AsyncDisposable {
  readonly url: string
  readonly token: string | undefined
  /** Absent on servers without sessions. */
  readonly sessionId: string | undefined
  readonly #probe: Probe
  readonly #initializeResult: Readonly<Record<string, unknown>>
  #nextId = 2
  #ended = false

  private constructor(
    probe: Probe,
    url: string,
    token: string | undefined,
    sessionId: string | undefined,
    initializeResult: Readonly<Record<string, unknown>>,
  ) {
    this.#probe = probe
    this.url = url
    this.token = token
    this.sessionId = sessionId
    this.#initializeResult = initializeResult
  }

  /**
   * Initializes a session.
   *
   * @throws NotTestableError when the server does not let us in: every check needs this as its control.
   */
  static async open(probe: Probe, url: string, token?: string): Promise<McpSession> {
    const answer = await probe.mcp.probe(url, {
      ...(token === undefined ? {} : { token }),
      body: initializeMessage(probe.revision),
    })
    const result = answer.message?.result
    if (result === undefined) {
      const error = answer.message?.error
      const what = error === undefined ? '' : `, error ${error.code}: ${quoteUntrusted(error.message, 120)}`
      throw new NotTestableError(
        `positive control: initialize is answered with status ${answer.status}${what}`,
      )
    }
    const session = new McpSession(probe, url, token, answer.sessionId, result)
    await session.send({ body: { jsonrpc: '2.0', method: 'notifications/initialized' } })
    return session
  }

  get capabilities(): Readonly<Record<string, unknown>> {
    const { capabilities } = this.#initializeResult
    return isJsonObject(capabilities) ? capabilities : {}
  }

  /** One HTTP request of this session; the input's members win over the session's own. */
  send(input: ProbeInput): Promise<ProbeResult> {
    const { protocolVersion } = this.#initializeResult
    return this.#probe.mcp.probe(this.url, {
      ...(this.token === undefined ? {} : { token: this.token }),
      ...(this.sessionId === undefined ? {} : { sessionId: this.sessionId }),
      ...(typeof protocolVersion === 'string' ? { protocolVersion } : {}),
      ...input,
    })
  }

  /** One JSON-RPC request. */
  request(
    method: string,
    params: Readonly<Record<string, unknown>> = {},
    input: ProbeInput = {},
  ): Promise<ProbeResult> {
    return this.send({ ...input, body: { jsonrpc: '2.0', id: this.#nextId++, method, params } })
  }

  async callTool(
    name: string,
    args: Readonly<Record<string, unknown>>,
    input: ProbeInput = {},
  ): Promise<ToolAnswer> {
    return readToolAnswer(await this.request('tools/call', { name, arguments: args }, input))
  }

  /**
   * All pages of `tools/list`, as they came.
   *
   * @throws NotTestableError when the list is refused.
   */
  listTools(): Promise<readonly ListedTool[]> {
    return this.list('tools/list', 'tools')
  }

  /**
   * All pages of a list method, as they came; a page that only repeats what was listed before ends the list, as its
   * cursor would lead round in a circle. Throws like `listTools`.
   */
  async list(method: string, member: string): Promise<readonly ListedTool[]> {
    const entries: ListedTool[] = []
    const known = new Set<string>()
    let cursor: unknown
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { message, status } = await this.request(method, cursor === undefined ? {} : { cursor })
      const list = message?.result?.[member]
      if (!Array.isArray(list)) throw new NotTestableError(`${method} is answered with status ${status}`)
      const listed = list.filter(isJsonObject)
      const texts = listed.map((entry) => JSON.stringify(entry))
      if (texts.length > 0 && texts.every((text) => known.has(text))) return entries
      for (const text of texts) known.add(text)
      entries.push(...listed)
      cursor = message?.result?.['nextCursor']
      if (typeof cursor !== 'string') return entries
    }
    throw new NotTestableError(`${method} has more than ${MAX_PAGES} pages`)
  }

  /** Ends the session at the server. Idempotent; a server that is gone is no failure. */
  async end(): Promise<void> {
    if (this.#ended || this.sessionId === undefined) return
    this.#ended = true
    await this.send({ method: 'DELETE', timeoutMs: 5_000 }).catch(() => undefined)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.end()
  }
}

/** A session with the shared target of the cell's mode: as the configured user, or with the user's token. */
export async function openTargetSession(ctx: CheckContext, user: UserName = 'alice'): Promise<McpSession> {
  if (ctx.mode === 'basic') return McpSession.open(ctx, ctx.target('basic').url)
  return McpSession.open(ctx, ctx.target('oauth').url, await ctx.token(user))
}

/** The first message of a session. */
export function initializeMessage(revision: string): Readonly<Record<string, unknown>> {
  return {
    jsonrpc: '2.0',
    id: 1,
    method: 'initialize',
    params: {
      protocolVersion: revision,
      capabilities: {},
      clientInfo: { name: 'nc-mcp-conformance', version: '1' },
    },
  }
}

import { randomUUID } from 'node:crypto'
import { request as httpRequest } from 'node:http'

export interface McpReply {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  /** The JSON-RPC message of the body, from JSON or from the event stream. */
  readonly message: {
    readonly result?: Record<string, unknown>
    readonly error?: { readonly code: number; readonly message: string }
    readonly id?: unknown
  }
}

export interface SendOptions {
  readonly token?: string | undefined
  readonly session?: string | undefined
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
}

export const INITIALIZE = {
  jsonrpc: '2.0',
  id: 1,
  method: 'initialize',
  params: { protocolVersion: '2025-11-25', capabilities: {}, clientInfo: { name: 'test', version: '1' } },
}

/** One HTTP request to an MCP endpoint, nothing hidden. */
export async function send(url: string, body: unknown, options: SendOptions = {}): Promise<McpReply> {
  const { token, session, method = 'POST' } = options
  const response = await fetch(url, {
    method,
    headers: {
      Accept: 'application/json, text/event-stream',
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
      ...(session === undefined ? {} : { 'Mcp-Session-Id': session }),
      ...options.headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  const data = /^data: (.+)$/m.exec(text)?.[1] ?? text
  let message: McpReply['message'] = {}
  try {
    message = JSON.parse(data) as McpReply['message']
  } catch {
    // Not every answer is JSON; the text is there for those.
  }
  return { status: response.status, headers: response.headers, text, message }
}

/** The status of an initialize request with raw headers that fetch would not send. */
export function rawStatus(url: string, headers: string[]): Promise<number | undefined> {
  const fixed = ['Content-Type', 'application/json', 'Accept', 'application/json, text/event-stream']
  return new Promise((resolve, reject) => {
    const request = httpRequest(url, { method: 'POST', headers: [...fixed, ...headers] }, (response) => {
      response.resume()
      resolve(response.statusCode)
    })
    request.on('error', reject)
    request.end(JSON.stringify(INITIALIZE))
  })
}

/** A session with calls that answer tool results. */
export class TestSession {
  readonly id: string
  readonly initializeResult: Record<string, unknown>
  readonly #url: string
  readonly #token: string | undefined

  private constructor(url: string, token: string | undefined, id: string, result: Record<string, unknown>) {
    this.#url = url
    this.#token = token
    this.id = id
    this.initializeResult = result
  }

  static async open(url: string, token?: string): Promise<TestSession> {
    const reply = await send(url, INITIALIZE, { token })
    const id = reply.headers.get('Mcp-Session-Id')
    if (id === null) throw new Error(`no session: ${String(reply.status)} ${reply.text}`)
    await send(url, { jsonrpc: '2.0', method: 'notifications/initialized' }, { token, session: id })
    return new TestSession(url, token, id, reply.message.result ?? {})
  }

  request(method: string, params: unknown = {}, options: SendOptions = {}): Promise<McpReply> {
    const body = { jsonrpc: '2.0', id: randomUUID(), method, params }
    return send(this.#url, body, { token: this.#token, session: this.id, ...options })
  }

  async call(name: string, input: unknown = {}, options: SendOptions = {}): Promise<ToolReply> {
    const { message, text } = await this.request('tools/call', { name, arguments: input }, options)
    if (message.result === undefined) throw new Error(`no result: ${text}`)
    return message.result as unknown as ToolReply
  }
}

export interface ToolReply {
  readonly content: readonly { readonly type: string; readonly text: string }[]
  readonly structuredContent?: Record<string, unknown>
  readonly isError?: boolean
}

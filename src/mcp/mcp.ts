import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js'

/** An initialized MCP session. */
export interface McpConnection extends AsyncDisposable {
  readonly serverInfo: { readonly name: string; readonly version: string } | undefined
  readonly protocolVersion: string | undefined
  readonly sessionId: string | undefined
  readonly capabilities: Readonly<Record<string, unknown>>
  /** All pages. */
  listTools(): Promise<readonly Tool[]>
  callTool(name: string, args?: Readonly<Record<string, unknown>>): Promise<CallToolResult>
  listResourceUris(): Promise<readonly string[]>
  /** Text of the first content of a resource. */
  readResource(uri: string): Promise<string>
  /** Ends the session (DELETE) and closes. Idempotent. */
  close(): Promise<void>
}

export interface ProbeInput {
  /** Default POST. */
  readonly method?: string
  readonly token?: string
  /** Value of the Authorization header as it is; overrides `token`. */
  readonly authorization?: string
  readonly sessionId?: string
  /** `MCP-Protocol-Version`; default the run's revision once a session id is given, else absent. */
  readonly protocolVersion?: string
  readonly headers?: Readonly<Record<string, string>>
  /** JSON-RPC message, serialised for the body; a string is sent as it is. */
  readonly body?: unknown
  readonly query?: Readonly<Record<string, string>>
  readonly timeoutMs?: number
  /** Ends the request before that, as a client that goes away. */
  readonly signal?: AbortSignal
  /** How much of the answer's body is read, characters. Default 1 MiB. */
  readonly maxCharacters?: number
}

export interface ProbeResult {
  readonly status: number
  readonly headers: Headers
  /** The body as text, cut behind `maxCharacters`; of event streams what arrived until the response message (GET: until 1 s of silence). */
  readonly text: string
  /** The JSON-RPC response message, from JSON or from the event stream, when there is one. */
  readonly message: JsonRpcResponse | undefined
  readonly sessionId: string | undefined
}

export interface JsonRpcResponse {
  readonly id: string | number | null
  readonly result?: Record<string, unknown>
  readonly error?: { readonly code: number; readonly message: string; readonly data?: unknown }
}

export type McpProbe = (url: string, input?: ProbeInput) => Promise<ProbeResult>

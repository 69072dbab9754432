import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import type { CallToolResult, Tool } from '@modelcontextprotocol/sdk/types.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { Revision } from '../servers/server.js'
import type { McpConnection } from './mcp.js'

/** Bound for pages of a list, against servers whose cursor never ends. */
const MAX_PAGES = 50

/** The server refused `initialize`, or answered it with something that is no MCP. */
export class McpConnectError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'McpConnectError'
  }
}

export interface ConnectOptions {
  readonly token?: string
  readonly revision: Revision
  readonly fetch: FetchLike
  /** Bound for each request, ms. Default 20 000. */
  readonly timeoutMs?: number
}

/**
 * Initializes an MCP session over Streamable HTTP with the SDK's client.
 *
 * @throws McpConnectError when `initialize` does not succeed; `cause` is the SDK's error.
 */
export async function connectMcp(url: string, options: ConnectOptions): Promise<McpConnection> {
  const { token, revision, timeoutMs = 20_000 } = options
  const headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  const transport = new StreamableHTTPClientTransport(new URL(url), {
    fetch: atRevision(options.fetch, revision),
    requestInit: { headers },
    // A lost stream is a finding or the end of the session, never something to paper over.
    reconnectionOptions: {
      maxRetries: 0,
      initialReconnectionDelay: 0,
      maxReconnectionDelay: 0,
      reconnectionDelayGrowFactor: 1,
    },
  })
  const client = new Client({ name: 'nc-mcp-conformance', version: '1' })
  try {
    await client.connect(transport, { timeout: timeoutMs })
  } catch (error) {
    await client.close().catch(() => undefined)
    throw new McpConnectError(
      `initialize failed: ${error instanceof Error ? error.message : String(error)}`,
      {
        cause: error,
      },
    )
  }
  return new SdkConnection(client, transport, timeoutMs)
}

class SdkConnection implements McpConnection {
  readonly #client: Client
  readonly #transport: StreamableHTTPClientTransport
  readonly #timeoutMs: number
  readonly sessionId: string | undefined
  #closed = false

  constructor(client: Client, transport: StreamableHTTPClientTransport, timeoutMs: number) {
    this.#client = client
    this.#transport = transport
    this.#timeoutMs = timeoutMs
    this.sessionId = transport.sessionId
  }

  get serverInfo(): { name: string; version: string } | undefined {
    return this.#client.getServerVersion()
  }

  get protocolVersion(): string | undefined {
    return this.#transport.protocolVersion
  }

  get capabilities(): Readonly<Record<string, unknown>> {
    return { ...this.#client.getServerCapabilities() }
  }

  async listTools(): Promise<readonly Tool[]> {
    return this.#pages(async (cursor) => {
      const page = await this.#client.listTools(cursor, { timeout: this.#timeoutMs })
      return { items: page.tools, nextCursor: page.nextCursor }
    })
  }

  async callTool(name: string, args: Readonly<Record<string, unknown>> = {}): Promise<CallToolResult> {
    const result = await this.#client.callTool({ name, arguments: { ...args } }, undefined, {
      timeout: this.#timeoutMs,
    })
    return result as CallToolResult
  }

  async listResourceUris(): Promise<readonly string[]> {
    return this.#pages(async (cursor) => {
      const page = await this.#client.listResources(cursor, { timeout: this.#timeoutMs })
      return { items: page.resources.map((resource) => resource.uri), nextCursor: page.nextCursor }
    })
  }

  async readResource(uri: string): Promise<string> {
    const { contents } = await this.#client.readResource({ uri }, { timeout: this.#timeoutMs })
    const [first] = contents
    return first !== undefined && 'text' in first ? first.text : ''
  }

  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    await this.#transport.terminateSession().catch(() => undefined)
    await this.#client.close()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close()
  }

  async #pages<T>(
    fetchPage: (cursor?: {
      cursor: string
    }) => Promise<{ items: readonly T[]; nextCursor: string | undefined }>,
  ): Promise<readonly T[]> {
    const all: T[] = []
    let cursor: string | undefined
    for (let page = 0; page < MAX_PAGES; page += 1) {
      const { items, nextCursor } = await fetchPage(cursor === undefined ? undefined : { cursor })
      all.push(...items)
      if (nextCursor === undefined) return all
      cursor = nextCursor
    }
    throw new Error(`the list has more than ${MAX_PAGES} pages`)
  }
}

/**
 * The SDK's client always asks for its newest revision. To speak an older one, the `initialize` message is
 * rewritten on its way out; the server's answer then decides as usual.
 */
function atRevision(inner: FetchLike, revision: Revision): FetchLike {
  return (input, init) => {
    if (typeof init?.body !== 'string' || !init.body.includes('"initialize"')) return inner(input, init)
    const message = JSON.parse(init.body) as { method?: string; params?: Record<string, unknown> }
    if (message.method !== 'initialize') return inner(input, init)
    return inner(input, {
      ...init,
      body: JSON.stringify({ ...message, params: { ...message.params, protocolVersion: revision } }),
    })
  }
}

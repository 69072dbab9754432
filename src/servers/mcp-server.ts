import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js'
import type { AuthInfo } from '@modelcontextprotocol/sdk/server/auth/types.js'
import type { Transport } from '@modelcontextprotocol/sdk/shared/transport.js'
import {
  CallToolRequestSchema,
  ErrorCode,
  GetPromptRequestSchema,
  ListPromptsRequestSchema,
  ListResourcesRequestSchema,
  ListResourceTemplatesRequestSchema,
  ListToolsRequestSchema,
  McpError,
  ReadResourceRequestSchema,
} from '@modelcontextprotocol/sdk/types.js'
import type { CallToolResult, ReadResourceResult } from '@modelcontextprotocol/sdk/types.js'
import { AjvJsonSchemaValidator } from '@modelcontextprotocol/sdk/validation/ajv'
import type { Caller } from './caller.js'
import {
  AnswerSwapper,
  cutTexts,
  hasLargeText,
  isHidden404,
  loopingPage,
  withTextId,
} from './mutant-answers.js'
import type { ServerMutant } from './mutants.js'
import type { NextcloudClient } from './nextcloud-client.js'
import { NextcloudFailure, NextcloudStatusError, UnavailablePage } from './nextcloud-errors.js'
import { isResourceListEmpty, resources, resourceTemplates } from './resources/catalogue.js'
import { FileContent } from './resources/resource.js'
import type { Mode } from './server.js'
import { isGranted } from './scopes.js'
import { findTool, listedTools } from './tools/catalogue.js'
import { isText } from './tools/text-content.js'
import { ToolError } from './tools/tool.js'
import type { Tool } from './tools/tool.js'
import { PACKAGE_VERSION } from './version.js'

export interface McpServerOptions {
  readonly mode: Mode
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
}

const SERVER_INFO = { name: 'nc-mcp-conformance reference server', version: PACKAGE_VERSION }
/** MCP 2025-11-25, Resources, Error Handling. */
const RESOURCE_NOT_FOUND = -32002
// One for all sessions: making one is far dearer than a session.
const jsonSchemaValidator = new AjvJsonSchemaValidator()

/** Hands the caller of one HTTP request to the handlers of the messages in it. */
export function authInfoOf(caller: Caller): AuthInfo {
  return { token: '', clientId: '', scopes: [], extra: { caller } }
}

/**
 * The MCP side of one session: tools, resources, an empty list of prompts. Holds no user: every message
 * is answered for the caller that `authInfoOf` put beside it.
 */
export async function connectMcpServer(transport: Transport, options: McpServerOptions): Promise<void> {
  const { mutants } = options
  // The high-level McpServer answers unknown tools with a result; the lists below are data, so the
  // protocol level underneath it is enough.
  const { server } = new McpServer(SERVER_INFO, { jsonSchemaValidator })
  server.registerCapabilities({ tools: {}, resources: {}, prompts: {} })
  server.onerror = (error) => {
    options.log(`mcp: ${error.name}`)
  }

  const swapper = new AnswerSwapper<CallToolResult>()
  server.setRequestHandler(ListToolsRequestSchema, ({ params }, { authInfo }) => {
    const { scopes } = callerOf(authInfo)
    const described = listedTools(options)
      .filter(({ scope }) => isGranted(scopes, scope))
      .map((tool) => describe(tool, mutants))
    if (mutants.has('s-cursor-loops')) {
      const { page, nextCursor } = loopingPage(described, params?.cursor)
      return { tools: page, nextCursor }
    }
    refuseCursor(params?.cursor)
    return { tools: described }
  })
  server.setRequestHandler(CallToolRequestSchema, async ({ params }, { authInfo, signal }) => {
    const tool = findTool(params.name, options)
    if (tool === undefined) {
      if (mutants.has('s-unknown-tool-success')) return { content: [] }
      throw new McpError(ErrorCode.InvalidParams, `Unknown tool: ${params.name}`)
    }
    const nextcloud = callerOf(authInfo).nextcloud.withSignal(signal)
    const answer = callTool(tool, params.arguments, nextcloud, options)
    return swapper.swap(answer, () => mutants.has('s-response-id-swapped'))
  })
  server.setRequestHandler(ListResourcesRequestSchema, ({ params }, { authInfo }) => {
    refuseCursor(params?.cursor)
    if (isResourceListEmpty(options)) return { resources: [] }
    const { scopes } = callerOf(authInfo)
    const listed = resources.filter(({ scope }) => isGranted(scopes, scope))
    return {
      resources: listed.map(({ uri, name, title, description, mimeType }) => ({
        uri,
        name,
        title,
        description,
        mimeType,
      })),
    }
  })
  server.setRequestHandler(ListResourceTemplatesRequestSchema, ({ params }, { authInfo }) => {
    refuseCursor(params?.cursor)
    if (isResourceListEmpty(options)) return { resourceTemplates: [] }
    const { scopes } = callerOf(authInfo)
    const listed = resourceTemplates.filter(({ scope }) => isGranted(scopes, scope))
    return {
      resourceTemplates: listed.map(({ uriTemplate, name, title, description, mimeType }) => ({
        uriTemplate,
        name,
        title,
        description,
        mimeType,
      })),
    }
  })
  server.setRequestHandler(ReadResourceRequestSchema, ({ params }, { authInfo, signal }) =>
    readResource(params.uri, callerOf(authInfo).nextcloud.withSignal(signal)),
  )
  server.setRequestHandler(ListPromptsRequestSchema, ({ params }) => {
    refuseCursor(params?.cursor)
    return { prompts: [] }
  })
  server.setRequestHandler(GetPromptRequestSchema, ({ params }) => {
    throw new McpError(ErrorCode.InvalidParams, `Unknown prompt: ${params.name}`)
  })

  if (mutants.has('s-initialize-result-invalid')) dropServerInfo(transport)
  await server.connect(transport)
  if (mutants.has('s-tools-undeclared')) dropTools(transport)
  echoVersion(transport, mutants)
}

async function callTool(
  tool: Tool,
  input: unknown,
  nextcloud: NextcloudClient,
  { mode, mutants, log }: McpServerOptions,
): Promise<CallToolResult> {
  try {
    let structuredContent = await tool.call(input, { nextcloud, mutants })
    if (tool.name === 'nc_notes_get_note' && mutants.has('s-output-off-schema'))
      structuredContent = withTextId(structuredContent)
    if (hasLargeText(structuredContent) && mutants.has('s-truncates-large'))
      structuredContent = cutTexts(structuredContent)
    const content = [{ type: 'text' as const, text: JSON.stringify(structuredContent, null, 2) }]
    if (mode === 'oauth' && tool.name === 'nc_notes_delete_note' && mutants.has('s-oauth-different-shape'))
      content.unshift({ type: 'text', text: 'Done.' })
    return { content, structuredContent }
  } catch (error) {
    if (isHidden404(tool.name, error) && mutants.has('s-404-as-success'))
      return {
        content: [{ type: 'text', text: '{"status_code":404}' }],
        structuredContent: { status_code: 404 },
      }
    if (error instanceof UnavailablePage) return { content: [{ type: 'text', text: error.message }] }
    return { content: [{ type: 'text', text: plainReason(error, log) }], isError: true }
  }
}

async function readResource(uri: string, nextcloud: NextcloudClient): Promise<ReadResourceResult> {
  const content =
    resources.find((resource) => resource.uri === uri)?.read(nextcloud) ??
    resourceTemplates.map((template) => template.read(uri, nextcloud)).find((found) => found !== undefined)
  if (content === undefined) throw new McpError(RESOURCE_NOT_FOUND, 'Resource not found', { uri })
  try {
    return { contents: [{ uri, ...partsOf(await content) }] }
  } catch (error) {
    if (error instanceof NextcloudStatusError && error.status === 404) {
      throw new McpError(RESOURCE_NOT_FOUND, 'Resource not found', { uri })
    }
    throw new McpError(ErrorCode.InternalError, plainReason(error))
  }
}

/** The content of a resource as the protocol sends it. */
function partsOf(content: unknown): { mimeType: string } & ({ text: string } | { blob: string }) {
  if (!(content instanceof FileContent)) {
    return { mimeType: 'application/json', text: JSON.stringify(content) }
  }
  const { mediaType: mimeType, bytes } = content
  return isText(mimeType, bytes)
    ? { mimeType, text: bytes.toString('utf8') }
    : { mimeType, blob: bytes.toString('base64') }
}

/** What a client may read about a failure: never a stack, an internal URL or a credential. */
function plainReason(error: unknown, log?: (line: string) => void): string {
  if (
    error instanceof ToolError ||
    error instanceof NextcloudFailure ||
    error instanceof NextcloudStatusError
  ) {
    return error.message
  }
  log?.(`tool: unexpected ${error instanceof Error ? error.name : typeof error}`)
  return 'The server failed unexpectedly'
}

function callerOf(authInfo: AuthInfo | undefined): Caller {
  const caller = authInfo?.extra?.['caller'] as Caller | undefined
  if (caller === undefined) throw new McpError(ErrorCode.InternalError, 'No caller')
  return caller
}

function describe(
  { name, title, description, annotations, inputSchema, outputSchema }: Tool,
  mutants: ReadonlySet<ServerMutant>,
) {
  const invalid = name === 'nc_notes_get_note' && mutants.has('s-invalid-schema')
  // The cast hides from the compiler what the mutant does wrong.
  const required = invalid ? { required: 'note_id' as unknown as string[] } : {}
  return { name, title, description, annotations, inputSchema: { ...inputSchema, ...required }, outputSchema }
}

/** The lists have one page, so no cursor was ever issued (MCP, Pagination, Error Handling). */
function refuseCursor(cursor: string | undefined): void {
  if (cursor !== undefined) throw new McpError(ErrorCode.InvalidParams, 'Unknown cursor')
}

/** What `s-initialize-result-invalid` does. */
function dropServerInfo(transport: Transport): void {
  const send = transport.send.bind(transport)
  transport.send = (message, sendOptions) => {
    if ('result' in message) delete message.result['serverInfo']
    return send(message, sendOptions)
  }
}

/** What `s-tools-undeclared` does. */
function dropTools(transport: Transport): void {
  const send = transport.send.bind(transport)
  transport.send = (message, sendOptions) => {
    if ('result' in message && 'capabilities' in message.result)
      delete (message.result['capabilities'] as Record<string, unknown>)['tools']
    return send(message, sendOptions)
  }
}

/** What `s-echoes-any-version` does, asked about where a version is not known. */
function echoVersion(transport: Transport, mutants: ReadonlySet<ServerMutant>): void {
  const { onmessage } = transport
  const send = transport.send.bind(transport)
  let asked: unknown
  transport.onmessage = (message, extra) => {
    if ('method' in message && message.method === 'initialize') asked = message.params?.['protocolVersion']
    onmessage?.(message, extra)
  }
  transport.send = (message, sendOptions) => {
    if (
      'result' in message &&
      'protocolVersion' in message.result &&
      message.result['protocolVersion'] !== asked &&
      mutants.has('s-echoes-any-version')
    )
      message.result['protocolVersion'] = asked
    return send(message, sendOptions)
  }
}

import { JSONRPCMessageSchema } from '@modelcontextprotocol/sdk/types.js'
import type { ServerMutant } from './mutants.js'

export type JsonRpcBody =
  { readonly ok: true; readonly message: unknown } | { readonly ok: false; readonly response: Response }

const MAX_BODY_BYTES = 16 * 1024 * 1024

/**
 * Reads the one JSON-RPC message of a POST. The SDK's transport would take batches too, which MCP removed
 * in 2025-06-18, and calls every misshapen message a parse error.
 */
export async function readJsonRpcBody(
  request: Request,
  mutants: ReadonlySet<ServerMutant>,
): Promise<JsonRpcBody> {
  const mediaType = request.headers.get('Content-Type')?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== 'application/json' && !mutants.has('s-text-plain-executed'))
    return refuse(415, -32000, 'Content-Type must be application/json')
  const text = await readText(request)
  if (text === undefined) return refuse(413, -32000, 'The message is too large')
  let message: unknown
  try {
    message = JSON.parse(text)
  } catch {
    return refuse(400, -32700, 'Parse error')
  }
  if (Array.isArray(message) && mutants.has('s-batch-executed')) return { ok: true, message }
  if (Array.isArray(message)) return refuse(400, -32600, 'Batches are not supported')
  if (!JSONRPCMessageSchema.safeParse(message).success) {
    return { ok: false, response: jsonRpcErrorResponse(400, -32600, 'Invalid Request', idOf(message)) }
  }
  return { ok: true, message }
}

/** An HTTP error with a JSON-RPC error as its body. */
export function jsonRpcErrorResponse(
  status: number,
  code: number,
  message: string,
  id: string | number | null = null,
): Response {
  return Response.json({ jsonrpc: '2.0', error: { code, message }, id }, { status })
}

/** The body, or `undefined` when it is longer than allowed, whatever its Content-Length says. */
async function readText(request: Request): Promise<string | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  const body: AsyncIterable<Uint8Array> | null = request.body
  if (body === null) return ''
  for await (const chunk of body) {
    length += chunk.byteLength
    if (length > MAX_BODY_BYTES) return undefined
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function refuse(status: number, code: number, message: string): JsonRpcBody {
  return { ok: false, response: jsonRpcErrorResponse(status, code, message) }
}

function idOf(message: unknown): string | number | null {
  if (typeof message !== 'object' || message === null || !('id' in message)) return null
  return typeof message.id === 'string' || typeof message.id === 'number' ? message.id : null
}

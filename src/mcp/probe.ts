import type { FetchLike } from '../oauth/fetch-like.js'
import type { Revision } from '../servers/server.js'
import type { JsonRpcResponse, McpProbe, ProbeInput } from './mcp.js'

const DEFAULT_MAX_CHARACTERS = 1_048_576
const SILENCE_MS = 1_000

/**
 * Makes the raw probe: one HTTP request to an MCP endpoint, nothing added but what the input says (and
 * `Accept`/`Content-Type` unless overridden). Never throws on a status; network failures pass through.
 */
export function createProbe(fetchLike: FetchLike, revision: Revision): McpProbe {
  return async (url, input = {}) => {
    const method = input.method ?? 'POST'
    const target = new URL(url)
    for (const [name, value] of Object.entries(input.query ?? {})) target.searchParams.set(name, value)
    const response = await fetchLike(target, {
      method,
      headers: probeHeaders(input, method, revision),
      ...(input.body === undefined
        ? {}
        : { body: typeof input.body === 'string' ? input.body : JSON.stringify(input.body) }),
      signal: endOf(input),
    })
    const text = await readBody(
      response,
      method === 'GET' ? SILENCE_MS : undefined,
      input.maxCharacters ?? DEFAULT_MAX_CHARACTERS,
    )
    return {
      status: response.status,
      headers: response.headers,
      text,
      message: parseMessage(response, text),
      sessionId: response.headers.get('mcp-session-id') ?? undefined,
    }
  }
}

function endOf({ timeoutMs = 20_000, signal }: ProbeInput): AbortSignal {
  const timeout = AbortSignal.timeout(timeoutMs)
  return signal === undefined ? timeout : AbortSignal.any([timeout, signal])
}

function probeHeaders(input: ProbeInput, method: string, revision: Revision): Record<string, string> {
  const authorization =
    input.authorization ?? (input.token === undefined ? undefined : `Bearer ${input.token}`)
  const protocolVersion = input.protocolVersion ?? (input.sessionId === undefined ? undefined : revision)
  return {
    accept: method === 'GET' ? 'text/event-stream' : 'application/json, text/event-stream',
    ...(input.body === undefined ? {} : { 'content-type': 'application/json' }),
    ...(authorization === undefined ? {} : { authorization }),
    ...(input.sessionId === undefined ? {} : { 'mcp-session-id': input.sessionId }),
    ...(protocolVersion === undefined ? {} : { 'mcp-protocol-version': protocolVersion }),
    ...input.headers,
  }
}

/**
 * Reads the body; of an event stream only until its first response message. A stream that nobody asked anything
 * on (GET) may stay silent for ever: there `silenceMs` without an event ends the reading.
 */
async function readBody(
  response: Response,
  silenceMs: number | undefined,
  maxCharacters: number,
): Promise<string> {
  if (response.body === null) return ''
  const isStream = isMediaType(response, 'text/event-stream')
  const reader = response.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  for (;;) {
    const chunk = await readChunk(reader, isStream ? silenceMs : undefined)
    if (chunk === undefined) break
    const part = decoder.decode(chunk, { stream: true })
    text += part
    // An event ends with a line: looking at every part of a long one would take a time that grows with its square.
    const mayEndEvent = isStream && part.includes('\n')
    if (text.length > maxCharacters || (mayEndEvent && responseInStream(text) !== undefined)) break
  }
  await reader.cancel().catch(() => undefined)
  return text
}

async function readChunk(
  reader: ReadableStreamDefaultReader<Uint8Array>,
  silenceMs: number | undefined,
): Promise<Uint8Array | undefined> {
  const read = reader.read().then(({ done, value }) => (done ? undefined : value))
  if (silenceMs === undefined) return read
  let timer: NodeJS.Timeout | undefined
  const silence = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => {
      resolve(undefined)
    }, silenceMs)
  })
  return Promise.race([read, silence]).finally(() => {
    clearTimeout(timer)
  })
}

function parseMessage(response: Response, text: string): JsonRpcResponse | undefined {
  if (isMediaType(response, 'text/event-stream')) return responseInStream(text)
  if (!isMediaType(response, 'application/json')) return undefined
  return asResponse(text)
}

function responseInStream(text: string): JsonRpcResponse | undefined {
  const complete = text.slice(0, text.lastIndexOf('\n') + 1)
  for (const event of complete.split(/\r?\n\r?\n/)) {
    const data = event
      .split(/\r?\n/)
      .filter((line) => line.startsWith('data:'))
      .map((line) => line.slice(5).trimStart())
      .join('\n')
    const message = data === '' ? undefined : asResponse(data)
    if (message !== undefined) return message
  }
  return undefined
}

function asResponse(text: string): JsonRpcResponse | undefined {
  try {
    const value: unknown = JSON.parse(text)
    const isResponse =
      typeof value === 'object' &&
      value !== null &&
      'jsonrpc' in value &&
      ('result' in value || 'error' in value)
    return isResponse ? (value as unknown as JsonRpcResponse) : undefined
  } catch {
    return undefined
  }
}

function isMediaType(response: Response, mediaType: string): boolean {
  return (response.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() === mediaType
}

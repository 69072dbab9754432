import type { ProbeResult } from '../../mcp/mcp.js'
import { isJsonObject } from './json.js'

/** What came back for `tools/call`. */
export interface ToolAnswer {
  /**
   * `result`: a result without `isError`; `tool-error`: one with it; `protocol-error`: a JSON-RPC error; `refused`:
   * no JSON-RPC answer at all, only the HTTP status.
   */
  readonly kind: 'result' | 'tool-error' | 'protocol-error' | 'refused'
  readonly status: number
  /** Text contents of the result, or the error's message, or the body. */
  readonly text: string
  /** `structuredContent`, else the JSON object in the text, else empty. */
  readonly data: Readonly<Record<string, unknown>>
  /** The body as it came. */
  readonly raw: string
}

/** Reads the answer to a `tools/call` request. */
export function readToolAnswer({ status, text: raw, message }: ProbeResult): ToolAnswer {
  if (message?.error !== undefined) {
    return { kind: 'protocol-error', status, text: message.error.message, data: {}, raw }
  }
  const result = message?.result
  if (result === undefined) return { kind: 'refused', status, text: raw, data: {}, raw }
  const contents: unknown = result['content']
  const text = (Array.isArray(contents) ? contents : [])
    .filter(isJsonObject)
    .map((content) => content['text'])
    .filter((part) => typeof part === 'string')
    .join('\n')
  const structured = result['structuredContent']
  return {
    kind: result['isError'] === true ? 'tool-error' : 'result',
    status,
    text,
    data: isJsonObject(structured) ? structured : parseObject(text),
    raw,
  }
}

/** What may be shown of an answer: its kind and the beginning of its text. */
export function describeToolAnswer({ kind, status, text }: ToolAnswer): string {
  const shown = text.length > 200 ? `${text.slice(0, 200)}…` : text
  return `${kind} (${status}): ${shown}`
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

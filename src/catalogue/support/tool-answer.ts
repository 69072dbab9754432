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
  /** The text contents one by one. */
  readonly blocks: readonly string[]
  /** `structuredContent`, when the result has one. */
  readonly structured: Readonly<Record<string, unknown>> | undefined
  /** `structuredContent`, else the JSON object in the text, else empty. */
  readonly data: Readonly<Record<string, unknown>>
  /** The body as it came. */
  readonly raw: string
}

const NOTHING = { blocks: [], structured: undefined, data: {} } as const

/** Reads the answer to a `tools/call` request. */
export function readToolAnswer({ status, text: raw, message }: ProbeResult): ToolAnswer {
  if (message?.error !== undefined) {
    return { ...NOTHING, kind: 'protocol-error', status, text: message.error.message, raw }
  }
  const result = message?.result
  if (result === undefined) return { ...NOTHING, kind: 'refused', status, text: raw, raw }
  const contents: unknown = result['content']
  const blocks = (Array.isArray(contents) ? contents : [])
    .filter(isJsonObject)
    .map((content) => content['text'])
    .filter((part) => typeof part === 'string')
  const text = blocks.join('\n')
  const structured = result['structuredContent']
  return {
    kind: result['isError'] === true ? 'tool-error' : 'result',
    status,
    text,
    blocks,
    structured: isJsonObject(structured) ? structured : undefined,
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

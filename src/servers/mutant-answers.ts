import { ErrorCode, McpError } from '@modelcontextprotocol/sdk/types.js'
import { jsonRpcErrorResponse } from './json-rpc-body.js'
import type { ServerMutant } from './mutants.js'
import { NextcloudStatusError } from './nextcloud-errors.js'

const CUT_AT_CHARACTERS = 64 * 1024

/** What `s-output-off-schema` does to a note. */
export function withTextId(result: Record<string, unknown>): Record<string, unknown> {
  return { ...result, id: String(result['id']) }
}

/** Whether `s-truncates-large` finds anything to cut. */
export function hasLargeText(result: Record<string, unknown>): boolean {
  return Object.values(result).some((value) => typeof value === 'string' && value.length > CUT_AT_CHARACTERS)
}

/** What `s-truncates-large` does to the texts of a result. */
export function cutTexts(result: Record<string, unknown>): Record<string, unknown> {
  const cut = (value: unknown): unknown =>
    typeof value === 'string' ? value.slice(0, CUT_AT_CHARACTERS) : value
  return Object.fromEntries(Object.entries(result).map(([name, value]) => [name, cut(value)]))
}

/** True for the failures that `s-404-as-success` hides. */
export function isHidden404(toolName: string, error: unknown): boolean {
  const cause = error instanceof Error ? error.cause : undefined
  const statuses = [error, cause].map((known) => (known instanceof NextcloudStatusError ? known.status : 0))
  return statuses.includes(404) && !toolName.startsWith('nc_notes_')
}

/** What `s-cursor-loops` answers: two pages that point to each other. */
export function loopingPage<T>(
  all: readonly T[],
  cursor: string | undefined,
): { page: T[]; nextCursor: string } {
  const middle = Math.ceil(all.length / 2)
  if (cursor === 'second') return { page: all.slice(middle), nextCursor: 'first' }
  if (cursor === undefined || cursor === 'first') return { page: all.slice(0, middle), nextCursor: 'second' }
  throw new McpError(ErrorCode.InvalidParams, 'Unknown cursor')
}

/** What `s-response-id-swapped` does: two by two, answers that are made at the same time change places. */
export class AnswerSwapper<T> {
  #inFlight = 0
  #held: { readonly answer: T; readonly resolve: (other: T) => void } | undefined

  /**
   * @param answering never rejects, so that a held answer is always called for.
   * @param isOn asked where there is another answer to change places with.
   */
  async swap(answering: Promise<T>, isOn: () => boolean): Promise<T> {
    this.#inFlight += 1
    const answer = await answering
    this.#inFlight -= 1
    const held = this.#held
    if (held !== undefined) {
      this.#held = undefined
      held.resolve(answer)
      return held.answer
    }
    if (this.#inFlight === 0 || !isOn()) return answer
    return new Promise((resolve) => {
      this.#held = { answer, resolve }
    })
  }
}

const KNOWN_METHODS = /^(?:initialize$|ping$|(?:tools|resources|prompts|notifications|logging|completion)\/)/

/** What `s-notification-gets-response` and `s-error-loses-id` answer to a message; `undefined` leaves the answer be. */
export function mutantAnswer(message: unknown, mutants: ReadonlySet<ServerMutant>): Response | undefined {
  const { id, method } = message as { readonly id?: unknown; readonly method?: unknown }
  if (typeof method !== 'string') return undefined
  const isFirst = method === 'notifications/initialized'
  if (id === undefined && !isFirst && mutants.has('s-notification-gets-response'))
    return Response.json({ jsonrpc: '2.0', id: null, result: {} })
  if (!KNOWN_METHODS.test(method) && id !== undefined && mutants.has('s-error-loses-id'))
    return jsonRpcErrorResponse(200, ErrorCode.MethodNotFound, 'Method not found', 0)
  return undefined
}

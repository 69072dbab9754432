import type { McpSession } from './mcp-session.js'
import { describeToolAnswer, type ToolAnswer } from './tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from './tool-names.js'

/** One call of a tour. */
export interface TourCall {
  readonly purpose: ToolPurpose
  readonly name: string
  readonly answer: ToolAnswer
}

/**
 * Calls of the tools that a server lists among those that we know, one after the other, and what came of them. Tools
 * that are not listed are passed over.
 */
export class ToolTour {
  readonly #session: McpSession
  readonly #listed: ReadonlySet<string>
  readonly #calls: TourCall[] = []
  readonly #notCalled = new Map<string, string>()

  /** @param listed names of the tools that the server lists. */
  constructor(session: McpSession, listed: Iterable<string>) {
    this.#session = session
    this.#listed = new Set(listed)
  }

  has(...purposes: readonly ToolPurpose[]): boolean {
    return purposes.every((purpose) => this.#listed.has(TOOL_NAMES[purpose]))
  }

  /** The answer; `undefined` when the server has no such tool. */
  async call(
    purpose: ToolPurpose,
    args: Readonly<Record<string, unknown>> = {},
  ): Promise<ToolAnswer | undefined> {
    if (!this.has(purpose)) return undefined
    const name = TOOL_NAMES[purpose]
    const answer = await this.#session.callTool(name, args)
    this.#calls.push({ purpose, name, answer })
    return answer
  }

  /** Says why a part of the tour was left out. */
  leaveOut(purposes: readonly ToolPurpose[], reason: string): void {
    for (const purpose of purposes) this.#notCalled.set(TOOL_NAMES[purpose], reason)
  }

  get calls(): readonly TourCall[] {
    return this.#calls
  }

  /** Listed tools that we know and that were not called, with the reason. */
  notCalled(): Readonly<Record<string, string>> {
    const called = new Set(this.#calls.map(({ name }) => name))
    const names = Object.values(TOOL_NAMES).filter((name) => this.#listed.has(name) && !called.has(name))
    return Object.fromEntries(
      names.map((name) => [name, this.#notCalled.get(name) ?? 'nothing to call it with']),
    )
  }

  /** Calls that failed although their arguments fit. */
  failures(): readonly string[] {
    return this.#calls
      .filter(({ answer }) => answer.kind !== 'result')
      .map(({ name, answer }) => `${name}: ${describeToolAnswer(answer)}`)
  }
}

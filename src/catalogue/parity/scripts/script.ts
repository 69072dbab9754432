import type { CheckContext } from '../../context.js'
import type { ToolAnswer } from '../../support/tool-answer.js'
import type { ToolPurpose } from '../../support/tool-names.js'

/** What a run of a script knows so far. */
export interface Seen {
  /** Stands in the name of everything that this run makes. */
  readonly marker: string
  /** By the step's name. */
  readonly answers: ReadonlyMap<string, ToolAnswer>
}

/** One tool call. */
export interface Step {
  /** Unique in its script, kebab-case; a part of the finding's id. */
  readonly name: string
  /** `unknown` calls a tool that no server has. */
  readonly tool: ToolPurpose | 'unknown'
  /** `undefined` leaves the step out, as when an earlier step gave nothing to go on with. */
  readonly args: (seen: Seen) => Readonly<Record<string, unknown>> | undefined
  /** The part of the answer's data that is this run's own. Default: all of it. */
  readonly own?: (answer: ToolAnswer, seen: Seen) => unknown
}

/** The tool calls of one Nextcloud app, error cases too. They run in order, in both modes, as alice. */
export interface Script {
  /** Beginning of the findings' ids, e.g. `notes`. */
  readonly app: string
  readonly steps: readonly Step[]
  /** Removes from Nextcloud what a run has left there. */
  readonly cleanUp: (ctx: CheckContext, seen: Seen) => Promise<void>
}

/** A member of an earlier answer. */
export function memberOf(seen: Seen, step: string, member: string): unknown {
  const answer = seen.answers.get(step)
  return answer?.kind === 'result' ? answer.data[member] : undefined
}

/** Arguments that need a member of an earlier answer; left out together with the step when it is not there. */
export function withMember(
  step: string,
  member: string,
  args: (value: unknown, seen: Seen) => Readonly<Record<string, unknown>>,
): Step['args'] {
  return (seen) => {
    const value = memberOf(seen, step, member)
    return value === undefined ? undefined : args(value, seen)
  }
}

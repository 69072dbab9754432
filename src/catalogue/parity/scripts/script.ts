import type { CheckContext } from '../../context.js'
import type { ToolAnswer } from '../../support/tool-answer.js'
import type { ToolPurpose } from '../../support/tool-names.js'

/** Arguments of a tool. */
export type Arguments = Readonly<Record<string, unknown>>

/** What a run of a script knows so far. */
export interface Seen<Prepared = unknown> {
  /** Stands in the name of everything that this run makes. */
  readonly marker: string
  /** What the script made on Nextcloud for this run. */
  readonly prepared: Prepared
  /** By the step's name. */
  readonly answers: ReadonlyMap<string, ToolAnswer>
}

/** One tool call. */
export interface Step<Prepared = unknown> {
  /** Unique in its script, kebab-case; a part of the finding's id. */
  readonly name: string
  /** `unknown` calls a tool that no server has. */
  readonly tool: ToolPurpose | 'unknown'
  /** `undefined` leaves the step out, as when an earlier step gave nothing to go on with. */
  readonly args: (seen: Seen<Prepared>) => Arguments | undefined
  /** The part of a result that is this run's own, where the tool lists more. Default: all of it. */
  readonly own?: (answer: ToolAnswer, seen: Seen<Prepared>) => unknown
}

/** The tool calls of one Nextcloud app, error cases too. They run in order, in both modes, as alice. */
export interface Script<Prepared = unknown> {
  /** Beginning of the findings' ids, e.g. `notes`. */
  readonly app: string
  readonly steps: readonly Step<Prepared>[]
  /**
   * Makes on Nextcloud what the steps need and no tool makes.
   *
   * @throws NotTestableError when Nextcloud does not let us; the script is then left out.
   */
  readonly prepare: (ctx: CheckContext, marker: string) => Promise<Prepared>
  /** Removes from Nextcloud what a run has left there. */
  readonly cleanUp: (ctx: CheckContext, seen: Seen<Prepared>) => Promise<void>
}

/** A script whose type of what it prepares nobody outside needs. */
export function defineScript<Prepared>(script: Script<Prepared>): Script {
  // Each run hands to the steps what `prepare` of the same script has made.
  return script as unknown as Script
}

/** Nothing to prepare. */
export function nothing(): Promise<undefined> {
  return Promise.resolve(undefined)
}

/** A member of an earlier result. */
export function memberOf(seen: Seen, step: string, member: string): unknown {
  const answer = seen.answers.get(step)
  return answer?.kind === 'result' ? answer.data[member] : undefined
}

/** Arguments that need a member of an earlier result; the step is left out when it is not there. */
export function withMember<Prepared>(
  step: string,
  member: string,
  args: (value: unknown, seen: Seen<Prepared>) => Arguments,
): Step<Prepared>['args'] {
  return (seen) => {
    const value = memberOf(seen, step, member)
    return value === undefined ? undefined : args(value, seen)
  }
}

import type { CallbackMutant } from '../oauth/callback-mutants.js'
import type { NextcloudMutant } from '../nextcloud/embedded/mutants.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import type { ServerMutant } from '../servers/mutants.js'
import type { CheckContext } from './context.js'
import type { ClauseRef } from './specs.js'

export const SUITES = [
  'discovery',
  'registration',
  'race',
  'authorization',
  'tokens',
  'resource-server',
  'basic-auth',
  'tools',
  'parity',
  'protocol',
  'resilience',
] as const
export type SuiteName = (typeof SUITES)[number]

export type RequirementLevel = 'MUST' | 'SHOULD' | 'MAY-when-offered' | 'INFO'

/**
 * What a cell judges: the server in one mode, both deployments side by side, or Nextcloud itself (reported
 * apart, it never lowers a server's result).
 */
export const CELL_MODES = ['nextcloud', 'basic', 'oauth', 'both'] as const
export type CellMode = (typeof CELL_MODES)[number]

/** What a check must be able to control; where it cannot, the verdict is `not-testable` with this reason. */
export type Need =
  /** A Nextcloud of its own whose clock, faults and request log it controls. */
  | 'twin'
  /** Changes to the configuration of the Nextcloud under test. */
  | 'nextcloud-admin'
  /** Starting the server under test again, with another environment. */
  | 'launch'
  /** The server under test as a process of this machine: its umask, its files, the addresses it listens on. */
  | 'process'

export type Mutant = NextcloudMutant | ServerMutant | CallbackMutant

/** A mutant that must turn this check red, and what else it may turn red or make untestable. */
export interface MutantLink {
  readonly id: Mutant
  /** Where the mutant is applied. Default: the default profile. `strict` for checks that are known deviations. */
  readonly profile?: ProfileName
  /** Other checks that this mutant truly breaks: `failed` or `warning` is expected there. */
  readonly alsoRed?: readonly string[]
  /** Checks that lose their prerequisite: `not-testable` is expected there. `*` = any other check may. */
  readonly alsoNotTestable?: readonly string[] | '*'
}

/** One requirement, one permanent id. Data plus one function. */
export interface Check {
  /** Dotted, kebab-case, permanent, e.g. `rs.prm.resource-identical`. */
  readonly id: string
  readonly suite: SuiteName
  /** What holds when the check passes, as a sentence without full stop. */
  readonly title: string
  readonly level: RequirementLevel
  /** First entry is the normative one. Only `project` entries make it a project rule. */
  readonly source: readonly [ClauseRef, ...ClauseRef[]]
  /** One cell is planned per mode listed. */
  readonly modes: readonly [CellMode, ...CellMode[]]
  readonly needs?: readonly Need[]
  readonly mutants: readonly [MutantLink, ...MutantLink[]]
  /** Names under which others know tests of this rule; each is a key of what the check records as observed. */
  readonly covers?: readonly string[]
  /** Upper bound for one cell, ms. Default 30 000. */
  readonly timeoutMs?: number
  run(ctx: CheckContext): Promise<Outcome>
}

/** One way in which a target broke the rule. `id` is stable: known deviations and baselines name it. */
export interface Finding {
  readonly id: string
  readonly message: string
  readonly expected?: unknown
  readonly observed?: unknown
  /** Lowers the check's level for this finding, e.g. the SHOULD half of a MUST rule. */
  readonly level?: 'SHOULD'
}

/** What a check found. Verdicts are computed from it in one place (`engine/verdict.ts`). */
export type Outcome =
  | {
      readonly kind: 'satisfied'
      readonly observed?: unknown
      /** Ids of findings that could not have been made here; their known deviations are not disproved. */
      readonly unjudged?: readonly string[]
    }
  | { readonly kind: 'violated'; readonly findings: readonly [Finding, ...Finding[]] }
  | { readonly kind: 'not-testable'; readonly reason: string }
  | { readonly kind: 'not-applicable'; readonly reason: string }

/** The rule holds; `observed` is shown as evidence. */
export function satisfied(observed?: unknown): Outcome {
  return observed === undefined ? { kind: 'satisfied' } : { kind: 'satisfied', observed }
}

/** The rule is broken in at least one way. */
export function violated(first: Finding, ...rest: readonly Finding[]): Outcome {
  return { kind: 'violated', findings: [first, ...rest] }
}

/** A prerequisite or a positive control broke, so neither holding nor breaking can be claimed. */
export function notTestable(reason: string): Outcome {
  return { kind: 'not-testable', reason }
}

/**
 * `violated` when there are findings, else `satisfied(observed)`.
 *
 * @param unjudged ids of findings that could not have been made, as what they need is not configured here.
 */
export function judge(
  findings: readonly Finding[],
  observed?: unknown,
  unjudged: readonly string[] = [],
): Outcome {
  const [first, ...rest] = findings
  if (first !== undefined) return violated(first, ...rest)
  return unjudged.length === 0 ? satisfied(observed) : { kind: 'satisfied', observed, unjudged }
}

/**
 * Thrown inside a check (by `ctx` or the check) when a prerequisite is missing; the engine turns it into
 * `not-testable`.
 */
export class NotTestableError extends Error {
  constructor(reason: string, options?: ErrorOptions) {
    super(reason, options)
    this.name = 'NotTestableError'
  }
}

/** Identity function that gives a check its type. */
export function defineCheck(check: Check): Check {
  return check
}

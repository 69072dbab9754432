/** Ids of checks of the catalogue; at least one. */
export type CheckIds = readonly [string, ...string[]]

/** What our checks make of a row of somebody else's list. */
export type Judgement =
  | { readonly state: 'covered'; readonly checks: CheckIds }
  /** `missing`: what of the row no check looks at, and why where there is a reason. */
  | { readonly state: 'in part'; readonly checks: CheckIds; readonly missing: string }
  | { readonly state: 'not covered'; readonly reason: string }

export const STATES = ['covered', 'in part', 'not covered'] as const satisfies readonly Judgement['state'][]

/** One thing to check, as others name it, and our checks of it. */
export interface CoverageRow {
  /** What is checked or demanded, in our words. */
  readonly what: string
  readonly judgement: Judgement
}

/** Everything in the row is looked at by these checks together. */
export function covered(...checks: CheckIds): Judgement {
  return { state: 'covered', checks }
}

/** These checks look at the row but for what is missing. */
export function inPart(missing: string, ...checks: CheckIds): Judgement {
  return { state: 'in part', checks, missing }
}

/** No check looks at the row, for this reason. */
export function notCovered(reason: string): Judgement {
  return { state: 'not covered', reason }
}

/** The checks that a row names; none where it is not covered. */
export function checksOf({ judgement }: CoverageRow): readonly string[] {
  return judgement.state === 'not covered' ? [] : judgement.checks
}

/** What a row leaves open: what is missing, or why there is no check. `undefined` where all is covered. */
export function remarkOf({ judgement }: CoverageRow): string | undefined {
  if (judgement.state === 'covered') return undefined
  return judgement.state === 'in part' ? judgement.missing : judgement.reason
}

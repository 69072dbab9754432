import type { Check, SuiteName } from '../../catalogue/check.js'
import type { Explanation, Explanations } from './explanation.js'
import { PARITY_EXPLANATIONS } from './parity.js'

/** Texts by suite. Of a suite that is listed here every check has one; the pages of the others lack them. */
export const EXPLANATIONS: Readonly<Partial<Record<SuiteName, Explanations>>> = {
  parity: PARITY_EXPLANATIONS,
}

/** The text about a check; `undefined` when its suite has none yet. */
export function explanationOf({ suite, id }: Pick<Check, 'suite' | 'id'>): Explanation | undefined {
  return EXPLANATIONS[suite]?.[id]
}

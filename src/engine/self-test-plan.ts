import type { Check, Mutant, MutantLink } from '../catalogue/check.js'
import { DEFAULT_PROFILE, type ProfileName } from '../nextcloud/embedded/profiles.js'
import type { ObservedCell } from './catalogue-verdicts.js'

/** A mutant with the check that it proves. */
export interface NamedMutant {
  readonly check: Check
  readonly link: MutantLink
}

export type ProfiledCell = ObservedCell & { readonly profile: ProfileName }

/** One cell with all mutants that it asks about and that nobody expects to change it. */
export interface TogetherJob {
  readonly cell: ProfiledCell
  readonly mutants: readonly Mutant[]
}

export interface SelfTestPlan {
  /** Cells that run under one mutant alone: those of its check, and those that it is listed to change. */
  readonly alone: readonly (NamedMutant & { readonly cells: readonly ProfiledCell[] })[]
  readonly together: readonly TogetherJob[]
}

export function profileOf(link: MutantLink): ProfileName {
  return link.profile ?? DEFAULT_PROFILE
}

/**
 * Divides the self-test: each mutant runs alone on the cells that it is to change; on the other cells that ask about it,
 * it runs together with all mutants that are not to change that cell either (docs/decisions/0021).
 *
 * @param baseline every cell without a mutant, per profile.
 * @param everyCell run every mutant alone on every cell instead.
 */
export function planSelfTest(
  named: readonly NamedMutant[],
  baseline: readonly ProfiledCell[],
  everyCell: boolean,
): SelfTestPlan {
  const alone = named.map(({ check, link }) => ({
    check,
    link,
    cells: baseline.filter(
      (cell) =>
        cell.profile === profileOf(link) &&
        (everyCell ||
          cell.check === check.id ||
          (cell.asked.includes(link.id) && isToChange(link, check, cell))),
    ),
  }))
  if (everyCell) return { alone, together: [] }
  const together = baseline.flatMap((cell): TogetherJob[] => {
    const asked = named.filter(({ link }) => profileOf(link) === cell.profile && cell.asked.includes(link.id))
    // A mutant may prove several checks, each with a list of its own.
    const changing = asked.filter(({ check, link }) => isToChange(link, check, cell))
    const withstood = asked.filter(({ link }) => !changing.some((other) => other.link.id === link.id))
    const mutants = [...new Set(withstood.map(({ link }) => link.id))]
    return mutants.length === 0 ? [] : [{ cell, mutants }]
  })
  return { alone, together }
}

/** Whether a mutant is expected to change a cell: of its own check, or of one that is listed. */
function isToChange(link: MutantLink, { id }: Check, { check }: ProfiledCell): boolean {
  return (
    check === id ||
    link.alsoRed?.includes(check) === true ||
    link.alsoNotTestable === '*' ||
    link.alsoNotTestable?.includes(check) === true
  )
}

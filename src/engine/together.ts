import type { Mutant } from '../catalogue/check.js'
import type { Verdict } from '../report/model.js'

/** What a cell was with some mutants on. */
export interface TogetherVerdict {
  readonly verdict: Verdict
  readonly message: string
  /** Mutants that were asked about on the way, on or not. */
  readonly asked: readonly string[]
}

export interface ChangedBy {
  readonly mutant: Mutant
  readonly verdict: Verdict
  readonly message: string
}

/**
 * Finds which of these mutants changes a cell's verdict by itself, with one run where none does. A run with the expected
 * verdict clears those mutants that were asked about in it; one that another kept from being asked about is run again
 * without the others. A run with another verdict is halved until single mutants are left.
 *
 * @param expected the verdict without any mutant.
 * @param run the cell with these mutants on.
 */
export async function changersAmong(
  mutants: readonly Mutant[],
  expected: Verdict,
  run: (mutants: readonly Mutant[]) => Promise<TogetherVerdict>,
): Promise<readonly ChangedBy[]> {
  const [first] = mutants
  if (first === undefined) return []
  const { verdict, message, asked } = await run(mutants)
  if (verdict === expected) {
    const unasked = mutants.filter((mutant) => !asked.includes(mutant))
    // Where nobody asked about any, this was a run without a mutant.
    return unasked.length === mutants.length ? [] : changersAmong(unasked, expected, run)
  }
  if (mutants.length === 1) return [{ mutant: first, verdict, message }]
  const middle = Math.ceil(mutants.length / 2)
  return [
    ...(await changersAmong(mutants.slice(0, middle), expected, run)),
    ...(await changersAmong(mutants.slice(middle), expected, run)),
  ]
}

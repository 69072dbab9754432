import { expect, it } from 'vitest'
import type { CellMode, Mutant } from '../../../src/catalogue/check.js'
import { CHECKS } from '../../../src/catalogue/index.js'
import type { SuiteName } from '../../../src/catalogue/check.js'
import type { Verdict } from '../../../src/report/model.js'
import type { Mode } from '../../../src/servers/server.js'
import { newFindings, withRun } from './handle.js'

/**
 * One test: every cell of a suite has the expected verdict on the reference servers and the default Nextcloud.
 *
 * @param verdicts by check id; the others must pass.
 */
export function itJudgesTheModelCitizen(
  suite: SuiteName,
  verdicts: Readonly<Record<string, Verdict>> = {},
  modes?: readonly Mode[],
): void {
  it('finds nothing new on the model citizen', { timeout: 180_000 }, async () => {
    await withRun(modes === undefined ? {} : { modes }, async ({ cell }) => {
      const cells = CHECKS.filter((check) => check.suite === suite).flatMap((check) =>
        check.modes.map((mode) => ({ id: check.id, mode })),
      )
      expect(cells.length).toBeGreaterThan(0)
      for (const { id, mode } of cells) {
        const result = await cell(id, mode)
        const verdict = { id, mode, verdict: result.verdict, message: result.message }
        expect(verdict).toMatchObject({ id, mode, verdict: verdicts[id] ?? 'passed' })
      }
    })
  })
}

/** One test per case: the check's own mutant turns it red with exactly these findings. */
export function itTurnsRed(
  cases: readonly (readonly [
    check: string,
    mode: CellMode,
    mutant: Mutant,
    findings: readonly [string, ...string[]],
  ])[],
  options: { readonly timeout?: number } = {},
): void {
  it.each(cases)('%s [%s] turns red under %s', options, async (id, mode, mutant, findings) => {
    const link = CHECKS.find((check) => check.id === id)?.mutants.find((known) => known.id === mutant)
    if (link === undefined) throw new Error(`${id} does not name ${mutant}`)
    const profile = link.profile === undefined ? {} : { profile: link.profile }
    await withRun({ mutants: [mutant], ...profile }, async ({ cell }) => {
      const result = await cell(id, mode)
      expect({ findings: newFindings(result), message: result.message }).toMatchObject({ findings })
      expect(['failed', 'warning']).toContain(result.verdict)
    })
  })
}

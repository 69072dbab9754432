import type { CellMode, Mutant } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import { inParallel } from './in-parallel.js'
import { planCells } from './plan.js'
import { DEFAULT_WINDOWS, prepareRun, type RunSettings } from './prepare.js'
import { runCell } from './run-cell.js'

/** Cells of one stack that run at the same time: they wait for clocks and for each other's HTTP. */
const CELLS_AT_ONCE = 6

/** Verdict of one cell, as the self-test compares it. */
export interface CellVerdict {
  readonly check: string
  readonly mode: CellMode
  readonly verdict: Verdict
  readonly message: string
}

/** The whole catalogue in both modes against the reference servers, with these mutants switched on. */
export async function catalogueVerdicts(
  mutants: readonly Mutant[],
  profile: ProfileName,
): Promise<readonly CellVerdict[]> {
  const settings: RunSettings = {
    nextcloud: 'embedded',
    profile,
    targets: { basic: { kind: 'reference' }, oauth: { kind: 'reference' } },
    suites: [],
    checks: [],
    userAgent: 'http',
    mutants,
    revision: '2025-11-25',
    // A mutant that outlives a window is red all the same, only later.
    windows: { ...DEFAULT_WINDOWS, clockSkewSeconds: 4, upstreamTimeoutMs: 12_000 },
  }
  await using run = await prepareRun(settings, { stage: () => undefined })
  const cells = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })
  return await inParallel(cells, CELLS_AT_ONCE, async (cell) => {
    const { result } = await runCell(cell, run.handle, run.redactor)
    return { check: result.check, mode: result.mode, verdict: result.verdict, message: result.message }
  })
}

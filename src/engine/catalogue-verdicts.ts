import type { CellMode, Mutant } from '../catalogue/check.js'
import { CHECKS } from '../catalogue/index.js'
import { onMutantAsked } from '../mutant-set.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import type { Verdict } from '../report/model.js'
import type { Mode } from '../servers/server.js'
import { inParallel } from './in-parallel.js'
import { planCells, type Cell } from './plan.js'
import { DEFAULT_WINDOWS, prepareRun, type PreparedRun, type RunSettings } from './prepare.js'
import { runCell } from './run-cell.js'

/** Cells of one stack that run at the same time: they wait for clocks and for each other's HTTP. */
const CELLS_AT_ONCE = 6

/** All cores are busy here; a cell that is only late must not look like one that a mutant broke. */
const TIMEOUT_FACTOR = 4

/** Names a cell in messages between processes. */
export interface CellKey {
  readonly check: string
  readonly mode: CellMode
}

/** Verdict of one cell, as the self-test compares it. */
export interface CellVerdict extends CellKey {
  readonly verdict: Verdict
  readonly message: string
}

/** Verdict of a cell, and what had a part in it. */
export interface ObservedCell extends CellVerdict {
  /** The mutants that code asked about on the way to this verdict, on or not: no other can change it. */
  readonly asked: readonly string[]
  readonly durationMs: number
}

/**
 * One cell with these mutants on, on a stack of its own: nothing that another cell left behind, such as a cached token,
 * hides which mutants it depends on. One call at a time in a process.
 */
export async function observedVerdict(
  key: CellKey,
  profile: ProfileName,
  mutants: readonly Mutant[],
): Promise<ObservedCell> {
  const [cell] = cellsOf([key])
  if (cell === undefined) throw new Error(`no cell ${key.check} [${key.mode}]`)
  const asked = { bySharedStack: new Set<string>(), byCell: new Set<string>() }
  const uses = { sharedStack: false }
  try {
    onMutantAsked((mutant) => asked.bySharedStack.add(mutant))
    await using run = await prepare(mutants, profile, [cell])
    onMutantAsked((mutant) => asked.byCell.add(mutant))
    const onSharedUse = (): void => {
      uses.sharedStack = true
    }
    const started = performance.now()
    const verdict = await verdictOf(cell, run, onSharedUse)
    return {
      ...verdict,
      asked: [...asked.byCell, ...(uses.sharedStack ? asked.bySharedStack : [])],
      durationMs: Math.round(performance.now() - started),
    }
  } finally {
    onMutantAsked(undefined)
  }
}

/** These cells against the reference servers, with these mutants switched on. */
export async function verdictsUnder(
  mutants: readonly Mutant[],
  profile: ProfileName,
  keys: readonly CellKey[],
): Promise<readonly CellVerdict[]> {
  const cells = cellsOf(keys)
  await using run = await prepare(mutants, profile, cells)
  return await inParallel(cells, CELLS_AT_ONCE, (cell) => verdictOf(cell, run))
}

/** A run with the servers that these cells need. */
function prepare(
  mutants: readonly Mutant[],
  profile: ProfileName,
  cells: readonly Cell[],
): Promise<PreparedRun> {
  const modes = new Set<CellMode>(cells.map(({ mode }) => mode))
  const wanted: Mode[] = [
    ...(modes.has('basic') || modes.has('both') ? (['basic'] as const) : []),
    ...(modes.has('oauth') || modes.has('both') || modes.has('nextcloud') ? (['oauth'] as const) : []),
  ]
  const settings: RunSettings = {
    nextcloud: 'embedded',
    profile,
    targets: Object.fromEntries(wanted.map((mode) => [mode, { kind: 'reference' as const }])),
    suites: [],
    checks: [],
    userAgent: 'http',
    tokenFormat: 'any',
    mutants,
    revision: '2025-11-25',
    // A mutant that outlives a window is red all the same, only later.
    windows: { ...DEFAULT_WINDOWS, clockSkewSeconds: 4, revocationSeconds: 8, upstreamTimeoutMs: 12_000 },
  }
  return prepareRun(settings, { stage: () => undefined })
}

async function verdictOf(cell: Cell, run: PreparedRun, onSharedUse?: () => void): Promise<CellVerdict> {
  const { result } = await runCell(cell, run.handle, run.redactor, {
    ...(onSharedUse === undefined ? {} : { onSharedUse }),
    timeoutFactor: TIMEOUT_FACTOR,
  })
  return { check: result.check, mode: result.mode, verdict: result.verdict, message: result.message }
}

function cellsOf(keys: readonly CellKey[]): readonly Cell[] {
  const cells = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })
  return cells.filter(({ check, mode }) => keys.some((key) => key.check === check.id && key.mode === mode))
}

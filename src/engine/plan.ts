import type { CellMode, Check, SuiteName } from '../catalogue/check.js'
import type { Mode } from '../servers/server.js'

/** One check in one mode: the unit that is run, reported and judged. */
export interface Cell {
  readonly check: Check
  readonly mode: CellMode
}

export interface Selection {
  /** Modes whose server is part of the run. */
  readonly modes: readonly Mode[]
  /** Empty = all. */
  readonly suites: readonly SuiteName[]
  /** Check ids; empty = all. */
  readonly checks: readonly string[]
}

/**
 * Which cells a run has, in catalogue order. Cells on Nextcloud belong to runs with the oauth mode; cells that
 * compare both deployments need both.
 */
export function planCells(catalogue: readonly Check[], selection: Selection): readonly Cell[] {
  const wanted = new Set<CellMode>(selection.modes)
  if (wanted.has('oauth')) wanted.add('nextcloud')
  if (wanted.has('oauth') && wanted.has('basic')) wanted.add('both')
  return catalogue
    .filter((check) => selection.suites.length === 0 || selection.suites.includes(check.suite))
    .filter((check) => selection.checks.length === 0 || selection.checks.includes(check.id))
    .flatMap((check) => check.modes.filter((mode) => wanted.has(mode)).map((mode) => ({ check, mode })))
}

/** Title of a cell's Playwright test. */
export function cellTitle(cell: Cell): string {
  return `${cell.check.id} [${cell.mode}]`
}

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

/** A part of a plan that one process or machine runs; `index` counts from 1. */
export interface Shard {
  readonly index: number
  readonly total: number
}

/**
 * The items of a plan that fall to one shard: by turns, because neighbours of the catalogue take alike long. The
 * shards of one total are disjoint and are the plan together; without a shard, the plan as it is.
 */
export function shardOf<T>(plan: readonly T[], shard: Shard | undefined): readonly T[] {
  return shard === undefined ? plan : plan.filter((_, at) => at % shard.total === shard.index - 1)
}

/** How many items of a plan of this length {@link shardOf} gives a shard. */
export function shardSize(planLength: number, { index, total }: Shard): number {
  return Math.max(0, Math.ceil((planLength - (index - 1)) / total))
}

/** Where in the whole plan an item of a shard stands: the inverse of {@link shardOf}. */
export function placeInPlan({ index, total }: Shard, placeInShard: number): number {
  return placeInShard * total + index - 1
}

/** Title of a cell's Playwright test. */
export function cellTitle(cell: Cell): string {
  return `${cell.check.id} [${cell.mode}]`
}

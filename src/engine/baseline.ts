import type { Baseline, BaselineRow } from '../baseline-schema.js'
import type { CellMode, Check } from '../catalogue/check.js'
import { nearestName } from '../config/names.js'
import type { BaselineState, JudgedRow, Result, RunReport } from '../report/model.js'

/** A baseline with the name of its file, as the user gave it. */
export interface NamedBaseline {
  readonly file: string
  readonly rows: Baseline['rows']
}

type Judged = Pick<RunReport, 'startedAt' | 'nextcloud' | 'targets'> & { readonly results: readonly Result[] }

/**
 * Sets the findings of a run against what its owner accepts. A result with an accepted verdict is marked `baselined`
 * and does not count for the exit code; an `error` never is. What becomes of each row:
 *
 * - `accepted`: its cell has its verdict;
 * - `expired`: so it has, but the last day of the row is over: the finding counts again;
 * - `other-verdict`: the cell has another verdict that is not green: it counts;
 * - `stale`: the cell is green now (a known deviation of Nextcloud included), or there is no such cell;
 * - `other-version`: the row is about another version, or the version is not known;
 * - `not-run`: the cell is not part of this run, or does not apply.
 *
 * The day is that of `startedAt` (UTC), so that the same report gives the same states whenever it is looked at.
 *
 * @param catalogue tells which cells there are at all.
 */
export function applyBaseline<T extends Judged>(
  report: T,
  baseline: NamedBaseline | undefined,
  catalogue: readonly Check[],
): Omit<T, 'results'> & { results: Result[]; baseline?: NonNullable<RunReport['baseline']> } {
  const results = report.results.map(({ baselined: _, ...result }): Result => result)
  if (baseline === undefined) return { ...report, results }
  const day = report.startedAt.slice(0, 10)
  const rows = baseline.rows.map((row): JudgedRow => {
    const result = results.find(({ check, mode }) => check === row.check && mode === row.mode)
    const problem = unknownCell(row, catalogue)
    const state = stateOf(row, result, {
      day,
      exists: problem === undefined,
      versions: versionsOf(row, report),
    })
    return {
      ...row,
      state,
      ...(result === undefined ? {} : { observed: result.verdict }),
      ...(problem === undefined ? {} : { problem }),
    }
  })
  const accepted = rows.filter(({ state }) => state === 'accepted')
  return {
    ...report,
    results: results.map((result) =>
      accepted.some(({ check, mode }) => check === result.check && mode === result.mode)
        ? { ...result, baselined: true }
        : result,
    ),
    baseline: { file: baseline.file, rows },
  }
}

/**
 * A result as the progress of a run shows it: accepted when a row for every version accepts it on this day. What rows
 * for one version accept is known only at the end.
 */
export function markedEarly(result: Result, baseline: NamedBaseline | undefined, day: string): Result {
  const accepts = baseline?.rows.some(
    (row) =>
      row.check === result.check &&
      row.mode === result.mode &&
      row.version === undefined &&
      stateOf(row, result, { day, exists: true, versions: [] }) === 'accepted',
  )
  return accepts === true ? { ...result, baselined: true } : result
}

interface Facts {
  readonly day: string
  readonly exists: boolean
  /** Of what the cell judges; `undefined` where it is not known. */
  readonly versions: readonly (string | undefined)[]
}

function stateOf(row: BaselineRow, result: Result | undefined, facts: Facts): BaselineState {
  if (!facts.exists) return 'stale'
  if (result === undefined || result.verdict === 'not-applicable' || result.outOfReach === true)
    return 'not-run'
  const { version } = row
  if (version !== undefined && !facts.versions.every((seen) => isOfVersion(seen, version)))
    return 'other-version'
  if (result.verdict === 'passed' || result.verdict === 'known-deviation') return 'stale'
  if (result.verdict !== row.verdict) return 'other-verdict'
  return row.expires !== undefined && row.expires < facts.day ? 'expired' : 'accepted'
}

/** Whether a version is `wanted` or begins with it, part by part: 1.4 is 1.4.2 and not 1.41. */
function isOfVersion(seen: string | undefined, wanted: string): boolean {
  return seen !== undefined && (seen === wanted || /^[.+-]/.test(afterStart(seen, wanted)))
}

function afterStart(text: string, start: string): string {
  return text.startsWith(start) ? text.slice(start.length) : ''
}

function versionsOf({ mode }: BaselineRow, { nextcloud, targets }: Judged): readonly (string | undefined)[] {
  if (mode === 'nextcloud') return [nextcloud.version]
  const modes: readonly CellMode[] = mode === 'both' ? ['basic', 'oauth'] : [mode]
  return modes.map((wanted) => targets.find((target) => target.mode === wanted)?.serverInfo?.version)
}

/** What is wrong with the cell that a row names; `undefined` when it exists. */
function unknownCell({ check, mode }: BaselineRow, catalogue: readonly Check[]): string | undefined {
  const found = catalogue.find(({ id }) => id === check)
  if (found === undefined) {
    const nearest = nearestName(
      check,
      catalogue.map(({ id }) => id),
    )
    return `there is no such check${nearest === undefined ? '' : `; did you mean ${nearest}?`}`
  }
  return found.modes.includes(mode)
    ? undefined
    : `this check has no mode ${mode}, only ${found.modes.join(', ')}`
}

import { isUnexpected, type RunReport } from '../report/model.js'

export type ExitCode = 0 | 1 | 2 | 3

/**
 * The exit code of a run, the same for every command: 0 conforms; 1 an unexpected failed, warning or
 * not-testable, a stale known deviation, a stale row of the baseline, or no cell that could be judged; 3 an error of ours, or nothing ran. A shard to
 * which no cell fell has done all it had to do: 0. What a target given this way cannot show does not count
 * (docs/decisions/0024). Rows of a baseline are judged by the merge of all shards.
 */
export function exitCodeOf(
  report: Pick<RunReport, 'results' | 'staleDeviations' | 'shard' | 'baseline'>,
): ExitCode {
  if (report.results.length === 0 && report.shard !== undefined) return 0
  if (report.results.length === 0 || report.results.some(({ verdict }) => verdict === 'error')) return 3
  const isStale =
    report.shard === undefined && report.baseline?.rows.some(({ state }) => state === 'stale') === true
  return isStale ||
    report.staleDeviations.length > 0 ||
    report.results.some(isUnexpected) ||
    // Nothing was judged: what is out of reach says nothing for the server.
    report.results.every(({ outOfReach, verdict }) => outOfReach === true || verdict === 'not-applicable')
    ? 1
    : 0
}

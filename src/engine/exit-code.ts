import type { RunReport } from '../report/model.js'

export type ExitCode = 0 | 1 | 2 | 3

/**
 * The exit code of a run, the same for every command: 0 conforms; 1 an unexpected failed, warning or
 * not-testable, or a stale known deviation; 3 an error of ours, or nothing ran. A shard to which no cell fell has
 * done all it had to do: 0.
 */
export function exitCodeOf(report: Pick<RunReport, 'results' | 'staleDeviations' | 'shard'>): ExitCode {
  const open = report.results.filter((result) => result.baselined !== true)
  if (report.results.length === 0 && report.shard !== undefined) return 0
  if (report.results.length === 0 || open.some(({ verdict }) => verdict === 'error')) return 3
  const unexpected = new Set(['failed', 'warning', 'not-testable'])
  return open.some(({ verdict }) => unexpected.has(verdict)) || report.staleDeviations.length > 0 ? 1 : 0
}

import type { JudgedRow, Result, RunReport } from './model.js'
import { countOf } from './text.js'

/** A row of the baseline that its owner must look at. */
export interface BaselineNotice {
  /** `stale` makes the exit code 1; `expired` lets its finding count; the others only tell. */
  readonly kind: 'stale' | 'expired' | 'other-verdict' | 'expires-soon'
  readonly row: JudgedRow
  /** What is to be done, without the name of the cell. */
  readonly text: string
}

const SOON_DAYS = 14
const DAY_MS = 86_400_000

/** The row that accepts a result's verdict; `undefined` for a result that counts. */
export function acceptingRow(
  report: RunReport,
  result: Pick<Result, 'check' | 'mode'>,
): JudgedRow | undefined {
  return report.baseline?.rows.find(
    ({ check, mode, state }) => state === 'accepted' && check === result.check && mode === result.mode,
  )
}

/** Why a result is accepted, e.g. `fixed in the next release, until 2027-03-31`; `undefined` when it counts. */
export function acceptance(report: RunReport, result: Result): string | undefined {
  if (result.baselined !== true) return undefined
  const row = acceptingRow(report, result)
  return row && `${row.reason}${row.expires === undefined ? '' : `, until ${row.expires}`}`
}

/** How many results are accepted. */
export function acceptedCount(report: Pick<RunReport, 'results'>): number {
  return report.results.filter(({ baselined }) => baselined === true).length
}

/** What is to be said of the baseline, the worst first, then in the order of its file. */
export function baselineNotices(report: RunReport): readonly BaselineNotice[] {
  const { baseline } = report
  if (baseline === undefined) return []
  const notices = baseline.rows.flatMap((row): BaselineNotice[] => {
    const text = noticeOf(row, report)
    return text === undefined ? [] : [{ row, ...text }]
  })
  const order: readonly BaselineNotice['kind'][] = ['stale', 'expired', 'other-verdict', 'expires-soon']
  return notices.toSorted((a, b) => order.indexOf(a.kind) - order.indexOf(b.kind))
}

function noticeOf(row: JudgedRow, report: RunReport): Pick<BaselineNotice, 'kind' | 'text'> | undefined {
  switch (row.state) {
    case 'stale':
      return {
        kind: 'stale',
        text: `${row.problem ?? `it is ${row.observed === 'passed' ? 'passed' : 'a known deviation of Nextcloud'} now`}; remove the row from ${report.baseline?.file ?? 'the baseline'}${report.shard === undefined ? '' : ' (the merge of all shards decides)'}`,
      }
    case 'expired':
      return {
        kind: 'expired',
        text: `was accepted until ${row.expires ?? ''} (${row.reason}) and counts again; repair it, or decide anew`,
      }
    case 'other-verdict':
      return {
        kind: 'other-verdict',
        text: `${row.verdict} is accepted (${row.reason}), but it is ${row.observed ?? 'another verdict'}: not accepted`,
      }
    case 'accepted': {
      const days = daysUntil(row.expires, report.startedAt)
      return days === undefined || days > SOON_DAYS
        ? undefined
        : { kind: 'expires-soon', text: `is accepted for ${countOf(days, 'more day')} only (${row.reason})` }
    }
    case 'other-version':
    case 'not-run':
      return undefined
  }
}

/** Whole days that are left after the day of the run. */
function daysUntil(expires: string | undefined, startedAt: string): number | undefined {
  if (expires === undefined) return undefined
  return Math.round((Date.parse(expires) - Date.parse(startedAt.slice(0, 10))) / DAY_MS)
}

import { REASON_PLACEHOLDER, BASELINE_VERDICTS, type BaselineRow } from '../baseline-schema.js'
import type { Check } from '../catalogue/check.js'
import type { RunReport, Verdict } from '../report/model.js'
import { applyBaseline } from './baseline.js'

/** What became of the rows of a baseline. */
export interface BaselineUpdate {
  /** All rows of the new file. */
  readonly rows: readonly BaselineRow[]
  readonly kept: readonly BaselineRow[]
  readonly added: readonly BaselineRow[]
  /** Another verdict than before. */
  readonly changed: readonly { readonly before: BaselineRow; readonly after: BaselineRow }[]
  readonly dropped: readonly BaselineRow[]
}

/**
 * The baseline that accepts what a report found: rows that the run confirms stay with reason and expiry, rows of cells
 * that did not run (or were another version's) stay untouched, stale rows go, and every other finding gets a row. An
 * `error` gets none. A row whose last day is over stays as it is: only its owner can give it another one.
 *
 * @param rows of the present file, in its order; new rows follow in the order of the report.
 * @param given reason and last day of new rows; the reason is also that of rows whose verdict changed, because theirs
 * was about another finding. Default of the reason: a placeholder that `run` refuses.
 */
export function updateBaseline(
  rows: readonly BaselineRow[],
  report: RunReport,
  catalogue: readonly Check[],
  given: { readonly reason?: string; readonly expires?: string } = {},
): BaselineUpdate {
  const { reason = REASON_PLACEHOLDER, expires } = given
  const judged = applyBaseline(report, { file: '', rows: [...rows] }, catalogue)
  const states = (judged.baseline?.rows ?? []).map(({ state }) => state)
  const accepted = new Set<string>()
  const outcome: {
    kept: BaselineRow[]
    dropped: BaselineRow[]
    changed: { before: BaselineRow; after: BaselineRow }[]
  } = {
    kept: [],
    dropped: [],
    changed: [],
  }
  const next = rows.flatMap((row, at): BaselineRow[] => {
    const verdict = report.results.find(
      ({ check, mode }) => check === row.check && mode === row.mode,
    )?.verdict
    switch (states[at]) {
      case 'stale':
        outcome.dropped.push(row)
        return []
      case 'other-verdict': {
        if (!isAcceptable(verdict)) break
        const after = { ...row, verdict, reason }
        accepted.add(keyOf(row))
        outcome.changed.push({ before: row, after })
        return [after]
      }
      case 'accepted':
      case 'expired':
        accepted.add(keyOf(row))
        break
      default:
    }
    outcome.kept.push(row)
    return [row]
  })
  const added = report.results.flatMap(({ check, mode, verdict, outOfReach }): BaselineRow[] =>
    isAcceptable(verdict) && outOfReach !== true && !accepted.has(keyOf({ check, mode }))
      ? [{ check, mode, verdict, reason, ...(expires === undefined ? {} : { expires }) }]
      : [],
  )
  return { rows: [...next, ...added], ...outcome, added }
}

function isAcceptable(verdict: Verdict | undefined): verdict is BaselineRow['verdict'] {
  return BASELINE_VERDICTS.some((acceptable) => acceptable === verdict)
}

function keyOf({ check, mode }: Pick<BaselineRow, 'check' | 'mode'>): string {
  return `${check} [${mode}]`
}

import { createHash } from 'node:crypto'
import { acceptance, baselineNotices } from './baseline-text.js'
import type { Result, RunReport } from './model.js'
import { publicText } from './public-text.js'

const MAX_MESSAGE = 1_000

/** What other systems are told of: a cell that is not green, or a row of the baseline that is stale. */
export interface OpenFinding {
  readonly kind: 'failed' | 'warning' | 'not-testable' | 'error' | 'stale'
  readonly check: string
  readonly mode: string
  /** One line, without secrets, at most 1,000 characters. */
  readonly message: string
  /** The same for the same cell in every run: 64 hex digits. */
  readonly fingerprint: string
  /** The cell; absent for a row of the baseline. */
  readonly result?: Result
  /** Why the baseline accepts it. */
  readonly accepted?: string
}

/** The findings of a report, in its order, then the stale rows in theirs. Shards tell of no stale rows: the merge does. */
export function openFindings(report: RunReport): readonly OpenFinding[] {
  const cells = report.results.flatMap((result): OpenFinding[] => {
    const { check, mode, verdict, outOfReach } = result
    if (verdict === 'passed' || verdict === 'not-applicable' || verdict === 'known-deviation') return []
    // It says how the server was given, not how it behaves (docs/decisions/0024).
    if (outOfReach === true) return []
    const accepted = acceptance(report, result)
    return [
      {
        kind: verdict,
        check,
        mode,
        message: publicText(result.message, MAX_MESSAGE),
        fingerprint: fingerprintOf('cell', check, mode),
        result,
        ...(accepted === undefined ? {} : { accepted: publicText(accepted, MAX_MESSAGE) }),
      },
    ]
  })
  if (report.shard !== undefined) return cells
  const rows = baselineNotices(report)
    .filter(({ kind }) => kind === 'stale')
    .map(({ row, text }): OpenFinding => ({
      kind: 'stale',
      check: publicText(row.check, 200),
      mode: row.mode,
      message: publicText(`the row of the baseline is stale: ${text}`, MAX_MESSAGE),
      fingerprint: fingerprintOf('stale', row.check, row.mode, row.version ?? ''),
    }))
  return [...cells, ...rows]
}

function fingerprintOf(...parts: readonly string[]): string {
  return createHash('sha256')
    .update(['nc-mcp-conformance', ...parts].join('\0'))
    .digest('hex')
}

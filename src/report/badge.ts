import { acceptedCount } from './baseline-text.js'
import { isUnexpected, type RunReport } from './model.js'
import { conclusionOf } from './text.js'

/**
 * `badge.json`: what a shields.io endpoint badge is made of. Its texts are ours alone.
 *
 * @see https://shields.io/badges/endpoint-badge
 */
export function renderBadge(report: RunReport): string {
  return `${JSON.stringify({ schemaVersion: 1, label: 'Nextcloud MCP', ...faceOf(report) }, null, 2)}\n`
}

function faceOf(report: RunReport): { message: string; color: string; isError?: true } {
  const { tone } = conclusionOf(report)
  if (report.exitCode > 1) return { message: 'no verdict', color: 'lightgrey', isError: true }
  if (tone === 'good') return { message: 'conforms', color: 'brightgreen' }
  const accepted = acceptedCount(report)
  if (tone === 'partial') return { message: partialMessage(report, accepted), color: 'yellowgreen' }
  const count = (verdict: 'failed' | 'warning' | 'not-testable'): number =>
    report.results.filter((result) => result.verdict === verdict && isUnexpected(result)).length
  const judged = report.results.some(
    ({ verdict, outOfReach }) => verdict !== 'not-applicable' && outOfReach !== true,
  )
  if (!judged) return { message: 'nothing judged', color: 'lightgrey' }
  const parts = [
    [count('failed'), 'failed'],
    [count('warning'), 'warnings'],
    [count('not-testable'), 'not testable'],
  ] as const
  const message = parts
    .filter(([number]) => number > 0)
    .map(([number, what]) => `${number} ${number === 1 && what === 'warnings' ? 'warning' : what}`)
    .join(', ')
  return {
    message: message === '' ? 'expectations are stale' : message,
    color: count('failed') > 0 ? 'red' : 'orange',
  }
}

/** Nothing is red, but not everything was seen or green. */
function partialMessage({ merged, results }: RunReport, accepted: number): string {
  if (results.length === 0 || (merged !== undefined && merged.missing.length > 0)) return 'incomplete'
  return accepted > 0 ? `conforms, ${accepted} accepted` : 'conforms in reach'
}

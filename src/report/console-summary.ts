import type { Colors } from 'picocolors/types.js'
import { acceptance, baselineNotices } from './baseline-text.js'
import { colorOf } from './live-suites.js'
import { VERDICTS, type Result, type RunReport } from './model.js'
import {
  conclusionOf,
  countOf,
  durationText,
  oneLine,
  outOfReachReasons,
  partText,
  VERDICT_LABELS,
} from './text.js'

export interface ReportLocation {
  /** As the user named it. */
  readonly folder: string
  /** File names in it, the one for people first. */
  readonly files: readonly string[]
}

const SLOWEST = 10

/** The end of a run: what is not green with its message, counts, the slowest checks, where the reports are. */
export function renderSummary(report: RunReport, location: ReportLocation, colors: Colors): string {
  const blocks = [
    ...unexpectedLines(report, colors),
    deviationLines(report, colors),
    outOfReachLines(report),
    staleLines(report, colors),
    baselineLines(report, colors),
    slowestLines(report, colors),
    [countsLine(report, colors), headline(report, colors)].filter((line) => line !== ''),
    [colors.dim(`reports: ${location.folder}/ ${location.files.join(', ')}`)],
  ]
  return `\n${blocks
    .filter((lines) => lines.length > 0)
    .map((lines) => lines.join('\n'))
    .join('\n\n')}\n`
}

function unexpectedLines(report: RunReport, colors: Colors): readonly (readonly string[])[] {
  const quiet = new Set<Result['verdict']>(['passed', 'known-deviation'])
  return VERDICTS.filter((verdict) => !quiet.has(verdict)).map((verdict) =>
    report.results
      .filter((result) => result.verdict === verdict && result.outOfReach !== true)
      .flatMap((result) => [
        `${marked(result, colors)} ${colors.bold(result.check)} [${result.mode}]${result.baselined === true ? ' (baselined)' : ''}`,
        `    ${oneLine(result.message)}`,
        ...(result.baselined === true ? [`    accepted: ${oneLine(acceptance(report, result) ?? '')}`] : []),
      ]),
  )
}

function deviationLines(report: RunReport, colors: Colors): readonly string[] {
  const results = report.results.filter(({ verdict }) => verdict === 'known-deviation')
  if (results.length === 0) return []
  return [
    `Known deviations of this Nextcloud (${report.nextcloud.profile ?? report.nextcloud.version}), no fault of the server:`,
    ...results.map(
      (result) => `  ${marked(result, colors)} ${result.check} [${result.mode}]: ${oneLine(result.message)}`,
    ),
  ]
}

/** One line per reason: an attached server leaves dozens of checks out of reach. */
function outOfReachLines(report: RunReport): readonly string[] {
  const reasons = outOfReachReasons(report)
  const cells = [...reasons.values()].reduce((sum, count) => sum + count, 0)
  if (cells === 0) return []
  return [
    `Out of reach in this set-up, ${countOf(cells, 'cell')}:`,
    ...[...reasons].map(([reason, count]) => `  ? ${countOf(count, 'cell')}: ${oneLine(reason)}`),
  ]
}

function staleLines(report: RunReport, colors: Colors): readonly string[] {
  return report.staleDeviations.map(({ check, finding, profile }) =>
    colors.yellow(`! stale: ${check} no longer shows the known deviation ${finding} of ${profile}`),
  )
}

function baselineLines(report: RunReport, colors: Colors): readonly string[] {
  const notices = baselineNotices(report)
  if (notices.length === 0) return []
  return [
    `Baseline ${oneLine(report.baseline?.file ?? '')}:`,
    ...notices.map(({ kind, row, text }) =>
      (kind === 'stale' ? colors.red : colors.yellow)(
        `! ${kind.replace('-', ' ')}: ${oneLine(`${row.check} [${row.mode}] ${text}`)}`,
      ),
    ),
  ]
}

function slowestLines(report: RunReport, colors: Colors): readonly string[] {
  const slowest = report.results.toSorted((a, b) => b.durationMs - a.durationMs).slice(0, SLOWEST)
  const texts = slowest.map(
    ({ check, mode, durationMs }) => `  ${durationText(durationMs).padStart(8)}  ${check} [${mode}]`,
  )
  return texts.length === 0 ? [] : [colors.dim('slowest checks:'), ...texts.map((text) => colors.dim(text))]
}

function countsLine(report: RunReport, colors: Colors): string {
  return VERDICTS.toReversed()
    .filter((verdict) => report.summary[verdict] > 0)
    .map((verdict) =>
      colorOf(
        verdict,
        colors,
      )(`${VERDICT_LABELS[verdict].symbol} ${report.summary[verdict]} ${VERDICT_LABELS[verdict].label}`),
    )
    .join('  ')
}

function headline(report: RunReport, colors: Colors): string {
  const { tone, text } = conclusionOf(report)
  const color = { good: colors.green, partial: colors.yellow, bad: colors.red }[tone]
  const part = partText(report)
  const which = part === undefined || text.includes(part) ? '' : ` (${part})`
  return `${colors.bold(color(text.toLowerCase()))}${which}, ${countOf(report.results.length, 'cell')} in ${durationText(report.durationMs)}`
}

function marked({ verdict }: Result, colors: Colors): string {
  const { symbol, label } = VERDICT_LABELS[verdict]
  return colorOf(verdict, colors)(`${symbol} ${label}`)
}

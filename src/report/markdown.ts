import { acceptance, baselineNotices } from './baseline-text.js'
import { VERDICTS, type Result, type RunReport, type Verdict } from './model.js'
import { code, escaped, named, table } from './markdown-text.js'
import { conclusionOf, countOf, durationText, nextcloudText, outOfReachReasons, partText } from './text.js'

const LISTED: readonly Verdict[] = ['error', 'failed', 'not-testable', 'warning']

/** `summary.md`: what a pull request or a job summary shows. Texts of targets stay texts. */
export function renderMarkdown(report: RunReport): string {
  const listed = LISTED.flatMap((verdict) => report.results.filter((result) => result.verdict === verdict))
  const findings = listed.filter(({ baselined, outOfReach }) => baselined !== true && outOfReach !== true)
  const accepted = listed.filter(({ baselined }) => baselined === true)
  const deviations = report.results.filter(({ verdict }) => verdict === 'known-deviation')
  return [
    '# MCP conformance',
    `**${conclusionOf(report).text}.** ${countOf(report.results.length, 'cell')} in ${durationText(report.durationMs)}.`,
    table(
      ['verdict', 'cells'],
      VERDICTS.filter((verdict) => report.summary[verdict] > 0).map((verdict) => [
        named(verdict),
        String(report.summary[verdict]),
      ]),
    ),
    table(['', ''], facts(report)),
    ...section('Findings', findings, findingRow, ['verdict', 'check', 'mode', 'what was found', 'clause']),
    ...section(
      'Baseline: to be looked at',
      baselineNotices(report),
      ({ kind, row, text }) => [`**${kind.replace('-', ' ')}**`, code(row.check), row.mode, escaped(text)],
      ['', 'check', 'mode', 'what to do'],
    ),
    ...section(
      'Accepted by the baseline',
      accepted,
      (result) => [...findingRow(result).slice(0, 4), escaped(acceptance(report, result) ?? '')],
      ['verdict', 'check', 'mode', 'what was found', 'why it is accepted'],
    ),
    ...section('Known deviations of Nextcloud', deviations, deviationRow, ['check', 'mode', 'what it means']),
    ...section(
      'Out of reach in this set-up',
      [...outOfReachReasons(report)],
      ([reason, count]) => [String(count), escaped(reason)],
      ['cells', 'why'],
    ),
    ...section(
      'Known deviations that no longer happen',
      report.staleDeviations,
      ({ check, finding, profile }) => [code(check), code(finding), code(profile)],
      ['check', 'finding', 'profile'],
    ),
    ...section(
      'Where the tokens came from',
      report.tokens,
      (token) => [
        escaped(token.user),
        token.format,
        code(token.fingerprint),
        token.mintedBy === 'browser' ? escaped(report.userAgent.version) : 'form posts',
        durationText(token.durationMs),
      ],
      ['user', 'format', 'fingerprint', 'logged in with', 'time'],
    ),
  ]
    .join('\n\n')
    .concat('\n')
}

function facts(report: RunReport): readonly (readonly string[])[] {
  const part = partText(report)
  return [
    ['Nextcloud', escaped(`${nextcloudText(report.nextcloud)}, ${report.nextcloud.url}`)],
    ...report.targets.map((target) => [
      `server (${target.mode})`,
      escaped(
        `${target.serverInfo === undefined ? target.kind : `${target.serverInfo.name} ${target.serverInfo.version} (${target.kind})`}, ${target.url}`,
      ),
    ]),
    ['user agent', escaped(report.userAgent.version)],
    ...(report.mutants.length === 0 ? [] : [['mutants', report.mutants.map(code).join(' ')]]),
    ['started', report.startedAt],
    ...(part === undefined ? [] : [['part of a run', part]]),
  ]
}

function findingRow(result: Result): readonly string[] {
  return [
    named(result.verdict),
    code(result.check),
    result.mode,
    escaped(result.message),
    result.source.map(({ label, url }) => `[${escaped(label)}](<${url}>)`).join(', '),
  ]
}

function deviationRow(result: Result): readonly string[] {
  const meanings = result.findings.flatMap(({ knownDeviation }) => knownDeviation ?? [])
  return [code(result.check), result.mode, escaped(meanings.join(' ') || result.message)]
}

function section<T>(
  title: string,
  items: readonly T[],
  toRow: (item: T) => readonly string[],
  header: readonly string[],
): readonly string[] {
  return items.length === 0 ? [] : [`## ${title}`, table(header, items.map(toRow))]
}

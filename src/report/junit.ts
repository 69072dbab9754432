import junit, { type Builder, type TestCase } from 'junit-report-builder'
import { acceptance, baselineNotices } from './baseline-text.js'
import type { Result, RunReport } from './model.js'
import { oneLine, valueText, withoutControls } from './text.js'

// The package's types describe an ES module, but what is loaded is CommonJS: its export is the builder itself.
const JUNIT = junit as unknown as Builder

/** `junit.xml`: one test suite per suite, one test case per cell; for CI systems. */
export function renderJunit(report: RunReport): string {
  const builder = JUNIT.newBuilder().name('nc-mcp-conformance')
  for (const suite of new Set(report.results.map((result) => result.suite))) {
    const results = report.results.filter((result) => result.suite === suite)
    const node = builder
      .testSuite()
      .name(suite)
      .timestamp(new Date(report.startedAt))
      .time(secondsOf(results.reduce((sum, { durationMs }) => sum + durationMs, 0)))
    for (const result of results) addCase(node.testCase(), result, acceptance(report, result))
  }
  addBaseline(builder, report)
  return builder.build()
}

/** Rows that make the exit code 1 though no cell is red: a pipeline that only reads this file must see them. */
function addBaseline(builder: Builder, report: RunReport): void {
  const stale =
    report.shard === undefined ? baselineNotices(report).filter(({ kind }) => kind === 'stale') : []
  if (stale.length === 0) return
  const node = builder.testSuite().name('baseline').timestamp(new Date(report.startedAt))
  for (const { row, text } of stale) {
    node
      .testCase()
      .className(`baseline.${row.mode}`)
      .name(oneLine(`${row.check} [${row.mode}]`))
      .failure(oneLine(text), 'stale')
  }
}

/** @param accepted why the baseline accepts the verdict. */
function addCase(node: TestCase, result: Result, accepted: string | undefined): void {
  node
    .className(`${result.suite}.${result.mode}`)
    .name(`${result.check} [${result.mode}]`)
    .time(secondsOf(result.durationMs))
    .property('verdict', result.verdict)
    .property('level', result.level)
    .property('source', result.source.map(({ label }) => label).join('; '))
  const message = oneLine(result.message)
  if (accepted !== undefined) {
    node
      .skipped()
      .standardOutput(
        oneLine(`${result.verdict}, accepted: ${accepted}: ${message}`) + `\n${details(result)}`,
      )
    return
  }
  if (result.outOfReach === true) {
    node.skipped().standardOutput(`out of reach: ${message}`)
    return
  }
  switch (result.verdict) {
    case 'failed':
    case 'warning':
      node.failure(message, result.verdict).stacktrace(details(result))
      break
    case 'error':
    case 'not-testable':
      node.error(message, result.verdict, details(result))
      break
    case 'known-deviation':
    case 'not-applicable':
      // The format has no place for a reason but the output.
      node.skipped().standardOutput(`${result.verdict}: ${message}\n${details(result)}`)
      break
    case 'passed':
  }
}

function details(result: Result): string {
  const findings = result.findings.map((finding) =>
    [
      `${finding.id}: ${finding.message}`,
      ...(finding.expected === undefined ? [] : [`expected: ${valueText(finding.expected)}`]),
      ...(finding.observed === undefined ? [] : [`observed: ${valueText(finding.observed)}`]),
      ...(finding.knownDeviation === undefined ? [] : [finding.knownDeviation]),
    ].join('\n'),
  )
  const sources = result.source.map(({ label, url }) => `${label} <${url}>`)
  return withoutControls([...findings, ...sources].join('\n\n'))
}

function secondsOf(ms: number): number {
  return Math.round(ms) / 1_000
}

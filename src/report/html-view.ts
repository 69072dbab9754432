import { acceptance, acceptedCount, baselineNotices } from './baseline-text.js'
import { CELL_MODES, type CellMode } from '../catalogue/check.js'
import { explanationOf } from '../docs/explanations/index.js'
import { VERDICTS, type Evidence, type Exchange, type Result, type RunReport, type Verdict } from './model.js'
import {
  conclusionOf,
  countOf,
  dateText,
  durationText,
  nextcloudText,
  partText,
  valueText,
  VERDICT_LABELS,
} from './text.js'

/** Everything that the page shows, as texts: the template only places and escapes them. */
export type HtmlView = ReturnType<typeof htmlView>

const MODE_TITLES: Readonly<Record<CellMode, string>> = {
  nextcloud: 'Nextcloud',
  basic: 'basic',
  oauth: 'oauth',
  both: 'both modes',
}

/** Verdicts for which the page says why it matters and what to do. */
const EXPLAINED: ReadonlySet<Verdict> = new Set(['failed', 'warning', 'known-deviation'])

const QUIET: ReadonlySet<Verdict> = new Set(['passed', 'known-deviation', 'not-applicable'])

/** @param dataUris screenshot file name to data URI. */
export function htmlView(report: RunReport, dataUris: ReadonlyMap<string, string>) {
  return {
    conclusion: conclusionOf(report),
    tool: `${report.tool.name} ${report.tool.version}`,
    chips: VERDICTS.toReversed()
      .filter((verdict) => report.summary[verdict] > 0)
      .map((verdict) => ({ ...markOf(verdict), count: report.summary[verdict] })),
    facts: factsOf(report),
    mutants: report.mutants,
    stale: report.staleDeviations,
    baseline: {
      file: report.baseline?.file ?? '',
      accepted: acceptedCount(report),
      notices: baselineNotices(report).map(({ kind, row, text }) => ({
        kind: kind.replace('-', ' '),
        check: row.check,
        mode: MODE_TITLES[row.mode],
        text,
      })),
    },
    suites: suitesOf(report.results),
    cells: report.results.map((result) => ({
      ...cellOf(result, dataUris),
      accepted: acceptance(report, result) ?? null,
    })),
    logs: (report.logs ?? []).map(({ source, lines, shard }) => ({
      title: [source === 'nextcloud' ? 'Nextcloud' : `Server, ${source} mode`, ...shardName(shard)].join(
        ', ',
      ),
      count: lines.length,
      text: lines.join('\n'),
    })),
    tokens: report.tokens.map((token) => ({
      title: [token.user, token.format, ...shardName(token.shard)].join(', '),
      fingerprint: token.fingerprint,
      how:
        token.mintedBy === 'browser'
          ? `logged in with ${report.userAgent.version}`
          : 'logged in by form posts',
      duration: durationText(token.durationMs),
      evidence: token.evidence.map((item) => evidenceOf(item, dataUris, false)),
    })),
  }
}

/** What a part of a merged report is called besides its own name. */
function shardName(shard: number | undefined): readonly string[] {
  return shard === undefined ? [] : [`shard ${shard}`]
}

function factsOf(report: RunReport) {
  const { nextcloud } = report
  const part = partText(report)
  const apps = Object.entries(nextcloud.apps).map(([app, version]) => `${app} ${version}`)
  return [
    { name: 'Nextcloud', value: nextcloudText(nextcloud), detail: [nextcloud.url, ...apps].join(', ') },
    ...report.targets.map(({ mode, kind, url, serverInfo, revision }) => ({
      name: `Server, ${mode} mode (${kind})`,
      value: serverInfo === undefined ? url : `${serverInfo.name} ${serverInfo.version}`,
      detail: serverInfo === undefined ? `MCP ${revision}` : `${url}, MCP ${revision}`,
    })),
    {
      name: 'User agent',
      value: report.userAgent.version,
      detail: report.userAgent.kind === 'browser' ? 'logged in and consented on real pages' : 'form posts',
    },
    {
      name: 'Run',
      value: `${countOf(report.results.length, 'cell')} in ${durationText(report.durationMs)}`,
      detail: [dateText(report.startedAt), ...(part === undefined ? [] : [part])].join(', '),
    },
  ]
}

/** Each suite has the columns that it uses: most have one or two of the four. */
function suitesOf(results: readonly Result[]) {
  return [...new Set(results.map(({ suite }) => suite))].map((suite) => {
    const own = results.filter((result) => result.suite === suite)
    const modes = CELL_MODES.filter((mode) => own.some((result) => result.mode === mode))
    const checks = [...new Map(own.map((result) => [result.check, result])).values()]
    return {
      name: suite,
      modes: modes.map((mode) => MODE_TITLES[mode]),
      quiet: own.filter(
        (result) => QUIET.has(result.verdict) || result.baselined === true || result.outOfReach === true,
      ).length,
      total: own.length,
      rows: checks.map(({ check, title, level, projectRule, covers = [] }) => {
        const cells = modes.map((mode) =>
          own.find((result) => result.check === check && result.mode === mode),
        )
        return {
          check,
          title,
          level,
          projectRule,
          search: [check, title, suite, ...covers, ...cells.map((cell) => cell?.message ?? '')]
            .join(' ')
            .toLowerCase(),
          cells: cells.map((cell) =>
            cell === undefined
              ? null
              : { id: cellId(cell), baselined: cell.baselined === true, ...markOf(cell.verdict) },
          ),
        }
      }),
    }
  })
}

/** Headings and texts; each text in parts that are code or not. */
function adviceOn({ verdict, suite, check }: Result) {
  const explanation = EXPLAINED.has(verdict) ? explanationOf({ suite, id: check }) : undefined
  if (explanation === undefined) return []
  const texts = { 'Why it matters': explanation.why, 'What to do': explanation.fix }
  return Object.entries(texts).map(([title, text]) => ({
    title,
    parts: text.split('`').map((part, index) => ({ text: part, isCode: index % 2 === 1 })),
  }))
}

function cellOf(result: Result, dataUris: ReadonlyMap<string, string>) {
  const lastExchange = result.evidence.findLastIndex(({ kind }) => kind === 'exchange')
  return {
    id: cellId(result),
    ...markOf(result.verdict),
    check: result.check,
    mode: MODE_TITLES[result.mode],
    title: result.title,
    level: result.level,
    projectRule: result.projectRule,
    message: result.message,
    sources: result.source.map(({ label, url }) => ({ label, url: /^https?:\/\//.test(url) ? url : null })),
    covers: result.covers ?? [],
    findings: result.findings.map((finding) => ({
      id: finding.id,
      message: finding.message,
      level: finding.level ?? null,
      deviation: finding.knownDeviation ?? null,
      expected: optionalText(finding.expected),
      observed: optionalText(finding.observed),
    })),
    observed: optionalText(result.observed),
    advice: adviceOn(result),
    duration: durationText(result.durationMs),
    evidence: result.evidence.map((item, index) =>
      evidenceOf(item, dataUris, !QUIET.has(result.verdict) && index === lastExchange),
    ),
  }
}

function evidenceOf(item: Evidence, dataUris: ReadonlyMap<string, string>, open: boolean) {
  switch (item.kind) {
    case 'note':
      return { kind: 'note' as const, text: item.text }
    case 'screenshot':
      return { kind: 'screenshot' as const, name: item.name, src: dataUris.get(item.file) ?? null }
    case 'exchange':
      return { kind: 'exchange' as const, open, ...exchangeOf(item) }
  }
}

function exchangeOf({ number, request, response, failure, durationMs }: Exchange) {
  return {
    number,
    method: request.method,
    ...placeOf(request.url),
    outcome: response === undefined ? 'no answer' : String(response.status),
    tone: response === undefined || response.status >= 500 ? 'bad' : response.status >= 400 ? 'odd' : 'good',
    duration: durationText(durationMs),
    failure: failure ?? null,
    request: messageText(`${request.method} ${request.url}`, request.headers, request.body),
    response:
      response === undefined
        ? null
        : messageText(`status ${response.status}`, response.headers, response.body),
  }
}

/** The path comes first: it differs, and the origin hardly does. */
function placeOf(url: string) {
  if (!URL.canParse(url)) return { path: url, origin: '' }
  const { pathname, search, host } = new URL(url)
  return { path: pathname + search, origin: host }
}

function messageText(
  first: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`)
  return [first, ...lines, ...(body === undefined ? [] : ['', indented(body)])].join('\n')
}

function indented(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), null, 2)
  } catch {
    // No JSON, or cut off: shown as it came.
    return body
  }
}

function optionalText(value: unknown): string | null {
  return value === undefined ? null : valueText(value)
}

function markOf(verdict: Verdict) {
  return { verdict, ...VERDICT_LABELS[verdict] }
}

function cellId({ check, mode }: Pick<Result, 'check' | 'mode'>): string {
  return `cell-${check}-${mode}`
}

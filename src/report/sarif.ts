import { artifactOf, type Project } from './artifact.js'
import type { RunReport } from './model.js'
import { openFindings, type OpenFinding } from './open-findings.js'
import { publicText } from './public-text.js'

const STALE_RULE = 'baseline.stale'
const LEVELS = { failed: 'error', warning: 'warning', 'not-testable': 'warning', stale: 'error' } as const
const HOME = 'https://www.npmjs.com/package/nc-mcp-conformance'

/**
 * `report.sarif`: SARIF 2.1.0. Rules are the checks of the run with the clause as help; a result is a cell that is not
 * green, suppressed where the baseline accepts it. Errors of the toolkit are notifications: they say nothing of the
 * server. Known deviations of Nextcloud are left out, since nobody here can repair them.
 *
 * @param project its configuration file is what findings are tied to.
 * @see https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
 */
export function renderSarif(report: RunReport, project: Project): string {
  const findings = openFindings(report)
  const isStale = findings.some(({ kind }) => kind === 'stale')
  const rules = [...rulesOf(report), ...(isStale ? [staleRule()] : [])]
  const places = new Map(rules.map(({ id }, at) => [id, at]))
  const errors = findings.filter(({ kind }) => kind === 'error')
  const log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: report.tool.name,
            semanticVersion: report.tool.version,
            informationUri: HOME,
            rules,
          },
        },
        automationDetails: { id: `nc-mcp-conformance/${report.targets.map(({ mode }) => mode).join('-')}/` },
        invocations: [
          {
            executionSuccessful: errors.length === 0,
            startTimeUtc: report.startedAt,
            exitCode: report.exitCode,
            toolExecutionNotifications: errors.map(({ check, mode, message }) => ({
              level: 'error',
              message: { text: plain(`${check} [${mode}]: ${message}`) },
            })),
          },
        ],
        originalUriBaseIds: { '%SRCROOT%': { description: { text: "the project's folder" } } },
        columnKind: 'utf16CodeUnits',
        results: findings.flatMap((finding) => resultOf(finding, places, report, project)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

interface Rule {
  readonly id: string
  readonly shortDescription: { readonly text: string }
  readonly fullDescription: { readonly text: string }
  readonly helpUri?: string
  readonly help: { readonly text: string; readonly markdown: string }
  readonly defaultConfiguration: { readonly level: string }
  readonly properties: { readonly tags: readonly string[] }
}

function rulesOf(report: RunReport): Rule[] {
  const checks = new Map(report.results.map((result) => [result.check, result]))
  return [...checks.values()].map(({ check, suite, title, level, source }) => ({
    id: check,
    shortDescription: { text: plain(publicText(title, 300)) },
    fullDescription: { text: plain(`${level}: ${publicText(title, 300)}`) },
    ...(source[0] === undefined ? {} : { helpUri: source[0].url }),
    help: {
      text: plain(source.map(({ label, url }) => `${label}: ${url}`).join('\n') || title),
      markdown:
        source.map(({ label, url }) => `- [${label.replaceAll(/[[\]\\]/g, '\\$&')}](<${url}>)`).join('\n') ||
        title,
    },
    defaultConfiguration: { level: level === 'MUST' || level === 'MAY-when-offered' ? 'error' : 'warning' },
    properties: { tags: [suite, level] },
  }))
}

function staleRule(): Rule {
  const text = 'A row of the baseline accepts what no longer happens'
  return {
    id: STALE_RULE,
    shortDescription: { text },
    fullDescription: { text },
    help: {
      text: 'Remove the row, or run `baseline update`.',
      markdown: 'Remove the row, or run `baseline update`.',
    },
    defaultConfiguration: { level: 'error' },
    properties: { tags: ['baseline'] },
  }
}

function resultOf(
  { kind, check, mode, message, fingerprint, accepted }: OpenFinding,
  places: ReadonlyMap<string, number>,
  report: RunReport,
  project: Project,
) {
  if (kind === 'error') return []
  const ruleId = kind === 'stale' ? STALE_RULE : check
  const uri = kind === 'stale' ? artifactOf(project, report.baseline?.file) : artifactOf(project)
  return [
    {
      ruleId,
      ruleIndex: places.get(ruleId) ?? -1,
      level: LEVELS[kind],
      message: { text: plain(`${kind === 'stale' ? `${check}, ` : ''}${mode}: ${message}`) },
      locations: [
        {
          physicalLocation: {
            artifactLocation: {
              uri: uri.split('/').map(encodeURIComponent).join('/'),
              uriBaseId: '%SRCROOT%',
            },
            region: { startLine: 1 },
          },
          logicalLocations: [{ fullyQualifiedName: `${check} [${mode}]` }],
        },
      ],
      partialFingerprints: {
        'nc-mcp-conformance/v1': fingerprint,
        primaryLocationLineHash: `${fingerprint.slice(0, 16)}:1`,
      },
      ...(accepted === undefined
        ? {}
        : { suppressions: [{ kind: 'external', status: 'accepted', justification: plain(accepted) }] }),
      properties: { verdict: kind, mode },
    },
  ]
}

/** Text in which nothing is a placeholder (SARIF §3.11.5) or an embedded link (§3.11.6). */
function plain(text: string): string {
  return text.replaceAll(/[{}]/g, '$&$&').replaceAll('](', '] (')
}

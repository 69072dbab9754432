import { baselineNotices } from './baseline-text.js'
import type { RunReport } from './model.js'
import { openFindings } from './open-findings.js'
import { publicText } from './public-text.js'
import { countOf } from './text.js'

type Kind = 'error' | 'warning' | 'notice'

interface Annotation {
  readonly kind: Kind
  readonly title: string
  readonly message: string
}

/** GitHub shows this many of each kind for one step. */
const MAX_OF_A_KIND = 10
const MAX_MESSAGE = 500

/**
 * Workflow commands that put the findings beside a run of GitHub Actions, one a line: what counts as errors and warnings,
 * rows of the baseline that must be looked at as warnings. When there are more than GitHub shows, the last of a kind says
 * how many.
 *
 * @see https://docs.github.com/actions/reference/workflow-commands-for-github-actions
 */
export function githubAnnotations(report: RunReport): readonly string[] {
  const annotations = annotationsOf(report)
  return (['error', 'warning', 'notice'] as const).flatMap((kind) =>
    capped(annotations.filter((annotation) => annotation.kind === kind)).map(asCommand),
  )
}

function annotationsOf(report: RunReport): readonly Annotation[] {
  const findings = openFindings(report)
    .filter(({ accepted }) => accepted === undefined)
    .map(({ kind, check, mode, message }): Annotation => ({
      kind: kind === 'warning' || kind === 'not-testable' ? 'warning' : 'error',
      title: `${check} [${mode}] ${kind}`,
      message,
    }))
  const deviations = report.staleDeviations.map(({ check, finding, profile }): Annotation => ({
    kind: 'error',
    title: `${check} stale deviation`,
    message: `no longer shows the known deviation ${finding} of ${profile}`,
  }))
  const rows = baselineNotices(report)
    .filter(({ kind }) => kind !== 'stale')
    .map(({ kind, row, text }): Annotation => ({
      kind: kind === 'expires-soon' ? 'notice' : 'warning',
      title: `Baseline ${kind.replace('-', ' ')}: ${row.check} [${row.mode}]`,
      message: text,
    }))
  return [...findings, ...deviations, ...rows]
}

function capped(annotations: readonly Annotation[]): readonly Annotation[] {
  const [first] = annotations
  if (first === undefined || annotations.length <= MAX_OF_A_KIND) return annotations
  const shown = annotations.slice(0, MAX_OF_A_KIND - 1)
  const rest = annotations.length - shown.length
  return [
    ...shown,
    {
      kind: first.kind,
      title: 'MCP conformance',
      message: `${countOf(rest, `more ${first.kind}`)}: see the summary`,
    },
  ]
}

function asCommand({ kind, title, message }: Annotation): string {
  return `::${kind} title=${escapedProperty(publicText(title, 200))}::${escapedData(publicText(message, MAX_MESSAGE))}`
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

import type { Check, Finding, Outcome, RequirementLevel } from '../catalogue/check.js'
import type { KnownDeviation } from '../catalogue/deviations.js'
import type { ResultFinding, Verdict } from '../report/model.js'

export interface Judgement {
  readonly verdict: Verdict
  readonly message: string
  readonly findings: readonly ResultFinding[]
  /** What a passing check saw. */
  readonly observed?: unknown
  /** Known deviations of this check that a passing run has disproved. */
  readonly stale: readonly KnownDeviation[]
}

/**
 * The only place where verdicts are computed. A finding that is a known deviation of this Nextcloud does not
 * count against it; any other finding counts with its level: MUST → failed, SHOULD → warning.
 *
 * @param deviations the rows for this check under the profile and user agent of the run.
 */
export function judgeOutcome(
  check: Check,
  outcome: Outcome,
  deviations: readonly KnownDeviation[],
): Judgement {
  switch (outcome.kind) {
    case 'satisfied':
      return {
        verdict: 'passed',
        message: check.title,
        findings: [],
        observed: outcome.observed,
        stale: deviations.filter(({ finding }) => outcome.unjudged?.includes(finding) !== true),
      }
    case 'not-testable':
    case 'not-applicable':
      return { verdict: outcome.kind, message: outcome.reason, findings: [], stale: [] }
    case 'violated':
      return judgeFindings(check.level, outcome.findings, deviations)
  }
}

function judgeFindings(
  level: RequirementLevel,
  findings: readonly Finding[],
  deviations: readonly KnownDeviation[],
): Judgement {
  const marked = findings.map((finding) => {
    const known = deviations.find((row) => row.finding === finding.id)
    return { finding, known }
  })
  const unexpected = marked.filter(({ known }) => known === undefined).map(({ finding }) => finding)
  return {
    verdict: unexpected.length === 0 ? 'known-deviation' : worstOf(level, unexpected),
    message: (unexpected.length === 0 ? findings : unexpected).map((finding) => finding.message).join('; '),
    findings: marked.map(({ finding, known }) => ({
      ...finding,
      ...(known === undefined ? {} : { knownDeviation: `${known.title}. ${known.effect}` }),
    })),
    stale: [],
  }
}

function worstOf(level: RequirementLevel, findings: readonly Finding[]): Verdict {
  if (level === 'INFO') return 'passed'
  if (level === 'SHOULD') return 'warning'
  return findings.every((finding) => finding.level === 'SHOULD') ? 'warning' : 'failed'
}

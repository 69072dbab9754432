import { artifactOf, type Project } from './artifact.js'
import type { RunReport } from './model.js'
import { openFindings, type OpenFinding } from './open-findings.js'

const SEVERITIES: Readonly<Record<OpenFinding['kind'], string>> = {
  error: 'blocker',
  failed: 'critical',
  stale: 'major',
  'not-testable': 'major',
  warning: 'minor',
}

/**
 * `gl-code-quality-report.json`: what a merge request of GitLab shows under code quality. What the baseline accepts is
 * of severity `info`.
 *
 * @param project its configuration file is what findings are tied to.
 * @see https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
 */
export function renderGitlab(report: RunReport, project: Project): string {
  const issues = openFindings(report).map(({ kind, check, mode, message, fingerprint, accepted }) => ({
    description: `${check} [${mode}] ${kind}: ${message}${accepted === undefined ? '' : ` (accepted: ${accepted})`}`,
    check_name: check,
    fingerprint,
    severity: accepted === undefined ? SEVERITIES[kind] : 'info',
    location: {
      path: kind === 'stale' ? artifactOf(project, report.baseline?.file) : artifactOf(project),
      lines: { begin: 1 },
    },
  }))
  return `${JSON.stringify(issues, null, 2)}\n`
}

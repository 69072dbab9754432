import { SUITES, type Check, type Need, type SuiteName } from '../catalogue/check.js'
import { clauseLabel, clauseUrl } from '../catalogue/specs.js'
import { cellText, link, table } from './markdown.js'

/** What each suite is about, in the order of the catalogue. */
export const SUITE_SUBJECTS: Readonly<Record<SuiteName, string>> = {
  discovery: "Nextcloud's metadata, and how a server uses it",
  registration: 'dynamic client registration, and how a server keeps its own client',
  race: 'how soon a client works after its registration, and what helps',
  authorization: 'login, consent, PKCE, codes, redirects, callbacks',
  tokens: 'what tokens say, how they are issued, renewed and looked up, how a server verifies them',
  'resource-server': 'challenges, metadata, refusals, isolation of users, leaks, the HTTP surface',
  'basic-auth': "a server that holds one user's credentials",
  tools: 'notes, files, calendars, tables: results, errors, hostile input',
  parity: 'the same server in both modes: tools, schemas, results, resources',
  protocol: 'MCP itself, with the scenarios of the official suite that say something about any server',
  resilience: 'outages, limits, maintenance, key rotation, restarts',
}

/** What a need is, as the end of "needs …". */
export const NEEDS: Readonly<Record<Need, string>> = {
  twin: 'control over Nextcloud: its clock, faults and request log',
  'nextcloud-admin': 'a Nextcloud whose configuration may be changed',
  launch: 'starting the server',
  process: 'the server as a process of this machine',
}

/** `docs/catalogue.md`: every check, from the data that the checks themselves are made of. */
export function cataloguePage(checks: readonly Check[]): string {
  const mutants = new Set(checks.flatMap((check) => check.mutants.map(({ id }) => id)))
  return [
    '# The catalogue',
    '<!-- Made by `npm run docs` from src/catalogue; a test fails when it differs. -->',
    [
      `${checks.length} checks in ${SUITES.length} suites. Each is proven by a deliberate fault that turns it red: ${mutants.size} mutants.`,
      'A _project rule_ rests on no specification; it is counted apart. `nextcloud` results judge Nextcloud and never a server.',
    ].join(' '),
    table(['suite', 'checks', 'about'], suiteRows(checks)),
    ...SUITES.flatMap((suite) =>
      suiteSection(
        suite,
        checks.filter((check) => check.suite === suite),
      ),
    ),
    '',
  ].join('\n\n')
}

/** Name, number of checks and subject of every suite. */
export function suiteRows(checks: readonly Check[]): readonly (readonly string[])[] {
  return SUITES.map((suite) => [
    `\`${suite}\``,
    String(checks.filter((check) => check.suite === suite).length),
    SUITE_SUBJECTS[suite],
  ])
}

function suiteSection(suite: SuiteName, checks: readonly Check[]): readonly string[] {
  if (checks.length === 0) return []
  return [
    `## ${suite}`,
    `${SUITE_SUBJECTS[suite][0]?.toUpperCase() ?? ''}${SUITE_SUBJECTS[suite].slice(1)}.`,
    table(['check', 'what holds', 'level', 'modes', 'source', 'mutant'], checks.map(row)),
  ]
}

function row(check: Check): readonly string[] {
  const needs = (check.needs ?? []).map((need) => NEEDS[need])
  const isProjectRule = check.source.every(({ document }) => document === 'project')
  return [
    `[\`${check.id}\`](checks/${check.id}.md)`,
    [cellText(check.title), ...(needs.length === 0 ? [] : [`_needs ${needs.join('; ')}_`])].join('. '),
    isProjectRule ? `${check.level}, project rule` : check.level,
    check.modes.join(', '),
    check.source.map((ref) => link(clauseLabel(ref), clauseUrl(ref))).join('; '),
    check.mutants
      .map(({ id, profile }) => (profile === undefined ? `\`${id}\`` : `\`${id}\` (${profile})`))
      .join(', '),
  ]
}

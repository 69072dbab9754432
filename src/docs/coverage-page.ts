import type { Check } from '../catalogue/check.js'
import { REVISIONS, clauseAddress, type Clause } from './coverage/clause.js'
import { MCP_AUTHORIZATION_SERVER_CLAUSES } from './coverage/mcp-authorization-server-clauses.js'
import { MCP_SECURITY_CLAUSES } from './coverage/mcp-security-clauses.js'
import { MCP_SERVER_CLAUSES } from './coverage/mcp-server-clauses.js'
import { OFFICIAL_REQUESTS, threadUrl } from './coverage/official-requests.js'
import { PEER_GROUPS } from './coverage/peers/index.js'
import { PEERS } from './coverage/peers/peer.js'
import { STATES, checksOf, remarkOf, type CoverageRow } from './coverage/row.js'
import { cellText, link, table } from './markdown.js'

/** Heads of the columns that every table ends with. */
const OURS = ['our checks', '', 'what is missing, or why there is none']

const CLAUSES: readonly (readonly [about: string, clauses: readonly Clause[]])[] = [
  ['MCP authorization, on the MCP server', MCP_SERVER_CLAUSES],
  ['MCP authorization, on the authorization server', MCP_AUTHORIZATION_SERVER_CLAUSES],
  ['MCP security best practices, on the MCP server', MCP_SECURITY_CLAUSES],
]

/** `docs/coverage.md`: what others check, ask for or demand, and which of the checks look at it. */
export function coveragePage(checks: readonly Check[]): string {
  return [
    '# Coverage',
    '<!-- Made by `npm run docs` from src/docs/coverage; a test fails when it differs. -->',
    [
      `What others check, ask for and demand of the authorization of MCP servers, and which of our ${checks.length} checks look at it.`,
      'Each row was held against the source of the checks that it names. _In part_ says what of the row no check looks at;',
      '_not covered_ says why. A test holds the page to the catalogue: every check that is named exists, every row has checks or a',
      'reason, and every check that cites these chapters is named at the clause that it cites.',
    ].join(' '),
    summary(),
    ...peersSection(),
    ...requestsSection(),
    ...clausesSection(),
    ...namesSection(checks),
    '',
  ].join('\n\n')
}

function summary(): string {
  const sources: readonly (readonly [source: string, rows: readonly CoverageRow[]])[] = [
    ['Authorization checks of other tools', PEER_GROUPS.flatMap((group) => group.checks)],
    ['Open requests to the official conformance suite', OFFICIAL_REQUESTS],
    ...CLAUSES.flatMap(([about, clauses]) =>
      REVISIONS.map(
        (revision) =>
          [`${about}, ${revision}`, clauses.filter(({ revisions }) => revisions.includes(revision))] as const,
      ),
    ),
  ]
  return table(
    ['source', 'rows', ...STATES],
    sources.map(([source, rows]) => [
      source,
      String(rows.length),
      ...STATES.map((state) => String(rows.filter(({ judgement }) => judgement.state === state).length)),
    ]),
  )
}

function peersSection(): readonly string[] {
  let number = 0
  return [
    '## Authorization checks of other tools',
    [
      'The union of what was found in the sources and runs of these tools in November 2026, without duplicates. Names are theirs:',
      '`peer:id`, where `…` and `*` stand for parts that differ.',
    ].join(' '),
    table(
      ['peer', 'is'],
      Object.entries(PEERS).map(([name, is]) => [name, is]),
    ),
    ...PEER_GROUPS.flatMap(({ title, checks }) => [
      `### ${title}`,
      table(
        ['', 'what is checked', 'names', ...OURS],
        checks.map((row) => [String(++number), cellText(row.what), cellText(row.names), ...ours(row)]),
      ),
    ]),
  ]
}

function requestsSection(): readonly string[] {
  return [
    '## Open requests to the official conformance suite',
    [
      'What issues and pull requests of modelcontextprotocol/conformance asked for in September 2026 as to the authorization of servers, and to what a pass is worth;',
      'earlier drafts (64, 105, 106) are closed, and #155 and #481 carry on what they asked for. Requests about clients are left out.',
    ].join(' '),
    table(
      ['thread', 'what is asked for', ...OURS],
      OFFICIAL_REQUESTS.map((row) => [
        row.threads
          .map((thread) =>
            link(
              `${row.repository === 'conformance' ? '' : row.repository}#${thread}`,
              threadUrl(row.repository, thread),
            ),
          )
          .join(', '),
        cellText(row.what),
        ...ours(row),
      ]),
    ),
  ]
}

function clausesSection(): readonly string[] {
  return [
    '## The MCP authorization chapter',
    [
      'The demands of revisions 2025-06-18 and 2025-11-25 on servers, in our words; each revision is a link to the text.',
      'What the chapter demands of clients, and of what only they do (PKCE, resource, state, scope selection, step-up, SSRF), is on',
      'clients, not ours. Demands of the transport chapter are in [the catalogue](catalogue.md).',
    ].join(' '),
    ...CLAUSES.flatMap(([about, clauses]) => [
      `### ${about}`,
      table(
        ['clause', '', 'what is demanded', ...OURS],
        clauses.map((row) => [
          `${cellText(row.heading)}: ${row.revisions.map((revision) => link(revision, clauseAddress(row, revision))).join(', ')}`,
          row.level,
          cellText(row.what),
          ...ours(row),
        ]),
      ),
    ]),
  ]
}

function namesSection(checks: readonly Check[]): readonly string[] {
  return [
    '## Tests of tools, by their own names',
    [
      'Names under which users know tests of errors of tools. They are part of the checks, which show each of them in what they',
      'observed; none is about authorization.',
    ].join(' '),
    table(
      ['name', 'check'],
      checks.flatMap(({ id, covers = [] }) => covers.map((name) => [cellText(name), `\`${id}\``])),
    ),
  ]
}

function ours(row: CoverageRow): readonly string[] {
  return [
    checksOf(row)
      .map((id) => `\`${id}\``)
      .join(', '),
    row.judgement.state,
    cellText(remarkOf(row) ?? ''),
  ]
}

import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { coveragePage } from '../../src/docs/coverage-page.js'
import { REVISIONS, clauseAddress, type Clause } from '../../src/docs/coverage/clause.js'
import { MCP_AUTHORIZATION_SERVER_CLAUSES } from '../../src/docs/coverage/mcp-authorization-server-clauses.js'
import { MCP_SECURITY_CLAUSES } from '../../src/docs/coverage/mcp-security-clauses.js'
import { MCP_SERVER_CLAUSES } from '../../src/docs/coverage/mcp-server-clauses.js'
import { OFFICIAL_REQUESTS, threadUrl } from '../../src/docs/coverage/official-requests.js'
import { PEER_GROUPS } from '../../src/docs/coverage/peers/index.js'
import { PEERS } from '../../src/docs/coverage/peers/peer.js'
import { checksOf, remarkOf, type CoverageRow } from '../../src/docs/coverage/row.js'

const PEER_CHECKS = PEER_GROUPS.flatMap(({ checks }) => checks)
const CLAUSES: readonly Clause[] = [
  ...MCP_SERVER_CLAUSES,
  ...MCP_AUTHORIZATION_SERVER_CLAUSES,
  ...MCP_SECURITY_CLAUSES,
]
const ROWS: readonly CoverageRow[] = [...PEER_CHECKS, ...OFFICIAL_REQUESTS, ...CLAUSES]
const IDS = new Set(CHECKS.map(({ id }) => id))

/** Clauses of the two documents that a check cites, as `document: heading`. */
function cited({ source }: (typeof CHECKS)[number]): readonly string[] {
  return source
    .filter(({ document }) => document === 'MCP-Authorization' || document === 'MCP-Security')
    .map(({ document, clause }) => `${document}: ${clause}`)
}

describe('what others check, ask for and demand', () => {
  it('names checks of the catalogue only, each once in a row', () => {
    for (const row of ROWS) {
      const named = checksOf(row)
      expect(named.filter((id) => !IDS.has(id))).toEqual([])
      expect(new Set(named).size).toBe(named.length)
    }
  })

  it('has checks or a reason in every row, and says what is missing where not all is covered', () => {
    for (const row of ROWS) {
      const isCovered = row.judgement.state === 'covered'
      expect(isCovered ? checksOf(row).length : remarkOf(row)?.trim().length, row.what).toBeGreaterThan(0)
    }
  })

  it('says of no two rows of one list the same', () => {
    for (const list of [PEER_CHECKS, OFFICIAL_REQUESTS]) {
      expect(new Set(list.map(({ what }) => what)).size).toBe(list.length)
    }
    for (const revision of REVISIONS) {
      const rows = CLAUSES.filter(({ revisions }) => revisions.includes(revision)).map(
        ({ document, heading, what }) => `${document}, ${heading}: ${what}`,
      )
      expect(new Set(rows).size).toBe(rows.length)
    }
  })
})

describe('authorization checks of other tools', () => {
  it('are 115, in the eight groups in which they were found', () => {
    expect(PEER_GROUPS.map(({ title, checks }) => [title, checks.length])).toEqual([
      ['Challenge', 9],
      ['Protected resource metadata', 13],
      ['Authorization server metadata', 15],
      ['Client registration', 20],
      ['Authorization request and response', 14],
      ['Token endpoint', 13],
      ['Token content and OpenID Connect', 7],
      ['Resource server', 24],
    ])
    expect(PEER_CHECKS).toHaveLength(115)
  })

  it('are named by peers that the legend explains, and every peer of the legend has one', () => {
    const named = new Set<string>()
    for (const { names } of PEER_CHECKS) {
      const peers = names.match(/\b[A-Z]{2}(?=[:, ;]|$)|\bauthgent\b/g) ?? []
      expect(peers, names).not.toEqual([])
      for (const peer of peers) named.add(peer)
    }
    expect([...named].toSorted()).toEqual(Object.keys(PEERS).toSorted())
  })

  it('share no name with what checks say they cover, unless the row names that check', () => {
    for (const { id, covers = [] } of CHECKS) {
      for (const row of PEER_CHECKS) {
        const names = row.names.split(/[,;] /).map((name) => name.replace(/^[A-Za-z]+:/, ''))
        if (covers.some((name) => names.includes(name))) expect(checksOf(row)).toContain(id)
      }
    }
  })
})

describe('open requests to the official suite', () => {
  it('link to their threads', () => {
    for (const { threads } of OFFICIAL_REQUESTS) expect(threads.length).toBeGreaterThan(0)
    expect(threadUrl('conformance', 116)).toBe(
      'https://github.com/modelcontextprotocol/conformance/issues/116',
    )
    const asked = new Set(OFFICIAL_REQUESTS.flatMap(({ threads }) => threads))
    for (const thread of [78, 116, 155, 369, 370, 395, 396, 453, 480, 481]) expect(asked).toContain(thread)
  })
})

describe('the MCP authorization chapter', () => {
  const named = new Map<string, Set<string>>()
  for (const clause of CLAUSES) {
    const key = `${clause.document}: ${clause.heading}`
    named.set(key, new Set([...(named.get(key) ?? []), ...checksOf(clause)]))
  }

  it.each(
    CHECKS.filter((check) => cited(check).length > 0).map((check) => [check.id, cited(check)] as const),
  )('%s is named at every clause that it cites', (id, clauses) => {
    expect(clauses.filter((clause) => named.get(clause)?.has(id) !== true)).toEqual([])
  })

  it('has rows of both documents and of every level in each revision', () => {
    for (const revision of REVISIONS) {
      const rows = CLAUSES.filter(({ revisions }) => revisions.includes(revision))
      expect(new Set(rows.map(({ document }) => document)).size).toBe(2)
      expect(new Set(rows.map(({ level }) => level))).toEqual(
        new Set(['MUST', 'MUST NOT', 'SHOULD', 'SHOULD NOT', 'MAY', 'no keyword']),
      )
    }
  })

  it('links a clause to its own revision', () => {
    const [clause] = MCP_SERVER_CLAUSES.filter(({ heading }) => heading === 'Token Handling')
    expect(clauseAddress(clause!, '2025-06-18')).toBe(
      'https://modelcontextprotocol.io/specification/2025-06-18/basic/authorization#token-handling',
    )
  })
})

describe('docs/coverage.md', () => {
  const page = coveragePage(CHECKS)

  it('numbers the checks of other tools from 1 to 115', () => {
    const numbers = [...page.matchAll(/^\| (\d+) \|/gm)].map(([, number]) => Number(number))
    expect(numbers).toEqual(PEER_CHECKS.map((_, index) => index + 1))
  })

  it('sums every list up', () => {
    const summary = [...page.matchAll(/^\| [^|]+ \| (\d+) \| (\d+) \| (\d+) \| (\d+) \|$/gm)]
    expect(summary).toHaveLength(8)
    for (const [, rows, ...states] of summary) {
      expect(states.map(Number).reduce((sum, count) => sum + count)).toBe(Number(rows))
    }
  })

  it('has every name under which users know a test, beside its check', () => {
    for (const { id, covers = [] } of CHECKS) {
      for (const name of covers) expect(page).toContain(`| ${name} | \`${id}\` |`)
    }
  })
})

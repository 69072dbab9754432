import { describe, expect, it } from 'vitest'
import { SUITES } from '../../src/catalogue/check.js'
import { KNOWN_DEVIATIONS } from '../../src/catalogue/deviations.js'
import { CHECKS } from '../../src/catalogue/index.js'
import { KNOWN_LIMITS } from '../../src/catalogue/limits.js'
import { clauseUrl } from '../../src/catalogue/specs.js'
import { checkPagePath } from '../../src/docs/check-page-path.js'
import { checkPage, checkPages } from '../../src/docs/check-pages.js'
import type { Explanation, Explanations } from '../../src/docs/explanations/explanation.js'
import { EXPLANATIONS, explanationOf } from '../../src/docs/explanations/index.js'
import { proseText } from '../../src/docs/markdown.js'

const PARTS = ['why', 'observed', 'failure', 'fix'] as const satisfies readonly (keyof Explanation)[]
/** Up to this many characters a sentence may be a reference, such as to the names of findings. */
const MAX_COMMON_LENGTH = 60
const BY_SUITE: readonly [suite: string, texts: Explanations][] = Object.entries(EXPLANATIONS)
const ALL = BY_SUITE.flatMap(([, texts]) => Object.entries(texts))

function check(id: string): (typeof CHECKS)[number] {
  const found = CHECKS.find((one) => one.id === id)
  if (found === undefined) throw new Error(`no check ${id}`)
  return found
}

describe('explanations', () => {
  it('are there for every suite', () => {
    expect(Object.keys(EXPLANATIONS)).toEqual([...SUITES])
  })

  it.each(BY_SUITE)('of %s are there for each of its checks and for nothing else', (suite, texts) => {
    const ids = CHECKS.filter((one) => one.suite === suite).map(({ id }) => id)
    expect(Object.keys(texts).toSorted()).toEqual(ids.toSorted())
  })

  it.each(ALL)('of %s are sentences, with every backtick closed', (_, explanation) => {
    for (const part of PARTS) {
      const text = explanation[part]
      expect(text, part).toMatch(/^\S.*[.:)]$/)
      expect(text.length, part).toBeGreaterThan(40)
      expect(text.split('`').length % 2, part).toBe(1)
    }
  })

  it('have no longer sentence in common: it would fit any check', () => {
    const seen = new Map<string, string>()
    for (const [id, explanation] of ALL) {
      for (const sentence of PARTS.flatMap((part) => explanation[part].split(/(?<=\.) +/))) {
        if (sentence.length <= MAX_COMMON_LENGTH) continue
        expect(seen.get(sentence), sentence).toBeUndefined()
        seen.set(sentence, id)
      }
    }
  })
})

describe('the page of a check', () => {
  it('has clauses with links, the texts, the mutant in words, and the command', () => {
    const one = check('parity.tool-set')
    const page = checkPage(one)
    for (const ref of one.source) expect(page).toContain(`](${clauseUrl(ref)})`)
    const { why, observed, failure, fix } = explanationOf(one)!
    for (const text of [why, observed, failure, fix]) expect(page).toContain(proseText(text))
    expect(page).toContain('- `s-oauth-drops-tool`: one tool is missing in oauth mode')
    expect(page).toContain('npx nc-mcp-conformance run --check parity.tool-set\n')
    expect(page).toContain('run --check parity.tool-set --mutant s-oauth-drops-tool\n')
    expect(checkPage(check('authz.consent.denied'))).toContain(
      '--profile strict --mutant n-deny-issues-code\n',
    )
  })

  it('says the level, the modes and the needs in words', () => {
    const page = checkPage(check('rs.leak.logs'))
    expect(page).toContain('MUST: whoever breaks it has `failed`')
    expect(page).toContain('a server in `basic` mode; a server in `oauth` mode')
    expect(page).toContain('starting the server; the server as a process of this machine')
  })

  it('tells what versions of Nextcloud are known to do, and where a check does not apply', () => {
    for (const { check: id, finding } of KNOWN_DEVIATIONS) {
      expect(checkPage(check(id))).toContain(`| \`${finding}\` |`)
    }
    for (const { check: id } of KNOWN_LIMITS) expect(checkPage(check(id))).toContain('| does not apply |')
    expect(checkPage(check('parity.tool-set'))).not.toContain('is known of')
  })

  it('tells users of Nextcloud and authors of servers what the command judges', () => {
    expect(checkPage(check('discovery.pkce-s256'))).toContain('judges a Nextcloud (')
    expect(checkPage(check('parity.tool-set'))).toContain('judges a server (')
  })

  it('is in the index and has the address that other places link to', () => {
    const pages = checkPages(CHECKS)
    const index = pages.get('docs/checks/README.md')
    for (const { id } of CHECKS) {
      expect(pages.has(checkPagePath(id))).toBe(true)
      expect(index).toContain(`- [${id}](${id}.md): `)
    }
  })

  it('keeps code and escapes what is around it', () => {
    expect(proseText('a_b `c_d` <e> `f')).toBe('a\\_b `c_d` \\<e\\> \\`f')
  })
})

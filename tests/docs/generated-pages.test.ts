import { readFile, readdir } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { CHECK_PAGES_FOLDER } from '../../src/docs/check-page-path.js'
import { cataloguePage } from '../../src/docs/catalogue-page.js'
import { cellText } from '../../src/docs/markdown.js'
import { generatedPages, withGeneratedParts } from '../../src/docs/pages.js'

async function formatted(text: string): Promise<string> {
  return format(text, { ...(await resolveConfig('README.md')), parser: 'markdown' })
}

describe('pages made from the catalogue (npm run docs makes them anew)', () => {
  it.each([...generatedPages()])('%s says what the catalogue says', async (path, text) => {
    expect(await readFile(path, 'utf8')).toBe(await formatted(text))
  })

  it('docs/checks has no page of a check that is gone', async () => {
    const pages = generatedPages()
    const names = (await readdir(CHECK_PAGES_FOLDER)).map((name) => `${CHECK_PAGES_FOLDER}/${name}`)
    expect(names.filter((path) => !pages.has(path))).toEqual([])
  })

  it('README.md has the suites of the catalogue', async () => {
    const readme = await readFile('README.md', 'utf8')
    expect(readme).toBe(await formatted(withGeneratedParts(readme)))
  })

  it('has every check with its mutants, and shows a new one', () => {
    const page = cataloguePage(CHECKS)
    for (const { id, mutants } of CHECKS) {
      expect(page).toContain(`| [\`${id}\`](checks/${id}.md) |`)
      for (const mutant of mutants) expect(page).toContain(`\`${mutant.id}\``)
    }
    const [first] = CHECKS
    expect(cataloguePage([{ ...first!, id: 'discovery.new', title: 'A | b' }])).toContain(
      '[`discovery.new`](checks/discovery.new.md) | A \\| b',
    )
  })

  it('keeps text as text', () => {
    expect(cellText('a|b *c* <d> [e] `f`\ng')).toBe('a\\|b \\*c\\* \\<d\\> \\[e\\] \\`f\\` g')
  })

  it('refuses a README without a place for a part', () => {
    expect(() => withGeneratedParts('# Nothing')).toThrow('README.md has no place for suites')
  })
})

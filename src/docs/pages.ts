import { CHECKS } from '../catalogue/index.js'
import { cataloguePage, suiteRows } from './catalogue-page.js'
import { checkPages } from './check-pages.js'
import { coveragePage } from './coverage-page.js'
import { deviationsPage } from './deviations-page.js'
import { table } from './markdown.js'

/** Pages that are made as a whole: path below the project's root to Markdown, before it is formatted. */
export function generatedPages(): ReadonlyMap<string, string> {
  return new Map([
    ['docs/catalogue.md', cataloguePage(CHECKS)],
    ['docs/coverage.md', coveragePage(CHECKS)],
    ['docs/known-deviations.md', deviationsPage()],
    ...checkPages(CHECKS),
  ])
}

/** Parts of README.md between `<!-- generated: name -->` and `<!-- end -->`. */
export function readmeParts(): ReadonlyMap<string, string> {
  return new Map([['suites', table(['suite', 'checks', 'about'], suiteRows(CHECKS))]])
}

/**
 * README.md with its generated parts made anew.
 *
 * @throws {Error} when a part has no place in it.
 */
export function withGeneratedParts(readme: string): string {
  let text = readme
  for (const [name, content] of readmeParts()) {
    const place = new RegExp(`(<!-- generated: ${name} -->\n)[\\s\\S]*?(<!-- end -->)`)
    if (!place.test(text)) throw new Error(`README.md has no place for ${name}`)
    text = text.replace(place, (_, head: string, tail: string) => `${head}\n${content}\n\n${tail}`)
  }
  return text
}

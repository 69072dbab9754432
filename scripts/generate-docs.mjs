// Writes the pages of docs/ and the parts of README.md that are made from the catalogue. Needs a build.
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { CHECK_PAGES_FOLDER } from '../dist/src/docs/check-page-path.js'
import { generatedPages, withGeneratedParts } from '../dist/src/docs/pages.js'

const root = new URL('../', import.meta.url)
const write = async (path, text) => {
  const url = new URL(path, root)
  const config = await resolveConfig(url)
  await writeFile(url, await format(text, { ...config, parser: 'markdown' }))
}
const pages = generatedPages()
await mkdir(new URL(CHECK_PAGES_FOLDER, root), { recursive: true })
for (const [path, text] of pages) await write(path, text)
// Pages of checks that are gone.
for (const name of await readdir(new URL(CHECK_PAGES_FOLDER, root))) {
  const path = `${CHECK_PAGES_FOLDER}/${name}`
  if (!pages.has(path)) await rm(new URL(path, root), { recursive: true })
}
await write('README.md', withGeneratedParts(await readFile(new URL('README.md', root), 'utf8')))

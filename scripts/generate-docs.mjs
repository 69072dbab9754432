// Writes the pages of docs/ and the parts of README.md that are made from the catalogue. Needs a build.
import { readFile, writeFile } from 'node:fs/promises'
import { format, resolveConfig } from 'prettier'
import { generatedPages, withGeneratedParts } from '../dist/src/docs/pages.js'

const root = new URL('../', import.meta.url)
const write = async (path, text) => {
  const url = new URL(path, root)
  const config = await resolveConfig(url)
  await writeFile(url, await format(text, { ...config, parser: 'markdown' }))
}
for (const [path, text] of generatedPages()) await write(path, text)
await write('README.md', withGeneratedParts(await readFile(new URL('README.md', root), 'utf8')))

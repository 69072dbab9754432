// Packs programs that checks start many times into one file each: reading some 400 modules costs more than their work.
// Whose code is inside is written beside it, with the licences.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** Packs `dist/<entry>` into `dist/bundle/<its name>` and the licences into `dist/bundle/THIRD-PARTY-NOTICES.txt`. */
export async function bundle(entry) {
  const dist = fileURLToPath(new URL('../dist/', import.meta.url))
  const bundled = await rolldown({ input: join(dist, entry), platform: 'node', logLevel: 'warn' })
  const { output } = await bundled.write({ dir: join(dist, 'bundle'), format: 'esm', codeSplitting: false })
  await bundled.close()
  const folders = new Set(
    output
      .flatMap(({ moduleIds = [] }) => moduleIds.map(packageFolder))
      .filter((folder) => folder !== undefined),
  )
  const notices = [...folders].sort().map(noticeOf)
  writeFileSync(join(dist, 'bundle', 'THIRD-PARTY-NOTICES.txt'), notices.join(`\n${'-'.repeat(79)}\n\n`))
}

/** The package in node_modules that a module is of; undefined for ours. */
function packageFolder(moduleId) {
  return /^(.*\/node_modules\/(?:@[^/]+\/)?[^/]+)\//.exec(moduleId.replaceAll('\\', '/'))?.[1]
}

function noticeOf(folder) {
  const { name, version, license } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
  const texts = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|notice|copying)/i.test(file))
    .map((file) => readFileSync(join(folder, file), 'utf8').trim())
  if (texts.length === 0) throw new Error(`${name} is packed into the bundle, but has no licence text`)
  return `${name} ${version} (${license})\n\n${texts.join('\n\n')}\n`
}

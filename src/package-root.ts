import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { HarnessError } from './errors.js'

/** Folder of this package: the first one above this file that holds our package.json. */
const ROOT = findRoot(dirname(fileURLToPath(import.meta.url)))

/** Absolute path of a file of this package, e.g. `dist/src/cli/bin.js`. */
export function packageFile(relativePath: string): string {
  return join(ROOT, relativePath)
}

/** Version of this package. */
export function packageVersion(): string {
  const manifest = JSON.parse(readFileSync(packageFile('package.json'), 'utf8')) as { version: string }
  return manifest.version
}

function findRoot(folder: string): string {
  if (existsSync(join(folder, 'package.json'))) return folder
  const parent = dirname(folder)
  if (parent === folder)
    throw new HarnessError('NCMC_INTERNAL', 'package.json of nc-mcp-conformance not found')
  return findRoot(parent)
}

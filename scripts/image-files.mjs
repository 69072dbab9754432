// Lists the files that programs of `dist` need at runtime: `node image-files.mjs <entry…>`, paths relative to the root of
// the package, one a line. Follows relative imports, and the production dependencies of the packages that are imported.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..')
const { packages } = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))
const files = new Set(['package.json'])
const folders = new Set()

/** The folder of a package as a file below `from` finds it. */
function folderOf(name, from) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules')))) {
    const folder = at === '' ? `node_modules/${name}` : `${at}/node_modules/${name}`
    if (folder in packages && existsSync(join(root, folder))) return folder
    if (at === '') return undefined
  }
}

function addPackage(name, from) {
  const folder = folderOf(name, from)
  if (folder === undefined || folders.has(folder)) return
  folders.add(folder)
  const { dependencies = {}, optionalDependencies = {}, peerDependencies = {} } = packages[folder]
  for (const dependency of Object.keys({ ...dependencies, ...optionalDependencies, ...peerDependencies })) {
    addPackage(dependency, folder)
  }
}

function addModule(path) {
  const name = relative(root, path)
  if (files.has(name)) return
  files.add(name)
  const text = readFileSync(path, 'utf8')
  for (const [, specifier] of text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'([^']+)'/g)) {
    if (specifier.startsWith('.')) addModule(resolve(dirname(path), specifier))
    else if (!specifier.startsWith('node:')) {
      addPackage(specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/'), '')
    }
  }
}

for (const entry of process.argv.slice(2)) addModule(resolve(root, entry))
process.stdout.write([...files, ...folders].join('\n') + '\n')

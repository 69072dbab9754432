import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { packageFile } from '../../src/package-root.js'

/** Licences that allow use in a package under MIT; of ical.js (MPL-2.0) only whole, unchanged files are used. */
const ALLOWED = new Set([
  '0BSD',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  'BlueOak-1.0.0',
  'ISC',
  'MIT',
  'MPL-2.0',
  'Unlicense',
])

/** Packages whose lock entry names no licence, with the one that their package.json or licence file names. */
const UNNAMED = new Map([
  ['buildcheck', 'MIT'],
  ['cpu-features', 'MIT'],
  ['ssh2', 'MIT'],
])

interface LockEntry {
  readonly license?: string
  readonly dev?: boolean
  readonly devOptional?: boolean
}

const { packages } = JSON.parse(readFileSync(packageFile('package-lock.json'), 'utf8')) as {
  packages: Record<string, LockEntry>
}
const installed = Object.entries(packages)
  .filter(([path, { dev, devOptional }]) => path !== '' && dev !== true && devOptional !== true)
  .map(([path, { license }]) => {
    const name = path.slice(path.lastIndexOf('node_modules/') + 'node_modules/'.length)
    return { name, licence: license ?? UNNAMED.get(name) }
  })

describe('the licences of what users install with the package', () => {
  it('are all known, and allow it', () => {
    expect(installed.length).toBeGreaterThan(100)
    expect(installed.filter(({ licence }) => licence === undefined || !ALLOWED.has(licence))).toEqual([])
  })

  it('are looked up by hand only where the lock file does not name them', () => {
    const unnamed = Object.entries(packages).filter(
      ([path, entry]) => path !== '' && entry.license === undefined,
    )
    const names = new Set(unnamed.map(([path]) => path.slice(path.lastIndexOf('node_modules/') + 13)))
    for (const name of UNNAMED.keys()) expect(names).toContain(name)
  })
})

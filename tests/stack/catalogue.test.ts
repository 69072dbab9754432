import { expect, test } from 'vitest'
import { KNOWN_DEVIATIONS } from '../../src/catalogue/deviations.js'
import { KNOWN_LIMITS } from '../../src/catalogue/limits.js'
import { CHECKS } from '../../src/catalogue/index.js'
import { clauseUrl } from '../../src/catalogue/specs.js'
import { NEXTCLOUD_MUTANTS } from '../../src/nextcloud/embedded/mutants.js'
import { CALLBACK_MUTANTS } from '../../src/oauth/callback-mutants.js'
import { SERVER_MUTANTS } from '../../src/servers/mutants.js'

const IDS = CHECKS.map(({ id }) => id)

test('checks have unique, dotted, kebab-case ids', () => {
  expect(IDS.length).toBeGreaterThanOrEqual(45)
  expect(new Set(IDS).size).toBe(IDS.length)
  for (const id of IDS) expect(id).toMatch(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)
})

test('every check cites a clause that has a link', () => {
  for (const check of CHECKS) {
    for (const ref of check.source)
      expect(URL.canParse(clauseUrl(ref)), `${check.id}: ${ref.clause}`).toBe(true)
  }
})

test('every mutant belongs to exactly one check', () => {
  const linked = CHECKS.flatMap((check) => check.mutants.map(({ id }) => id))
  const all = [NEXTCLOUD_MUTANTS, SERVER_MUTANTS, CALLBACK_MUTANTS].flatMap((set) => Object.keys(set))
  expect(linked.toSorted()).toEqual(all.toSorted())
})

test('collateral names checks that exist', () => {
  for (const check of CHECKS) {
    for (const link of check.mutants) {
      const named = [
        ...(link.alsoRed ?? []),
        ...(link.alsoNotTestable === '*' ? [] : (link.alsoNotTestable ?? [])),
      ]
      for (const id of named) expect(IDS, `${link.id} names ${id}`).toContain(id)
    }
  }
})

test('known deviations and limits name checks that exist', () => {
  for (const row of [...KNOWN_DEVIATIONS, ...KNOWN_LIMITS]) expect(IDS).toContain(row.check)
})

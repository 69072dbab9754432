import { beforeAll, describe, expect, test } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { runSelfTest, type SelfTestReport } from '../../src/engine/self-test.js'

const LINKS = CHECKS.flatMap((check) => check.mutants.map(({ id }) => [id, check.id] as const))

let report: SelfTestReport

beforeAll(async () => {
  report = await runSelfTest({}, { stage: () => undefined, mutant: () => undefined })
}, 1_200_000)

test('nothing is red without a mutant', () => {
  const conforming = ['passed', 'known-deviation', 'not-applicable']
  expect(report.baseline.filter(({ verdict }) => !conforming.includes(verdict))).toEqual([])
  expect(report.baseline.length).toBeGreaterThan(CHECKS.length)
})

describe('every mutant turns its check red and nothing else but the listed collateral', () => {
  test.each(LINKS)('%s → %s', (mutant, check) => {
    const result = report.mutants.find((row) => row.mutant === mutant && row.check === check)
    expect(result).toMatchObject({ killed: true, unexpected: [] })
  })
})

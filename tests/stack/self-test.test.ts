import { beforeAll, describe, expect, test } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { runSelfTest, type SelfTestReport } from '../../src/engine/self-test.js'

const LINKS = CHECKS.flatMap((check) => check.mutants.map(({ id }) => [id, check.id] as const))

let report: SelfTestReport

beforeAll(async () => {
  // Collateral takes 216 cells under some mutants: the command itself looks at it (docs/decisions/0018).
  report = await runSelfTest(
    { killsOnly: true, concurrency: 3 },
    { stage: () => undefined, mutant: () => undefined },
  )
}, 1_200_000)

describe('every mutant turns its check red', () => {
  test.each(LINKS)('%s → %s', (mutant, check) => {
    const result = report.mutants.find((row) => row.mutant === mutant && row.check === check)
    expect(result).toMatchObject({ killed: true })
  })
})

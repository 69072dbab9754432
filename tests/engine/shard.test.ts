import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { exitCodeOf } from '../../src/engine/exit-code.js'
import { placeInPlan, planCells, shardOf, shardSize } from '../../src/engine/plan.js'

const PLAN = planCells(CHECKS, { modes: ['basic', 'oauth'], suites: [], checks: [] })

describe('the shards of a plan', () => {
  it('are disjoint, are the plan together, and differ by one cell at most, for every number of them', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(), { minLength: 1, maxLength: 200 }), fc.nat(), (plan, random) => {
        const total = 1 + (random % plan.length)
        const shards = Array.from({ length: total }, (_, at) => shardOf(plan, { index: at + 1, total }))
        expect(shards.flat().toSorted((a, b) => a - b)).toEqual(plan.toSorted((a, b) => a - b))
        const sizes = shards.map(({ length }) => length)
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
        expect(Math.min(...sizes)).toBeGreaterThan(0)
      }),
    )
  })

  it('are so for the catalogue, in its order, and can be put back in place', () => {
    for (let total = 1; total <= PLAN.length; total += 1) {
      const back: unknown[] = []
      for (let index = 1; index <= total; index += 1) {
        const shard = shardOf(PLAN, { index, total })
        expect(shard).toHaveLength(shardSize(PLAN.length, { index, total }))
        for (const [at, cell] of shard.entries()) back[placeInPlan({ index, total }, at)] = cell
      }
      expect(back).toEqual(PLAN)
    }
  })

  it('are empty where there are more of them than cells, and the plan itself without a shard', () => {
    expect(shardOf(['a', 'b'], { index: 3, total: 3 })).toEqual([])
    expect(shardSize(2, { index: 3, total: 3 })).toBe(0)
    expect(shardOf(PLAN, undefined)).toBe(PLAN)
  })
})

describe('the exit code without a cell', () => {
  const nothing = { results: [], staleDeviations: [] }

  it('is 0 for an empty shard and 3 for everything else', () => {
    expect(exitCodeOf({ ...nothing, shard: { index: 3, total: 3, plannedCells: 2 } })).toBe(0)
    expect(exitCodeOf(nothing)).toBe(3)
  })
})

import { describe, expect, it } from 'vitest'
import { evenSample, percentilesOf, wilsonRate } from '../../src/race/statistics.js'

describe('the Wilson interval', () => {
  // R. G. Newcombe, Statistics in Medicine 17 (1998), table I, method 3.
  it.each([
    [81, 263, 0.2553, 0.3662],
    [15, 148, 0.0624, 0.1605],
    [0, 20, 0, 0.1611],
    [1, 29, 0.0061, 0.1718],
  ])('of %i in %i is the published one', (succeeded, trials, low, high) => {
    const rate = wilsonRate(succeeded, trials)
    expect(rate.low).toBeCloseTo(low, 4)
    expect(rate.high).toBeCloseTo(high, 4)
  })

  it('mirrors: failures have the interval of successes, turned around', () => {
    const failures = wilsonRate(3, 40)
    const successes = wilsonRate(37, 40)
    expect(successes.low).toBeCloseTo(1 - failures.high, 12)
    expect(successes.high).toBeCloseTo(1 - failures.low, 12)
  })

  it('ends exactly at 0 and 1, and says nothing where nothing was measured', () => {
    expect(wilsonRate(0, 7).low).toBe(0)
    expect(wilsonRate(7, 7).high).toBe(1)
    expect(wilsonRate(0, 0)).toEqual({ trials: 0, succeeded: 0, low: 0, high: 1 })
  })
})

describe('measured times', () => {
  it('have percentiles, and none where there are no times', () => {
    expect(percentilesOf(Array.from({ length: 101 }, (_, index) => 100 - index))).toEqual({
      p50: 50,
      p95: 95,
      p99: 99,
    })
    expect(percentilesOf([])).toBeUndefined()
  })

  it('are thinned evenly, with both ends', () => {
    expect(evenSample([3, 1, 2], 5)).toEqual([1, 2, 3])
    const thinned = evenSample(
      Array.from({ length: 1_001 }, (_, index) => 1_000 - index),
      11,
    )
    expect(thinned).toEqual([0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1_000])
  })
})

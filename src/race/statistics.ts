import { quantileSorted } from 'simple-statistics'
import type { Percentiles, Rate } from './model.js'

/** Two-sided 95 % quantile of the standard normal distribution. */
const Z = 1.959963984540054

/**
 * A share of successes with its Wilson score interval at 95 % (E. B. Wilson, JASA 22, 1927), without continuity
 * correction. Nothing measured: from 0 to 1.
 */
export function wilsonRate(succeeded: number, trials: number): Rate {
  if (trials === 0) return { trials, succeeded, low: 0, high: 1 }
  const share = succeeded / trials
  const zz = (Z * Z) / trials
  const centre = (share + zz / 2) / (1 + zz)
  const margin = (Z / (1 + zz)) * Math.sqrt((share * (1 - share)) / trials + zz / (4 * trials))
  // At the ends the formula gives 0 and 1 exactly; computed, it misses them by rounding.
  return {
    trials,
    succeeded,
    low: succeeded === 0 ? 0 : Math.max(0, centre - margin),
    high: succeeded === trials ? 1 : Math.min(1, centre + margin),
  }
}

/** Median and tails of measured times, ms rounded to tenths; `undefined` where nothing was measured. */
export function percentilesOf(values: readonly number[]): Percentiles | undefined {
  if (values.length === 0) return undefined
  const sorted = ascending(values)
  const at = (share: number): number => tenths(quantileSorted(sorted, share))
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
}

/** At most `limit` of the values, ascending, evenly over all of them: the smallest and the greatest are kept. */
export function evenSample(values: readonly number[], limit: number): number[] {
  const sorted = ascending(values).map(tenths)
  if (sorted.length <= limit) return sorted
  return Array.from(
    { length: limit },
    (_, index) => sorted[Math.round((index * (sorted.length - 1)) / (limit - 1))] ?? 0,
  )
}

/** Milliseconds as the report has them. */
export function tenths(value: number): number {
  return Math.round(value * 10) / 10
}

function ascending(values: readonly number[]): number[] {
  return values.toSorted((first, second) => first - second)
}

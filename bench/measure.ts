import { performance } from 'node:perf_hooks'

/** One line of the benchmark: what was measured, against which named baseline of the same run. */
export interface Measurement {
  readonly name: string
  readonly value: number
  readonly unit: 'ms' | '1/s' | 's' | 'MiB' | 'KiB'
  readonly baseline?: { readonly name: string; readonly value: number }
  /** What the design asks for, in words. */
  readonly bar?: string
}

/** Times each of `rounds` calls, ms, in ascending order. */
export async function times(rounds: number, body: (round: number) => Promise<unknown>): Promise<number[]> {
  const results: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const started = performance.now()
    await body(round)
    results.push(performance.now() - started)
  }
  return results.sort((a, b) => a - b)
}

/** Quantile of sorted numbers, 0 to 1. */
export function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN
}

export const median = (sorted: readonly number[]): number => quantile(sorted, 0.5)

/** A table of measurements with their ratio to the baseline. */
export function format(measurements: readonly Measurement[]): string {
  return measurements
    .map(({ name, value, unit, baseline, bar }) =>
      [
        name.padEnd(58),
        `${value.toFixed(value < 100 ? 1 : 0)} ${unit}`.padStart(12),
        baseline === undefined
          ? ''
          : `  ${(value / baseline.value).toFixed(2)} × ${baseline.name} (${baseline.value.toFixed(1)} ${unit})`,
        bar === undefined ? '' : `  [bar: ${bar}]`,
      ].join(''),
    )
    .join('\n')
}

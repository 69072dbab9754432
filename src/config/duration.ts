import { quoteUntrusted, UsageError } from '../errors.js'
import type { Delay } from '../nextcloud/embedded/consistency.js'

const UNITS_MS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, min: 60_000 }
/** Longer delays are as good as none. */
const MAX_MS = 600_000
const LAG_EXAMPLE = '2s, uniform:500ms:4s or log-normal:1s:0.5'
const RANGE_EXAMPLE = '0..5s'
/** Points of a range of delays, its ends included. */
const RANGE_POINTS = 11

/** A duration such as `2s`, `500ms`, `1.5s` or `0`, in ms; `undefined` for anything else and above ten minutes. */
export function parseDuration(text: string): number | undefined {
  const [, amount = '', unit = ''] = /^(\d{1,7}(?:\.\d{1,3})?)(ms|s|min)?$/.exec(text.trim()) ?? []
  if (amount === '') return undefined
  if (unit === '') return Number(amount) === 0 ? 0 : undefined
  const ms = Number(amount) * (UNITS_MS[unit] ?? 1)
  return ms <= MAX_MS ? ms : undefined
}

/**
 * A lag: a duration, `uniform:<least>:<most>` or `log-normal:<median>:<sigma>`.
 *
 * @throws {UsageError} naming `origin`.
 */
export function parseLag(text: string, origin: string): Delay {
  const constant = parseDuration(text)
  if (constant !== undefined) return constant
  const [kind, first = '', second = '', ...more] = text.split(':')
  if (more.length === 0 && kind === 'uniform') {
    const minMs = parseDuration(first)
    const maxMs = parseDuration(second)
    if (minMs !== undefined && maxMs !== undefined && minMs <= maxMs) return { kind, minMs, maxMs }
  }
  if (more.length === 0 && kind === 'log-normal') {
    const medianMs = parseDuration(first)
    const sigma = /^\d(?:\.\d{1,3})?$/.test(second) ? Number(second) : undefined
    if (medianMs !== undefined && sigma !== undefined && sigma <= 5) return { kind, medianMs, sigma }
  }
  throw new UsageError(
    'NCMC_USAGE',
    `${origin} must be a duration with its unit, at most 10min, or a distribution, e.g. ${LAG_EXAMPLE}, not ${quoteUntrusted(text, 60)}`,
  )
}

/**
 * A range of delays, e.g. `0..5s`: 11 delays, ms, evenly from one end to the other. A single duration is one delay.
 *
 * @throws {UsageError} naming `origin`.
 */
export function parseDelayRange(text: string, origin: string): readonly number[] {
  const single = parseDuration(text)
  if (single !== undefined) return [single]
  const [from = '', to = '', ...more] = text.split('..')
  const toMs = parseDuration(to)
  // "1..5s" is what people write for "1s..5s".
  const unit = /[a-z]+$/.exec(to.trim())?.[0] ?? ''
  const fromMs = parseDuration(from) ?? parseDuration(`${from.trim()}${unit}`)
  if (more.length > 0 || fromMs === undefined || toMs === undefined || fromMs >= toMs) {
    throw new UsageError(
      'NCMC_USAGE',
      `${origin} must be a range of durations, the shorter first, or one duration, e.g. ${RANGE_EXAMPLE}, not ${quoteUntrusted(text, 60)}`,
    )
  }
  return Array.from({ length: RANGE_POINTS }, (_, index) =>
    Math.round(fromMs + (index * (toMs - fromMs)) / (RANGE_POINTS - 1)),
  )
}

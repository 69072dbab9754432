import { closest, distance } from 'fastest-levenshtein'
import { UsageError, quoteUntrusted } from '../errors.js'

/**
 * The valid name that was probably meant, or `undefined` when none is near: at most a third of the letters
 * (and at least two) may differ, or one name is the beginning or a dotted part of the other.
 */
export function nearestName(name: string, candidates: readonly string[]): string | undefined {
  const [first] = candidates
  if (first === undefined || name === '') return undefined
  const lower = name.toLowerCase()
  const nearest = closest(
    lower,
    candidates.map((candidate) => candidate.toLowerCase()),
  )
  const best = candidates.find((candidate) => candidate.toLowerCase() === nearest) ?? first
  if (distance(lower, nearest) <= Math.max(2, Math.floor(best.length / 3))) return best
  if (lower.length < 3) return undefined
  return candidates.find((candidate) => candidate.toLowerCase().includes(lower))
}

/**
 * The error for a name that does not exist, with the nearest valid one and where to see all of them.
 *
 * @param what where and what was named, e.g. `--suite: there is no suite`.
 * @param hint how to see the valid names, e.g. ``list them with `nc-mcp-conformance list` ``.
 */
export function unknownName(
  what: string,
  name: string,
  candidates: readonly string[],
  hint: string,
): UsageError {
  const nearest = nearestName(name, candidates)
  const suggestion = nearest === undefined ? '' : `; did you mean ${nearest}?`
  return new UsageError('NCMC_UNKNOWN_NAME', `${what} ${quoteUntrusted(name, 80)}${suggestion} (${hint})`, {
    details: { name, ...(nearest === undefined ? {} : { nearest }) },
  })
}

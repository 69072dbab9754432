import { createHash } from 'node:crypto'

interface Entry<T> {
  readonly value: T
  readonly endMs: number
}

const MAX_ENTRIES = 10_000

/**
 * Remembers what was found out about tokens. Keyed by SHA-256, so that it holds no token; bounded, the
 * least recently used entry goes first.
 */
export class TokenCache<T> {
  readonly #entries = new Map<string, Entry<T>>()
  readonly #maxEntries: number

  /** @param maxEntries default 10,000. */
  constructor(maxEntries = MAX_ENTRIES) {
    this.#maxEntries = maxEntries
  }

  get size(): number {
    return this.#entries.size
  }

  get(token: string, nowMs: number): T | undefined {
    const key = keyOf(token)
    const entry = this.#entries.get(key)
    this.#entries.delete(key)
    if (entry === undefined || entry.endMs <= nowMs) return undefined
    this.#entries.set(key, entry)
    return entry.value
  }

  /** @param endMs when the entry stops to count, ms since the epoch. */
  set(token: string, value: T, endMs: number): void {
    this.#entries.set(keyOf(token), { value, endMs })
    const [oldest] = this.#entries.keys()
    if (this.#entries.size > this.#maxEntries && oldest !== undefined) this.#entries.delete(oldest)
  }
}

function keyOf(token: string): string {
  return createHash('sha256').update(token).digest('base64')
}

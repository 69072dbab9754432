import type { TokenCache } from './token-cache.js'

const COMPARED_CHARACTERS = 64
/** More than a check uses; the model citizen needs none. */
const MAX_REMEMBERED = 100

/** What `s-cache-key-truncated` does: takes tokens for the same whose first and last 64 characters are. */
export class Lookalikes {
  readonly #byEnds = new Map<string, string>()
  readonly #isOn: () => boolean

  /** @param isOn asked where there is a lookalike. */
  constructor(isOn: () => boolean) {
    this.#isOn = isOn
  }

  add(token: string): void {
    const ends = endsOf(token)
    if (this.#byEnds.has(ends)) return
    this.#byEnds.set(ends, token)
    const [oldest] = this.#byEnds.keys()
    if (this.#byEnds.size > MAX_REMEMBERED && oldest !== undefined) this.#byEnds.delete(oldest)
  }

  /** What the cache holds for a token that looks like this one. */
  find<T>(token: string, cache: TokenCache<T>, nowMs: number): T | undefined {
    const other = this.#byEnds.get(endsOf(token))
    if (other === undefined || other === token || !this.#isOn()) return undefined
    return cache.get(other, nowMs)
  }
}

function endsOf(token: string): string {
  return token.slice(0, COMPARED_CHARACTERS) + token.slice(-COMPARED_CHARACTERS)
}

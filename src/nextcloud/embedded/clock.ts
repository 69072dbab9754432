import type { NextcloudClock } from '../nextcloud.js'

/** Real time plus an offset that tests move. All lifetimes of the embedded Nextcloud are counted on it. */
export class OffsetClock implements NextcloudClock {
  #offsetMs = 0
  readonly #realNowMs: () => number

  /** @param realNowMs source of real time, ms; replaceable for simulations. Default `Date.now`. */
  constructor(realNowMs: () => number = Date.now) {
    this.#realNowMs = realNowMs
  }

  nowMs(): number {
    return this.#realNowMs() + this.#offsetMs
  }

  /** Whole seconds since the epoch, as PHP's `time()` gives them. */
  nowSeconds(): number {
    return Math.floor(this.nowMs() / 1000)
  }

  shift(seconds: number): void {
    this.#offsetMs += seconds * 1000
  }

  reset(): void {
    this.#offsetMs = 0
  }
}

import type { TrialClock } from './trial-clock.js'
import { StopLaboratory } from './wire.js'

/** Nextcloud's limit for anonymous registrations: ten in a minute per address. */
export const REGISTRATIONS_PER_MINUTE = 10
const MINUTE_MS = 60_000
/** Two clocks, and a limit that may count from whole seconds. */
const MARGIN_MS = 1_500

export interface GateOptions {
  readonly clock: Pick<TrialClock, 'nowMs' | 'sleep'>
  /** Registrations in a minute. Default: no limit. */
  readonly perMinute?: number
  /** Registrations in all. Default: no limit. */
  readonly budget?: number
  /** Told before a pause of this many ms. */
  readonly onPause?: (ms: number) => void
}

/**
 * Lets registrations pass one by one, so that never more than a minute's worth reach Nextcloud within a minute, and
 * never more than the budget at all.
 */
export class RegistrationGate {
  readonly #options: GateOptions
  /** When the answers of the last registrations came: no later than that were they counted. */
  readonly #answeredAtMs: number[] = []
  #spent = 0
  #turn: Promise<unknown> = Promise.resolve()

  constructor(options: GateOptions) {
    this.#options = options
  }

  /** Registrations that were let through. */
  get spent(): number {
    return this.#spent
  }

  /** Registrations that may still follow; Infinity without a budget. */
  get left(): number {
    return (this.#options.budget ?? Infinity) - this.#spent
  }

  /** Waits until so many registrations could be sent at once. */
  async whenOpen(registrations = 1): Promise<void> {
    const { clock, perMinute } = this.#options
    if (perMinute === undefined) return
    // The one that has to be a minute old before so many more fit in.
    const place = Math.max(1, perMinute + 1 - registrations)
    for (;;) {
      const oldest = this.#answeredAtMs.at(-place)
      if (oldest === undefined) return
      const pauseMs = oldest + MINUTE_MS + MARGIN_MS - clock.nowMs()
      if (pauseMs <= 0) return
      this.#options.onPause?.(pauseMs)
      await clock.sleep(pauseMs)
    }
  }

  /**
   * Sends one registration when its time has come.
   *
   * @throws {StopLaboratory} when the budget is spent.
   */
  async pass<T>(send: () => Promise<T>): Promise<T> {
    if (this.#options.perMinute === undefined) return this.#send(send)
    const mine = this.#turn.then(async () => {
      await this.whenOpen()
      return this.#send(send)
    })
    this.#turn = mine.catch(() => undefined)
    return mine
  }

  async #send<T>(send: () => Promise<T>): Promise<T> {
    if (this.left <= 0) throw new StopLaboratory('the budget of registrations is spent')
    this.#spent += 1
    try {
      return await send()
    } finally {
      this.#answeredAtMs.push(this.#options.clock.nowMs())
      if (this.#answeredAtMs.length > REGISTRATIONS_PER_MINUTE) this.#answeredAtMs.shift()
    }
  }
}

import type { TrialClock } from './trial-clock.js'

interface Waiting {
  readonly atMs: number
  readonly goOn: () => void
}

/** 2026-01-01T00:00:00Z: always the same, so that the same seed gives the same numbers. */
const BEGINNING_MS = Date.UTC(2026, 0, 1)

/**
 * Time that only moves when everybody sleeps: it then jumps to the next one who wakes, so an hour costs nothing. One
 * task runs at a time, and those who wake at the same moment go on in the order in which they went to sleep, so the
 * same program always does the same. Whoever waits for something else than this clock holds it.
 */
export class SimulatedTime implements TrialClock {
  readonly kind = 'simulated'
  #nowMs = BEGINNING_MS
  #awake = 1
  /** By time, then by order of arrival. */
  readonly #waiting: Waiting[] = []

  nowMs(): number {
    return this.#nowMs
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#wakeAt(this.#nowMs + Math.max(0, ms), resolve)
      this.#fallAsleep()
    })
  }

  async together(tasks: readonly (() => Promise<void>)[]): Promise<void> {
    if (tasks.length === 0) return
    const failures: unknown[] = []
    await new Promise<void>((resolve) => {
      let running = tasks.length
      for (const task of tasks) {
        this.#wakeAt(this.#nowMs, () => {
          void task()
            .catch((error: unknown) => failures.push(error))
            .finally(() => {
              running -= 1
              // The last one hands over to the caller.
              if (running === 0) resolve()
              else this.#fallAsleep()
            })
        })
      }
      this.#fallAsleep()
    })
    if (failures.length > 0) throw failures[0]
  }

  #wakeAt(atMs: number, goOn: () => void): void {
    const later = this.#waiting.findIndex((other) => other.atMs > atMs)
    this.#waiting.splice(later === -1 ? this.#waiting.length : later, 0, { atMs, goOn })
  }

  #fallAsleep(): void {
    this.#awake -= 1
    if (this.#awake > 0) return
    const next = this.#waiting.shift()
    if (next === undefined) return
    this.#nowMs = next.atMs
    this.#awake += 1
    next.goOn()
  }
}

import { setTimeout as delay } from 'node:timers/promises'
import type { WaitClock } from '../oauth/propagation.js'

/** Time of a trial: real, or simulated. */
export interface TrialClock extends WaitClock {
  readonly kind: 'simulated' | 'real'
  /** Milliseconds since the epoch. */
  nowMs(): number
  /** Pauses the caller. Rejects when the laboratory is told to stop. */
  sleep(ms: number): Promise<void>
  /**
   * Runs tasks at the same time and resolves when all have ended. In simulated time this is the only way to do two
   * things at once.
   *
   * @throws what the first failing task threw, after all have ended.
   */
  together(tasks: readonly (() => Promise<void>)[]): Promise<void>
}

/** @param signal ends pauses early. */
export function realClock(signal: AbortSignal): TrialClock {
  return {
    kind: 'real',
    nowMs: Date.now,
    sleep: async (ms) => {
      await delay(ms, undefined, { signal })
    },
    together: async (tasks) => {
      const ends = await Promise.allSettled(tasks.map((task) => task()))
      const failed = ends.find((end) => end.status === 'rejected')
      if (failed !== undefined) throw failed.reason
    },
  }
}

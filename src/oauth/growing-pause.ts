const FIRST_PAUSE_MS = 50
const PAUSE_GROWTH = 1.5
const LONGEST_PAUSE_MS = 1_000

/**
 * How long to pause after the n-th try (from 1) of something that is polled: 50 ms, then half as much again each time,
 * at most 1 s.
 */
export function growingPauseMs(attempts: number): number {
  return Math.min(FIRST_PAUSE_MS * PAUSE_GROWTH ** (attempts - 1), LONGEST_PAUSE_MS)
}

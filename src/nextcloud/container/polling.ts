import { setTimeout as sleep } from 'node:timers/promises'

export interface PollOptions {
  readonly timeoutMs: number
  readonly signal?: AbortSignal
  /** Default 200. */
  readonly intervalMs?: number
}

/**
 * Asks until there is an answer.
 *
 * @returns `undefined` when the time is over.
 * @throws what `ask` throws; the signal's reason when it is aborted.
 */
export async function poll<T>(
  ask: () => Promise<T | undefined>,
  { timeoutMs, signal, intervalMs = 200 }: PollOptions,
): Promise<T | undefined> {
  const endMs = performance.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() >= endMs) return undefined
    await sleep(intervalMs)
  }
}

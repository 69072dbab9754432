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

/**
 * The result of work that nothing can stop, unless the signal is aborted before. The work goes on, and nobody waits for
 * it: a pull in the engine does no harm.
 *
 * @throws the signal's reason when it is aborted.
 */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work
  signal.throwIfAborted()
  let onAbort = (): void => undefined
  const aborted = new Promise<never>((_resolve, reject) => {
    onAbort = () => reject(signal.reason as Error)
    signal.addEventListener('abort', onAbort, { once: true })
  })
  try {
    return await Promise.race([work, aborted])
  } finally {
    signal.removeEventListener('abort', onAbort)
    work.catch(() => undefined)
  }
}

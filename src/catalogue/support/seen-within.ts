import { setTimeout as sleep } from 'node:timers/promises'
import type { Nextcloud } from '../../nextcloud/nextcloud.js'

/** A real Nextcloud keeps its apps' configuration in a cache of its web server for up to three seconds. */
const CONFIGURATION_CACHE_MS = 5_000
const INTERVAL_MS = 250

/** How long a change of the configuration may stay unseen, ms: an embedded Nextcloud has no cache to wait for. */
export function configurationLagMs({ kind }: Pick<Nextcloud, 'kind'>): number {
  return kind === 'embedded' ? 0 : CONFIGURATION_CACHE_MS
}

/**
 * Asks until the answer is the expected one; answers the last one when it never is. For changes of Nextcloud's
 * configuration, which are seen late where a cache lies between.
 */
export async function seenWithin<T>(
  ask: () => Promise<T>,
  isExpected: (answer: T) => boolean,
  boundMs = CONFIGURATION_CACHE_MS,
): Promise<T> {
  const endMs = performance.now() + boundMs
  for (;;) {
    const answer = await ask()
    if (isExpected(answer) || performance.now() >= endMs) return answer
    await sleep(INTERVAL_MS)
  }
}

import type { RemedyDefinition } from './remedy.js'

/** The pauses of the seed's wait: see docs/registration-race.md. */
export const DISCOVERY_POLL = {
  initialWaitMs: 500,
  firstPauseMs: 500,
  growth: 1.5,
  longestPauseMs: 5_000,
  attempts: 10,
} as const

/**
 * What was added to a Nextcloud MCP server to wait for a fresh client: half a second, then the discovery document is
 * asked for until it answers, with growing pauses, at most ten times; then the server goes on anyway.
 */
export const discoveryPoll: RemedyDefinition = {
  name: 'discovery-poll',
  summary: 'waits 0.5 s, then polls the discovery document (pauses × 1.5, at most 5 s, at most 10 tries)',
  async beforeUse({ fetch, documentUrl, sleep }) {
    await sleep(DISCOVERY_POLL.initialWaitMs)
    let pauseMs: number = DISCOVERY_POLL.firstPauseMs
    for (let attempt = 1; attempt <= DISCOVERY_POLL.attempts; attempt += 1) {
      if (await answers(fetch, documentUrl)) return
      if (attempt === DISCOVERY_POLL.attempts) return
      await sleep(pauseMs)
      pauseMs = Math.min(pauseMs * DISCOVERY_POLL.growth, DISCOVERY_POLL.longestPauseMs)
    }
  },
}

async function answers(send: typeof fetch, url: string): Promise<boolean> {
  try {
    const response = await send(url)
    await response.text()
    return response.status === 200
  } catch {
    return false
  }
}

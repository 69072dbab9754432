import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'

/** Enough for a counter or a clock to show: all are opened within a second or two. */
const SESSIONS = 60
const AT_ONCE = 6
/** A version 4 UUID has 122. */
const MIN_BITS = 120

/** Whoever guesses a session id is in the middle of somebody's session. */
export const sessionIdQuality = defineCheck({
  id: 'rs.session.id-quality',
  suite: 'resource-server',
  title: 'Session ids are visible ASCII, never the same, and cannot be guessed from others',
  level: 'MUST',
  source: [
    { document: 'MCP-Transport', clause: 'Session Management' },
    { document: 'MCP-Security', clause: 'Session Hijacking' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-session-sequential' }],
  async run(ctx) {
    await using first = await openTargetSession(ctx)
    if (first.sessionId === undefined) {
      return { kind: 'not-applicable', reason: 'the server issues no session ids' }
    }
    const sessions: McpSession[] = []
    try {
      while (sessions.length < SESSIONS) {
        const opened = await Promise.all(
          Array.from({ length: AT_ONCE }, () => McpSession.open(ctx, first.url, first.token)),
        )
        sessions.push(...opened)
      }
    } finally {
      await Promise.all(sessions.map((session) => session.end()))
    }
    const ids = sessions.map(({ sessionId }) => sessionId).filter((id) => id !== undefined)
    if (ids.length < SESSIONS) return notTestable('some sessions have an id and some have none')

    const findings = new Findings()
    if (!ids.every((id) => /^[\x21-\x7e]+$/.test(id))) {
      findings.add({
        id: 'not-visible-ascii',
        message: 'a session id has other characters than visible ASCII',
        expected: '0x21 to 0x7E',
      })
    }
    const distinct = new Set(ids).size
    if (distinct < ids.length) {
      findings.add({
        id: 'not-unique',
        message: 'two sessions have the same id',
        expected: ids.length,
        observed: distinct,
      })
    }
    const bits = unpredictableBits(ids)
    if (bits < MIN_BITS) {
      findings.add({
        id: 'guessable',
        message: 'too little of a session id differs between sessions',
        expected: `at least ${MIN_BITS} bits`,
        observed: `${bits} bits in ids of ${Math.min(...ids.map(({ length }) => length))} characters or more`,
      })
    }
    return judge(findings.list(), { sessions: ids.length, unpredictableBits: bits })
  },
})

/**
 * An upper bound of what a guesser has to find, bits: only places whose characters differ between the ids count, each
 * with the size of the alphabet that the ids use there.
 */
export function unpredictableBits(ids: readonly string[]): number {
  const length = Math.min(...ids.map((id) => id.length))
  const alphabet = alphabetSize(ids.join(''))
  let bits = 0
  for (let place = 0; place < length; place += 1) {
    const seen = new Set(ids.map((id) => id[place])).size
    // A place that takes few values among so many ids takes few values at all.
    if (seen > 1) bits += Math.log2(seen < SESSIONS / 10 ? seen : Math.max(seen, alphabet))
  }
  return Math.floor(bits)
}

function alphabetSize(text: string): number {
  if (/^[0-9]+$/.test(text)) return 10
  if (/^[0-9a-f-]+$/i.test(text)) return 16
  return 64
}

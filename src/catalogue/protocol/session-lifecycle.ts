import { randomUUID } from 'node:crypto'
import type { ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'

/** A client starts anew on 404; on any other answer it keeps a session that is gone. */
export const sessionLifecycle = defineCheck({
  id: 'protocol.session.lifecycle',
  suite: 'protocol',
  title: 'Ended and unknown sessions are answered with 404, requests without their session with 400',
  level: 'MUST',
  source: [{ document: 'MCP-Transport', clause: 'Session Management' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-terminated-session-lives', alsoRed: ['resilience.many-sessions'] }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    if (session.sessionId === undefined) {
      return { kind: 'not-applicable', reason: 'the server issues no session ids' }
    }
    const living = await session.request('tools/list')
    if (living.message?.result === undefined) {
      return notTestable(`positive control: tools/list in a living session is answered with ${living.status}`)
    }
    const findings = new Findings()
    const unknown = await session.request('tools/list', {}, { sessionId: randomUUID() })
    if (unknown.status !== 404) {
      findings.add({
        id: isServed(unknown) ? 'unknown-session-served' : 'unknown-session-without-404',
        message: 'a request of a session that never was is answered with another status than 404',
        expected: 404,
        observed: unknown.status,
        ...(isServed(unknown) ? {} : { level: 'SHOULD' as const }),
      })
    }
    const without = await ctx.mcp.probe(session.url, {
      ...(session.token === undefined ? {} : { token: session.token }),
      body: { jsonrpc: '2.0', id: 'without-session', method: 'tools/list', params: {} },
    })
    if (without.status !== 400) {
      findings.add({
        id: 'missing-session-without-400',
        message: 'a request without the session id that was issued is answered with another status than 400',
        expected: 400,
        observed: without.status,
        level: 'SHOULD',
      })
    }
    const ended = await session.send({ method: 'DELETE' })
    const after = await session.request('tools/list')
    if (ended.status !== 405 && (ended.status < 200 || ended.status > 299)) {
      findings.add({
        id: 'end-refused',
        message: 'the end of a session is answered with neither 2xx nor 405',
        expected: '2xx or 405',
        observed: ended.status,
      })
    } else if (ended.status !== 405 && after.status !== 404) {
      findings.add({
        id: 'ended-session-lives',
        message: 'a session that was ended is not answered with 404',
        expected: 404,
        observed: after.status,
      })
    }
    await using next = await McpSession.open(ctx, session.url, session.token)
    if (next.sessionId === session.sessionId) {
      findings.add({
        id: 'session-id-reused',
        message: 'a new session has the id of the one that was ended',
        expected: 'another id',
      })
    }
    return judge(findings.list(), {
      unknown: unknown.status,
      missing: without.status,
      delete: ended.status,
      afterwards: after.status,
    })
  },
})

function isServed({ message }: ProbeResult): boolean {
  return message?.result !== undefined
}

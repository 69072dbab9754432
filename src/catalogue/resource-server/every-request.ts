import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { readingCalls } from '../support/reading-call.js'
import { openStreamBriefly } from '../support/stream-probe.js'

/** That a session began with a good token says nothing about who sends its next message. */
export const everyRequest = defineCheck({
  id: 'rs.every-request',
  suite: 'resource-server',
  title: 'Every later request of a session needs the token again',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Requirements' },
    { document: 'MCP-Security', clause: 'Session Hijacking' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-auth-only-initialize' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const [call] = await readingCalls(session)
    const { sessionId, url } = session
    const inSession = sessionId === undefined ? {} : { sessionId }
    const post = (body: unknown) => () => ctx.mcp.probe(url, { ...inSession, body })
    const requests: Readonly<Record<string, () => Promise<{ readonly status: number }>>> = {
      'tools/list': post(rpc('tools/list')),
      ...(call === undefined
        ? {}
        : { 'tools/call': post(rpc('tools/call', { name: call.name, arguments: call.args })) }),
      GET: () => openStreamBriefly(ctx, session, undefined),
      // Last, as it would end the session.
      DELETE: () => ctx.mcp.probe(url, { ...inSession, method: 'DELETE' }),
    }
    const findings = new Findings()
    const statuses: Record<string, number> = {}
    for (const [name, send] of Object.entries(requests)) {
      const { status } = await send()
      statuses[name] = status
      if (status === 401) continue
      const isServed = status < 300
      findings.add({
        id: isServed ? 'served-without-token' : 'refused-without-401',
        message: isServed
          ? 'a later request of a session is served without a token'
          : 'a later request of a session without a token is refused with another status than 401',
        expected: 401,
        observed: `${name}: ${status}`,
      })
    }
    if (findings.list().length === 0 && (await session.request('tools/list')).message?.result === undefined) {
      return notTestable('positive control: with the token the session does not answer tools/list either')
    }
    return judge(findings.list(), statuses)
  },
})

function rpc(method: string, params: Readonly<Record<string, unknown>> = {}): unknown {
  return { jsonrpc: '2.0', id: 1, method, params }
}

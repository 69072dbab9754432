import type { ProbeInput } from '../../mcp/mcp.js'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { readingCalls } from '../support/reading-call.js'

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
    const requests: Readonly<Record<string, ProbeInput>> = {
      'tools/list': { body: rpc('tools/list') },
      ...(call === undefined
        ? {}
        : { 'tools/call': { body: rpc('tools/call', { name: call.name, arguments: call.args }) } }),
      GET: { method: 'GET' },
      // Last, as it would end the session.
      DELETE: { method: 'DELETE' },
    }
    const findings = new Findings()
    const statuses: Record<string, number> = {}
    const { sessionId, url } = session
    for (const [name, input] of Object.entries(requests)) {
      const { status, message } = await ctx.mcp.probe(url, {
        ...(sessionId === undefined ? {} : { sessionId }),
        ...input,
      })
      statuses[name] = status
      if (status === 401) continue
      const isServed = status < 300 || message?.result !== undefined
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

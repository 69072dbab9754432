import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'

/** A server that goes on under a version which it does not speak answers in a form that the client cannot know. */
export const httpProtocolVersion = defineCheck({
  id: 'rs.http.protocol-version',
  suite: 'resource-server',
  title: 'Requests with an MCP-Protocol-Version that the server does not speak are refused with 400',
  level: 'MUST',
  source: [{ document: 'MCP-Transport', clause: 'Protocol Version Header' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-version-header-ignored' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const usual = await session.request('tools/list')
    if (usual.message?.result === undefined) {
      return notTestable(`positive control: tools/list is answered with status ${usual.status}`)
    }
    const findings = new Findings()
    const observed: Record<string, number> = {}
    for (const protocolVersion of ['1999-01-01', 'garbage', '2099-13-45']) {
      const { status, message } = await session.request('tools/list', {}, { protocolVersion })
      observed[protocolVersion] = status
      if (status === 400) continue
      const isServed = message?.result !== undefined
      findings.add({
        id: isServed ? 'unknown-version-served' : 'refused-without-400',
        message: isServed
          ? 'a request with a version that does not exist is served'
          : 'a request with a version that does not exist is refused with another status than 400',
        expected: 400,
        observed: `${protocolVersion}: ${status}`,
      })
    }
    const { protocolVersion: _, ...absent } = { protocolVersion: undefined }
    const without = await ctx.mcp.probe(session.url, {
      ...absent,
      ...(session.token === undefined ? {} : { token: session.token }),
      ...(session.sessionId === undefined ? {} : { headers: { 'mcp-session-id': session.sessionId } }),
      body: { jsonrpc: '2.0', id: 'without-version', method: 'tools/list', params: {} },
    })
    observed['none'] = without.status
    if (without.message?.result === undefined) {
      findings.add({
        id: 'absent-version-refused',
        message: 'a request without the header is refused; servers should assume 2025-03-26',
        expected: 'a result',
        observed: without.status,
        level: 'SHOULD',
      })
    }
    return judge(findings.list(), observed)
  },
})

import { defineCheck, judge } from '../check.js'
import { Findings } from '../support/findings.js'
import { McpSession, openTargetSession } from '../support/mcp-session.js'
import { openStreamBriefly } from '../support/stream-probe.js'

/** Clients probe with GET and DELETE whether a server has streams and sessions. */
export const httpMethods = defineCheck({
  id: 'rs.http.methods',
  suite: 'resource-server',
  title: 'GET is an event stream or 405, DELETE ends or is 405, and no other method does anything',
  level: 'MUST',
  source: [
    { document: 'MCP-Transport', clause: 'Listening for Messages from the Server' },
    { document: 'MCP-Transport', clause: 'Session Management' },
    { document: 'RFC9110', clause: '15.5.6' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-get-200-json' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const findings = new Findings()
    const stream = await openStreamBriefly(ctx, session, session.token)
    if (!stream.isStream && stream.status !== 405) {
      findings.add({
        id: 'get-neither-stream-nor-405',
        message: 'GET is answered with neither an event stream nor 405',
        expected: 'text/event-stream, or 405',
        observed: stream.status,
      })
    }
    await using other = await McpSession.open(ctx, session.url, session.token)
    const deleted = await other.send({ method: 'DELETE' })
    const isEnd = (deleted.status >= 200 && deleted.status < 300) || [404, 405].includes(deleted.status)
    // Without a session there is nothing to end.
    if (!isEnd && other.sessionId !== undefined) {
      findings.add({
        id: 'delete-otherwise',
        message: 'DELETE is answered with neither 2xx, 404 nor 405',
        expected: '2xx, 404 or 405',
        observed: deleted.status,
      })
    }
    const observed: Record<string, number> = { GET: stream.status, DELETE: deleted.status }
    for (const method of ['PUT', 'PATCH']) {
      const { status, message } = await session.send({
        method,
        body: { jsonrpc: '2.0', id: method, method: 'tools/list', params: {} },
      })
      observed[method] = status
      const isServed = status < 400 || status >= 500 || message?.result !== undefined
      if (!isServed && status === 405) continue
      findings.add({
        id: isServed ? 'other-method-served' : 'other-method-without-405',
        message: isServed
          ? 'PUT or PATCH is served, or fails in the server'
          : 'PUT or PATCH is refused with another status than 405',
        expected: 405,
        observed: `${method}: ${status}`,
        ...(isServed ? {} : { level: 'SHOULD' as const }),
      })
    }
    const options = await session.send({ method: 'OPTIONS' })
    observed['OPTIONS'] = options.status
    if (options.status >= 500 || options.sessionId !== undefined || options.message?.result !== undefined) {
      findings.add({
        id: 'options-does-something',
        message: 'OPTIONS fails in the server, or gives a session or a result',
        expected: '2xx or 4xx without content',
        observed: options.status,
      })
    }
    return judge(findings.list(), observed)
  },
})

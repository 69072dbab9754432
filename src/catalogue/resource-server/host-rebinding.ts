import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, openTargetSession } from '../support/mcp-session.js'

const LOOPBACK = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** With DNS rebinding a page reaches a local server under its own name: the browser then sends no foreign Origin. */
export const hostRebinding = defineCheck({
  id: 'rs.host.rebinding',
  suite: 'resource-server',
  title: 'A local server refuses requests under a foreign Host, and serves those under its own names',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Transport', clause: 'Security Warning' },
    { document: 'MCP-Conformance', clause: 'dns-rebinding-protection' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-host-unchecked' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const { hostname, port } = new URL(session.url)
    if (!LOOPBACK.test(hostname)) {
      return { kind: 'not-applicable', reason: 'the server is not on this machine' }
    }
    const statusUnder = async (host: string): Promise<number> => {
      const { status, sessionId } = await ctx.mcp.probe(session.url, {
        ...(session.token === undefined ? {} : { token: session.token }),
        headers: { host },
        body: initializeMessage(ctx.revision),
      })
      if (sessionId !== undefined) await session.send({ method: 'DELETE', sessionId })
      return status
    }
    const own = await statusUnder(`${hostname}:${port}`)
    if (own >= 300) return notTestable(`positive control: under its own name the server answers ${own}`)
    const findings = new Findings()
    const observed: Record<string, number> = {}
    for (const host of [`evil.example:${port}`, 'evil.example', `${hostname}.evil.example:${port}`]) {
      const status = await statusUnder(host)
      observed[host] = status
      if (status >= 400 && status < 500) continue
      findings.add({
        id: 'foreign-host-served',
        message: 'a request under a foreign Host is served',
        expected: '4xx',
        observed: `${host}: ${status}`,
      })
    }
    for (const host of [`localhost:${port}`, `127.0.0.1:${port}`]) {
      const status = await statusUnder(host)
      observed[host] = status
      if (status < 300) continue
      findings.add({
        id: 'own-host-refused',
        message: 'a request under a loopback name of the server is refused',
        expected: 200,
        observed: `${host}: ${status}`,
      })
    }
    return judge(findings.list(), observed)
  },
})

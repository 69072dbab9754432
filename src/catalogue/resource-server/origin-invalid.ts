import { defineCheck, judge, type Outcome } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, openTargetSession } from '../support/mcp-session.js'
import { openStreamBriefly } from '../support/stream-probe.js'

/** A page of any web site can send requests to a local server; its Origin is what gives it away. */
export const originInvalid = defineCheck({
  id: 'rs.origin.invalid',
  suite: 'resource-server',
  title: 'Requests with a foreign Origin are refused with 403, with a good token too',
  level: 'MUST',
  source: [{ document: 'MCP-Transport', clause: 'Security Warning' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-origin-unchecked' }],
  async run(ctx): Promise<Outcome> {
    // Without Origin it works: that is the control.
    await using session = await openTargetSession(ctx)
    const { host } = new URL(session.url)
    const origins = [
      'https://evil.example',
      'null',
      `http://${host}.evil.example`,
      `http://${host.replace(/:\d+$/, '')}.evil.example`,
    ]
    const findings = new Findings()
    const statuses: Record<string, number> = {}
    const token = session.token === undefined ? {} : { token: session.token }
    await Promise.all(
      origins.flatMap((origin) => [
        (async () => {
          const body = initializeMessage(ctx.revision)
          const { status } = await ctx.mcp.probe(session.url, { ...token, headers: { origin }, body })
          judgeStatus(ctx, findings, statuses, `POST ${origin}`, status)
        })(),
        judgePreflight(ctx, findings, session.url, origin),
      ]),
    )
    // One alone: a session has one stream at a time.
    const stream = await openStreamBriefly(ctx, session, session.token, { origin: 'https://evil.example' })
    judgeStatus(ctx, findings, statuses, 'GET https://evil.example', stream.status)
    const own = await ctx.mcp.probe(session.url, {
      ...token,
      headers: { origin: new URL(session.url).origin },
      body: initializeMessage(ctx.revision),
    })
    return judge(findings.list(), { ...statuses, "the server's own origin": own.status })
  },
})

function judgeStatus(
  ctx: CheckContext,
  findings: Findings,
  statuses: Record<string, number>,
  name: string,
  status: number,
): void {
  statuses[name] = status
  const isRefused = status >= 400 && status < 500
  if (status === 403 || (isRefused && ctx.revision < '2025-11-25')) return
  findings.add({
    id: isRefused ? 'refused-without-403' : 'foreign-origin-served',
    message: isRefused
      ? 'a request with a foreign Origin is refused with another status than 403'
      : 'a request with a foreign Origin is served',
    expected: 403,
    observed: `${name}: ${status}`,
  })
}

/** A preflight that grants nothing is as good as a refusal: the browser then sends nothing more. */
async function judgePreflight(
  ctx: CheckContext,
  findings: Findings,
  url: string,
  origin: string,
): Promise<void> {
  const response = await ctx.fetch(url, {
    method: 'OPTIONS',
    headers: {
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'authorization,content-type',
    },
  })
  await response.body?.cancel()
  const allowed = response.headers.get('access-control-allow-origin')
  if (!response.ok || (allowed !== origin && allowed !== '*')) return
  findings.add({
    id: 'preflight-granted',
    message: 'a preflight grants a foreign Origin access',
    expected: 403,
    observed: `${origin}: ${response.status}`,
  })
}

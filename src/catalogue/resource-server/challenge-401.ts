import type { ProbeInput, ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge, notTestable } from '../check.js'
import { parseBearerChallenge } from '../support/challenge.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'

/** The first answer of every authorized conversation: it tells a client that, and where, to get a token. */
export const challenge401 = defineCheck({
  id: 'rs.challenge.401',
  suite: 'resource-server',
  title: 'Every request without a token is answered with 401 and a Bearer challenge',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.3.1' },
    { document: 'RFC9110', clause: '15.5.2' },
    { document: 'MCP-Authorization', clause: 'Error Handling' },
  ],
  modes: ['oauth'],
  mutants: [
    {
      id: 's-open-without-token',
      alsoRed: ['rs.every-request', 'rs.token.query', 'rs.token.wrong-scheme'],
      alsoNotTestable: [
        'rs.www-authenticate.resource-metadata',
        'rs.www-authenticate.error-code',
        'rs.www-authenticate.scope',
      ],
    },
  ],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const requests: Readonly<Record<string, ProbeInput>> = {
      initialize: { body: initializeMessage(ctx.revision) },
      'tools/list': { body: rpc('tools/list') },
      'tools/call': { body: rpc('tools/call', { name: 'nc_notes_search_notes', arguments: { query: '' } }) },
      'server/discover': { body: rpc('server/discover') },
      GET: { method: 'GET' },
      DELETE: { method: 'DELETE' },
    }
    await using session = await McpSession.open(ctx, url, await ctx.token('alice'))
    const control = await session.request('tools/list')
    if (control.message?.result === undefined) {
      return notTestable(`positive control: tools/list with a token is answered with ${control.status}`)
    }
    const answers = await Promise.all(
      Object.entries(requests).map(async ([name, input]) => ({
        name,
        answer: await ctx.mcp.probe(url, input),
      })),
    )
    const findings = new Findings()
    for (const { name, answer } of answers) judgeAnswer(findings, name, answer)
    return judge(
      findings.list(),
      Object.fromEntries(answers.map(({ name, answer }) => [name, answer.status])),
    )
  },
})

function judgeAnswer(findings: Findings, name: string, answer: ProbeResult): void {
  const { status, message, sessionId, headers } = answer
  if (status < 300 || message?.result !== undefined || sessionId !== undefined) {
    findings.add({
      id: 'served-without-token',
      message: 'a request without a token is served',
      expected: 401,
      observed: `${name}: ${status}${sessionId === undefined ? '' : ' with a session id'}`,
    })
  } else if (status !== 401) {
    findings.add({
      id: 'refused-without-401',
      message: 'a request without a token is refused with another status than 401',
      expected: 401,
      observed: `${name}: ${status}`,
    })
  } else if (parseBearerChallenge(headers.get('www-authenticate')) === undefined) {
    findings.add({
      id: 'bearer-challenge-missing',
      message: 'a 401 carries no Bearer challenge',
      expected: 'WWW-Authenticate: Bearer …',
      observed: `${name}: ${headers.get('www-authenticate') ?? 'no WWW-Authenticate'}`,
    })
  }
}

function rpc(method: string, params: Readonly<Record<string, unknown>> = {}): unknown {
  return { jsonrpc: '2.0', id: 1, method, params }
}

import { defineCheck, judge } from '../check.js'
import type { CheckContext } from '../context.js'
import { parseBearerChallenge } from '../support/challenge.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { readingCalls } from '../support/reading-call.js'
import { requireAccepted } from '../support/token-probe.js'

/** Nextcloud itself takes passwords; a server that hands them on would be a way around its tokens. */
export const wrongScheme = defineCheck({
  id: 'rs.token.wrong-scheme',
  suite: 'resource-server',
  title: 'Credentials of another scheme than Bearer are refused with 401, and no password reaches Nextcloud',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.3.1' },
    { document: 'OAuth2.1', clause: '5.1' },
    { document: 'RFC9110', clause: '11.4' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-basic-passthrough' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin, users } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const { tokens } = await stack.oauth.mint('alice')
    const token = tokens.access_token
    await requireAccepted(ctx, url, token, 'the token with the Bearer scheme')
    await using alices = await McpSession.open(ctx, url, token)
    const [call] = await readingCalls(alices)
    const { userId, password } = users.alice
    const credentials: Readonly<Record<string, string>> = {
      "Basic with alice's password": `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`,
      'Token with a good token': `Token ${token}`,
      'DPoP with a good token': `DPoP ${token}`,
      'a good token and no scheme': token,
    }
    twin.clearRequests()
    const findings = new Findings()
    const statuses: Record<string, number> = {}
    for (const [name, authorization] of Object.entries(credentials)) {
      const answer = await ctx.mcp.probe(url, { authorization, body: initializeMessage(ctx.revision) })
      statuses[name] = answer.status
      judgeAnswer(findings, name, answer.status, answer.headers.get('www-authenticate'))
      if (call !== undefined) await callWith(ctx, url, authorization, answer.sessionId, call)
    }
    const withPassword = twin.requests().filter(({ basicUser }) => basicUser === userId)
    if (withPassword.length > 0) {
      findings.add({
        id: 'password-forwarded',
        message: "a client's password is sent to Nextcloud",
        expected: 'never',
        observed: [...new Set(withPassword.map(({ path }) => path))],
      })
    }
    return judge(findings.list(), statuses)
  },
})

function judgeAnswer(findings: Findings, name: string, status: number, challenge: string | null): void {
  if (status < 300) {
    findings.add({
      id: 'wrong-scheme-accepted',
      message: 'credentials of another scheme than Bearer are accepted',
      expected: 401,
      observed: `${name}: ${status}`,
    })
  } else if (status !== 401 || parseBearerChallenge(challenge) === undefined) {
    findings.add({
      id: 'refused-without-bearer-challenge',
      message: 'credentials of another scheme are not refused with 401 and a Bearer challenge',
      expected: '401 with WWW-Authenticate: Bearer …',
      observed: `${name}: ${status}, ${challenge ?? 'no WWW-Authenticate'}`,
    })
  }
}

/** A tool call straight away, in the session if one was given. */
async function callWith(
  ctx: CheckContext,
  url: string,
  authorization: string,
  sessionId: string | undefined,
  { name, args }: { readonly name: string; readonly args: unknown },
): Promise<void> {
  await ctx.mcp.probe(url, {
    authorization,
    ...(sessionId === undefined ? {} : { sessionId }),
    body: { jsonrpc: '2.0', id: 2, method: 'tools/call', params: { name, arguments: args } },
  })
}

import { createHash } from 'node:crypto'
import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, notTestable, type Finding, type Outcome } from '../check.js'
import { McpSession } from '../support/mcp-session.js'
import { readingCalls } from '../support/reading-call.js'
import { describeToolAnswer } from '../support/tool-answer.js'

/** What is asked about tokens and not with them. */
const AUTHORIZATION_PATHS = /^\/(?:apps\/oidc\/|\.well-known\/|status\.php)/

/** Whoever can make Nextcloud redirect (a proxy, a plugin, a shared link) must not thereby get at tokens. */
export const ownTokenPassthrough = defineCheck({
  id: 'rs.passthrough.own-token',
  suite: 'resource-server',
  title: "The client's token is not sent on where Nextcloud redirects a request to another origin",
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'MCP-Security', clause: 'Token Passthrough' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-auth-follows-redirect' }],
  async run(ctx): Promise<Outcome> {
    const [stack, elsewhere] = await Promise.all([ctx.privateStack(), ctx.privateStack({ ownKey: true })])
    const { twin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const { tokens } = await stack.oauth.mint('alice')
    await using session = await McpSession.open(ctx, url, tokens.access_token)
    const calls = await readingCalls(session)
    if (calls.length === 0) {
      return { kind: 'not-applicable', reason: 'the server has no tool that we can have read something' }
    }
    const apiRequests = (): UpstreamRequest[] =>
      twin.requests().filter(({ path }) => !AUTHORIZATION_PATHS.test(path))
    twin.clearRequests()
    for (const { name, args } of calls) {
      const control = await session.callTool(name, args)
      if (control.kind !== 'result') {
        return notTestable(`positive control: ${name} gives ${describeToolAnswer(control)}`)
      }
    }
    const sha256 = createHash('sha256').update(tokens.access_token).digest('hex')
    const credentials = [...new Set(apiRequests().map((request) => credentialsOf(request, sha256)))].sort()
    // The seed's design, against MCP's wording: said, and not judged.
    ctx.note(`Nextcloud's APIs are called with ${credentials.join(' and ')}`)

    twin.clearRequests()
    const { baseUrl: location } = elsewhere.nextcloud
    twin.inject({ scope: 'api', kind: 'redirect', location })
    const answers: Record<string, string> = {}
    for (const { name, args } of calls) answers[name] = (await session.callTool(name, args)).kind
    if (!apiRequests().some(({ status }) => status === 307)) {
      return notTestable('none of the calls was redirected')
    }
    const followed = elsewhere.nextcloud.twin.requests()
    return judge(judgeFollowed(followed, sha256), {
      credentials,
      answers,
      'requests at the other origin': followed.length,
    })
  },
})

function credentialsOf({ bearerSha256, basicUser }: UpstreamRequest, sha256: string): string {
  if (bearerSha256 !== undefined) {
    return bearerSha256 === sha256 ? "the client's own token" : 'another token'
  }
  return basicUser === undefined ? 'no credentials' : 'Basic credentials'
}

function judgeFollowed(followed: readonly UpstreamRequest[], sha256: string): Finding[] {
  const withToken = followed.filter(({ bearerSha256 }) => bearerSha256 === sha256)
  const withOther = followed.filter(
    ({ bearerSha256, basicUser }) =>
      basicUser !== undefined || (bearerSha256 !== undefined && bearerSha256 !== sha256),
  )
  const finding = (id: string, what: string, requests: readonly UpstreamRequest[]): Finding[] =>
    requests.length === 0
      ? []
      : [
          {
            id,
            message: `${what} to another origin, because Nextcloud redirected a request there`,
            expected: 'never',
            observed: [...new Set(requests.map(({ path }) => path))].sort(),
          },
        ]
  return [
    ...finding('token-sent-elsewhere', "the client's token is sent", withToken),
    ...finding('credentials-sent-elsewhere', "the server's own credentials are sent", withOther),
  ]
}

import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { presentToken, type TokenReception } from '../support/token-probe.js'

const SUFFIX = '-elsewhere'
const USUAL = /^\/apps\/oidc\/(authorize|token|userinfo|jwks|logout|register|introspect)$/
const ADVERTISED = new RegExp(`^/apps/oidc/[a-z]+${SUFFIX}$`)

/** Paths differ between versions, rewrite rules and sub-folders of Nextcloud; the document names the right ones. */
export const serverFollowsDocument = defineCheck({
  id: 'discovery.server-follows-document',
  suite: 'discovery',
  title: 'The server calls the endpoints that the discovery document names, wherever they are',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'every endpoint is taken from discovery' },
    { document: 'OIDC-Discovery', clause: '4' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-hardcoded-userinfo-path' }],
  async run(ctx) {
    const stack = await ctx.privateStack({ endpointSuffix: SUFFIX })
    const { twin } = stack.nextcloud
    twin.clearRequests()
    const { url } = await stack.launch('oauth')
    const atStart = twin.requests()
    const { received, requests } = await presentTokens(ctx, stack, url)
    return judgeRequests([...atStart, ...requests], received)
  },
})

/** What the server makes of a good token of each format, and whom it asks meanwhile. */
async function presentTokens(
  ctx: CheckContext,
  { nextcloud, oauth }: PrivateStack,
  url: string,
): Promise<{ received: Record<string, TokenReception>; requests: readonly UpstreamRequest[] }> {
  const received: Record<string, TokenReception> = {}
  const requests: UpstreamRequest[] = []
  for (const format of ['opaque', 'jwt'] as const) {
    const { tokens } = await oauth.mint('alice', { format })
    // Our own flow is not the server's.
    nextcloud.twin.clearRequests()
    received[format] = await presentToken(ctx, url, tokens.access_token)
    requests.push(...nextcloud.twin.requests())
  }
  return { received, requests }
}

function judgeRequests(
  requests: readonly UpstreamRequest[],
  received: Readonly<Record<string, TokenReception>>,
): Outcome {
  const called = (pattern: RegExp): string[] => [
    ...new Set(requests.filter(({ path }) => pattern.test(path)).map(({ path }) => path)),
  ]
  const [hardcoded, advertised] = [called(USUAL), called(ADVERTISED)]
  if (hardcoded.length > 0) {
    return judge([
      {
        id: 'endpoint-not-from-document',
        message: 'the server calls an endpoint at a path that the discovery document does not name',
        expected: 'the paths of the document',
        observed: hardcoded,
      },
    ])
  }
  if (advertised.length === 0) {
    return { kind: 'not-applicable', reason: 'the server calls no endpoint of the authorization server' }
  }
  if (!Object.values(received).includes('accepted')) {
    const each = Object.entries(received)
    const list = each.map(([format, reception]) => `the ${format} token is ${reception}`).join(', ')
    return notTestable(`positive control: ${list}`)
  }
  return judge([], { called: advertised, tokens: received })
}

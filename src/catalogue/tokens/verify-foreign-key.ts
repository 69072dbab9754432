import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, type Finding } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge, type JwtMembers } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** The keys come from the authorization server; a token that brings its own, or says where they are, proves nothing. */
export const verifyForeignKey = defineCheck({
  id: 'tokens.verify.foreign-key',
  suite: 'tokens',
  title: 'A JWT that a stranger signed is refused, and no key is fetched from where the token says',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC8725', clause: '3.10' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-follows-jku' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    // The stranger is an issuer with a key of its own; its log shows who asked it for anything.
    const [target, stranger] = await Promise.all([stack.launch('oauth'), ctx.privateStack({ ownKey: true })])
    const forge = await createJwtForge(ctx, stack, target)
    await requireAccepted(ctx, target.url, await forge.sign({}), 'the same token with its own signature')

    const { twin, internalUrl } = stranger.nextcloud
    const { alg, typ, kid } = forge.real.header
    const jwk = await twin.publicJwk()
    const jku = `${internalUrl}/index.php/apps/oidc/jwks`
    const cases: readonly (readonly [name: string, findingId: string, header: JwtMembers])[] = [
      ['with an unknown kid', 'foreign-key-accepted', { kid: jwk['kid'] }],
      ["with the kid of the authorization server's key", 'foreign-key-accepted', { kid }],
      ['without kid', 'foreign-key-accepted', { kid: undefined }],
      ['with its key as jwk', 'key-from-token-accepted', { kid: undefined, jwk }],
      ['with its key as jwk under the right kid', 'key-from-token-accepted', { kid, jwk: { ...jwk, kid } }],
      ['with jku', 'key-from-token-accepted', { kid: jwk['kid'], jku }],
      ['with jku and without kid', 'key-from-token-accepted', { kid: undefined, jku }],
      ['with x5u', 'key-from-token-accepted', { kid: jwk['kid'], x5u: `${internalUrl}/certificate.pem` }],
    ]
    twin.clearRequests()
    const forgeries = await Promise.all(
      cases.map(async ([name, findingId, header]) => {
        const token = await twin.signJwt({ header: { alg, typ, ...header }, claims: forge.real.claims })
        ctx.secret('access_token', token)
        return { name, findingId, reception: await presentToken(ctx, target.url, token) }
      }),
    )
    return judge(
      [...judgeForgeries(forgeries), ...judgeRequests(twin.requests())],
      describeForgeries(forgeries),
    )
  },
})

function judgeRequests(requests: readonly UpstreamRequest[]): Finding[] {
  if (requests.length === 0) return []
  return [
    {
      id: 'fetched-from-token',
      message: 'the server asks an address that an unverified token names',
      expected: 'no request',
      observed: [...new Set(requests.map(({ method, path }) => `${method} ${path}`))].sort(),
    },
  ]
}

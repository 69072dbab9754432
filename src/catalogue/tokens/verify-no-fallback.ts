import { defineCheck, judge, notTestable } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { breakSignature, createJwtForge } from '../support/jwt.js'
import { presentToken } from '../support/token-probe.js'

/** A fallback is for tokens that cannot be read, not a second chance for those that were read and found bad. */
export const verifyNoFallback = defineCheck({
  id: 'tokens.verify.no-fallback-bypass',
  suite: 'tokens',
  title: 'A JWT that fails validation stays refused, even when userinfo would answer 200',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'RFC9068', clause: '4' },
    { document: 'project', clause: 'userinfo is asked about tokens that are no JWTs' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-fallback-overrides-failure' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin, users } = stack.nextcloud
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    const control = await presentToken(ctx, target.url, await forge.sign({}))
    if (control !== 'accepted') {
      return notTestable(
        `positive control: a good JWT that userinfo does not vouch for is ${control}, so local validation cannot be ` +
          'told from asking Nextcloud',
      )
    }
    const { claims } = forge.real
    const now = Math.floor(Date.now() / 1000)
    const distance = Math.max(300, ctx.windows.clockSkewSeconds + 60)
    const tokens: readonly (readonly [string, string, string])[] = [
      [
        'expired',
        'expired-rescued',
        await forge.sign({ claims: { ...claims, iat: now - 3 * distance, exp: now - distance } }),
      ],
      [
        'for another audience',
        'other-audience-rescued',
        await forge.sign({ claims: { ...claims, aud: 'https://other.example/mcp' } }),
      ],
      [
        'of another issuer',
        'other-issuer-rescued',
        await forge.sign({ claims: { ...claims, iss: 'https://issuer.example' } }),
      ],
      [
        'with a wrong signature',
        'bad-signature-rescued',
        breakSignature(await forge.sign({ claims: { ...claims, iat: now - 1 } })),
      ],
    ]
    const forgeries = await Promise.all(
      tokens.map(async ([name, findingId, token]) => {
        ctx.secret('access_token', token)
        twin.honourToken(token, users.alice.userId)
        return { name, findingId, reception: await presentToken(ctx, target.url, token) }
      }),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})

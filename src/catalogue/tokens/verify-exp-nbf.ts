import { defineCheck, judge } from '../check.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { createJwtForge, type JwtMembers } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

const FIVE_MINUTES_SECONDS = 300

/** The lifetime is what limits the harm of a token that was seen by somebody else. */
export const verifyExpNbf = defineCheck({
  id: 'tokens.verify.exp-nbf',
  suite: 'tokens',
  title: 'A JWT is refused after its exp, without a usable exp, and before its nbf',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '4' },
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'RFC7519', clause: '4.1.4' },
    { document: 'RFC7519', clause: '4.1.5' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [
    {
      id: 's-exp-unchecked',
      alsoRed: ['tokens.verify.no-fallback-bypass', 'rs.token.expired', 'rs.cache.not-beyond-exp'],
    },
  ],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const target = await stack.launch('oauth')
    const forge = await createJwtForge(ctx, stack, target)
    await requireAccepted(ctx, target.url, await forge.sign({}), 'the same token with its own times')

    const { claims } = forge.real
    const now = Math.floor(Date.now() / 1000)
    const distance = Math.max(FIVE_MINUTES_SECONDS, ctx.windows.clockSkewSeconds + 60)
    const past = { iat: now - 3 * distance, exp: now - distance }
    const { exp: _, ...withoutExp } = claims
    const cases: readonly (readonly [string, string, JwtMembers])[] = [
      [`exp is ${distance} s ago`, 'expired-accepted', { ...claims, ...past }],
      ['exp is missing', 'exp-not-required', withoutExp],
      ['exp is a string', 'exp-not-required', { ...claims, exp: String(now + distance) }],
      ['exp is negative', 'expired-accepted', { ...claims, exp: -1 }],
      [`nbf is ${distance} s ahead`, 'not-yet-valid-accepted', { ...claims, nbf: now + distance }],
    ]
    const forgeries = await Promise.all(
      cases.map(async ([name, findingId, changed]) => ({
        name,
        findingId,
        reception: await presentToken(ctx, target.url, await forge.sign({ claims: changed })),
      })),
    )
    const skewSeconds = Math.floor(ctx.windows.clockSkewSeconds / 2)
    const justOver = await forge.sign({ claims: { ...claims, iat: now - 600, exp: now - skewSeconds } })
    return judge(judgeForgeries(forgeries), {
      ...describeForgeries(forgeries),
      [`exp is ${skewSeconds} s ago (allowed skew)`]: await presentToken(ctx, target.url, justOver),
    })
  },
})

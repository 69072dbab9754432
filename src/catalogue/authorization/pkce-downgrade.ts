import { defineCheck, judge, notTestable, violated } from '../check.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { randomVerifier } from '../support/pkce.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** Who strips the challenge off a request must not get a code that the client, verifier in hand, then redeems. */
export const pkceDowngrade = defineCheck({
  id: 'authz.pkce.downgrade',
  suite: 'authorization',
  title: 'A code that was asked for without a challenge is not redeemed with a code_verifier',
  level: 'MUST',
  source: [
    { document: 'RFC9700', clause: '2.1.1' },
    { document: 'RFC9700', clause: '4.8.2' },
    { document: 'OAuth2.1', clause: '4.1.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-downgrade', profile: 'strict' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    if (control.accessToken === undefined) {
      return notTestable(`positive control: with PKCE a code is refused (${describeAnswer(control)})`)
    }
    // With a nonce: a server may then do without PKCE, as long as nobody relies on it.
    const answer = await probe.send({ code_challenge: undefined, code_challenge_method: undefined })
    const pending = probe.pendingCode(answer)
    if (pending === undefined) return judge([], { withoutChallenge: describe(answer) })
    const verifier = randomVerifier(64)
    ctx.secret('code_verifier', verifier)
    const tokens = await redeemCode(ctx, ctx.oauth, pending, { code_verifier: verifier })
    if (tokens.accessToken === undefined) {
      return tokens.status === 429 || tokens.status >= 500
        ? notTestable(`the token endpoint answers ${tokens.status}`)
        : judge([], { withoutChallenge: describe(answer), tokenRequest: describeAnswer(tokens) })
    }
    return violated({
      id: 'verifier-without-challenge-accepted',
      message: 'a code_verifier is accepted although the authorization request had no code_challenge',
      expected: '400 invalid_grant',
      observed: describeAnswer(tokens),
    })
  },
})

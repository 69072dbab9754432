import { defineCheck, judge, notTestable, violated } from '../check.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** OAuth 2.1 leaves confidential clients one way without PKCE: a nonce. Without either, a stolen code is good anywhere. */
export const pkceRequired = defineCheck({
  id: 'authz.pkce.required',
  suite: 'authorization',
  title: 'Without a code_challenge and without a nonce no tokens are issued',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '7.5.2' },
    { document: 'OAuth2.1', clause: '4.1.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-not-enforced', profile: 'strict' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    if (control.accessToken === undefined) {
      return notTestable(`positive control: with PKCE a code is refused (${describeAnswer(control)})`)
    }
    const withoutChallenge = { code_challenge: undefined, code_challenge_method: undefined }
    const answer = await probe.send({ ...withoutChallenge, nonce: undefined })
    const pending = probe.pendingCode(answer)
    if (pending === undefined) return judge([], { withoutChallenge: describe(answer) })
    const tokens = await redeemCode(ctx, ctx.oauth, pending, { code_verifier: undefined })
    if (tokens.accessToken === undefined) {
      return tokens.status === 429 || tokens.status >= 500
        ? notTestable(`the token endpoint answers ${tokens.status}`)
        : judge([], { withoutChallenge: describe(answer), tokenRequest: describeAnswer(tokens) })
    }
    return violated({
      id: 'tokens-without-challenge',
      message: 'tokens are issued for a request with neither code_challenge nor nonce',
      expected: 'a refusal by the authorization endpoint or the token endpoint',
      observed: describeAnswer(tokens),
    })
  },
})

import { defineCheck, judge, notTestable, violated } from '../check.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** Without this refusal PKCE protects nothing: whoever gets hold of a code can use it. */
export const pkceMissingVerifier = defineCheck({
  id: 'authz.pkce.missing-verifier',
  suite: 'authorization',
  title: 'A code that was asked for with a challenge is worth nothing without the code_verifier',
  level: 'MUST',
  source: [
    { document: 'RFC7636', clause: '4.6' },
    { document: 'OAuth2.1', clause: '4.1.3' },
    { document: 'RFC9700', clause: '2.1.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-verifier-optional' }],
  async run(ctx) {
    // Two codes: a failed attempt may use the first one up.
    const first = await ctx.oauth.obtainCode('alice')
    const second = await ctx.oauth.obtainCode('alice', { client: first.client })
    const without = await redeemCode(ctx, ctx.oauth, first, { code_verifier: undefined })
    const control = await redeemCode(ctx, ctx.oauth, second)
    if (control.accessToken === undefined) {
      return notTestable(`positive control: with its verifier a code is refused (${describeAnswer(control)})`)
    }
    if (without.accessToken !== undefined) {
      return violated({
        id: 'tokens-without-verifier',
        message: 'tokens are issued for a code without its code_verifier',
        expected: '400 invalid_grant',
        observed: describeAnswer(without),
      })
    }
    if (without.status === 429 || without.status >= 500) {
      return notTestable(`the token endpoint answers ${without.status}`)
    }
    const isUsualError = ['invalid_grant', 'invalid_request'].includes(String(without.members['error']))
    return judge(
      without.status === 400 && isUsualError
        ? []
        : [
            {
              id: 'other-error',
              message: 'the refusal is not 400 with invalid_grant',
              level: 'SHOULD',
              expected: '400 invalid_grant',
              observed: describeAnswer(without),
            },
          ],
      { withoutVerifier: describeAnswer(without), withVerifier: describeAnswer(control) },
    )
  },
})

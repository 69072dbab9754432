import { defineCheck, notTestable, satisfied, violated } from '../check.js'
import { describeAnswer, redeemCode, requestTokens } from '../support/token-request.js'

/** A code that passes for a refresh token needs no code_verifier: PKCE is bypassed. */
export const codeAsRefreshToken = defineCheck({
  id: 'authz.code.not-a-refresh-token',
  suite: 'authorization',
  title: 'An unused authorization code is not accepted as refresh_token',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '5.2' },
    { document: 'RFC6749', clause: '6' },
    { document: 'RFC7636', clause: '4.6' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-code-as-refresh-token', profile: 'strict' }],
  async run(ctx) {
    const first = await ctx.oauth.obtainCode('alice')
    const second = await ctx.oauth.obtainCode('alice', { client: first.client })
    const { client_id, client_secret } = first.client
    const answer = await requestTokens(ctx, ctx.oauth, {
      grant_type: 'refresh_token',
      refresh_token: first.response.code,
      client_id,
      client_secret,
    })
    const control = await redeemCode(ctx, ctx.oauth, second)
    if (control.accessToken === undefined) {
      return notTestable(`positive control: a code is refused as what it is (${describeAnswer(control)})`)
    }
    if (answer.accessToken !== undefined) {
      return violated({
        id: 'code-accepted-as-refresh-token',
        message: 'an unused code buys tokens as refresh_token, without its code_verifier',
        expected: '400 invalid_grant',
        observed: describeAnswer(answer),
      })
    }
    if (answer.status === 429 || answer.status >= 500) {
      return notTestable(`the token endpoint answers ${answer.status}`)
    }
    return satisfied({ asRefreshToken: describeAnswer(answer), asCode: describeAnswer(control) })
  },
})

import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { AuthorizationProbe } from '../support/authorization-probe.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** The redirect URI of the token request shows that the code came back to where it was asked for. */
export const codeRedirectUriBound = defineCheck({
  id: 'authz.code.redirect-uri-bound',
  suite: 'authorization',
  title: 'A code is not redeemed with another redirect_uri than the one of its request',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.3' },
    { document: 'OAuth2.1', clause: '10.2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-token-redirect-ignored', profile: 'strict' }],
  async run(ctx) {
    const other = 'http://127.0.0.1:9/other'
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice, {
      redirect_uris: ['http://127.0.0.1:9/callback', other],
    })
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    if (control.accessToken === undefined) {
      return notTestable(
        `positive control: with its redirect_uri a code is refused (${describeAnswer(control)})`,
      )
    }
    const registered = await redeemCode(ctx, ctx.oauth, await probe.code(), { redirect_uri: other })
    const foreign = await redeemCode(ctx, ctx.oauth, await probe.code(), {
      redirect_uri: 'https://client.example/callback',
    })
    const without = await redeemCode(ctx, ctx.oauth, await probe.code(), { redirect_uri: undefined })
    const answers = { registered, foreign }
    const described = Object.fromEntries(
      Object.entries(answers).map(([name, answer]) => [name, describeAnswer(answer)]),
    )
    if (Object.values(answers).some(({ status }) => status === 429 || status >= 500)) {
      return notTestable(`the token endpoint answers ${JSON.stringify(described)}`)
    }
    const findings: Finding[] = []
    const refusals = Object.values(answers).filter(({ accessToken }) => accessToken === undefined)
    if (refusals.length < Object.keys(answers).length) {
      findings.push({
        id: 'other-redirect-uri-accepted',
        message: 'a code is redeemed with another redirect_uri than the one of its request',
        expected: '400 invalid_grant',
        observed: described,
      })
    }
    if (refusals.some(({ status, members }) => status !== 400 || members['error'] !== 'invalid_grant')) {
      findings.push({
        id: 'other-error',
        level: 'SHOULD',
        message: 'another redirect_uri is not refused with 400 invalid_grant',
        expected: '400 invalid_grant',
        observed: described,
      })
    }
    // OAuth 2.1 has dropped the parameter, so leaving it out is allowed there and an error in RFC 6749.
    return judge(findings, { ...described, without: describeAnswer(without) })
  },
})

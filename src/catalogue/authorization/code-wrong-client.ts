import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { AuthorizationProbe } from '../support/authorization-probe.js'
import { registerUsableClient } from '../support/usable-client.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** A code that another client got hold of is worth nothing to it. */
export const codeWrongClient = defineCheck({
  id: 'authz.code.wrong-client',
  suite: 'authorization',
  title: 'A code buys nothing for another client, whose own credentials are good',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.3' },
    { document: 'RFC6749', clause: '5.2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-code-any-client' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const thief = await registerUsableClient(ctx, ctx.oauth, { redirect_uris: probe.client.redirect_uris })
    const { client_id, client_secret } = thief
    const own = await redeemCode(ctx, ctx.oauth, await ctx.oauth.obtainCode('alice', { client: thief }))
    const stolen = await probe.code()
    const theft = await redeemCode(ctx, ctx.oauth, stolen, { client_id, client_secret })
    const afterwards = await redeemCode(ctx, ctx.oauth, stolen)
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    const refused = [own, control].find(({ accessToken }) => accessToken === undefined)
    if (refused !== undefined) {
      return notTestable(
        `positive control: a code is refused for its own client (${describeAnswer(refused)})`,
      )
    }
    if (theft.status === 429 || theft.status >= 500) {
      return notTestable(`the token endpoint answers ${theft.status}`)
    }
    const findings: Finding[] = []
    if (theft.accessToken !== undefined) {
      findings.push({
        id: 'code-redeemed-by-other-client',
        message: 'a code buys tokens for a client that it was not issued to',
        expected: '400 invalid_grant',
        observed: describeAnswer(theft),
      })
    } else if (theft.status !== 400 || theft.members['error'] !== 'invalid_grant') {
      findings.push({
        id: 'other-error',
        level: 'SHOULD',
        message: "another client's code is not refused with 400 invalid_grant",
        expected: '400 invalid_grant',
        observed: describeAnswer(theft),
      })
    }
    return judge(findings, {
      otherClient: describeAnswer(theft),
      ownClientAfterwards: describeAnswer(afterwards),
    })
  },
})

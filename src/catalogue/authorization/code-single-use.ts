import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

const PARALLEL = 5

/** A code that was seen by somebody else must be worth nothing, and its second use is an alarm. */
export const codeSingleUse = defineCheck({
  id: 'authz.code.single-use',
  suite: 'authorization',
  title: 'A code buys tokens once, also when it is sent five times at the same moment',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2' },
    { document: 'OAuth2.1', clause: '4.1.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-code-replay' }],
  async run(ctx) {
    const first = await ctx.oauth.obtainCode('alice')
    const second = await ctx.oauth.obtainCode('alice', { client: first.client })

    const redeemed = await redeemCode(ctx, ctx.oauth, first)
    const alive = await askUserinfo(ctx, ctx.oauth, redeemed.accessToken)
    if (redeemed.accessToken === undefined || !isAlive(alive)) {
      return notTestable(
        `positive control: the first use of a code gives no usable token (${describeAnswer(redeemed)})`,
      )
    }
    const again = await redeemCode(ctx, ctx.oauth, first)
    const afterReuse = await askUserinfo(ctx, ctx.oauth, redeemed.accessToken)
    const parallel = await Promise.all(
      Array.from({ length: PARALLEL }, () => redeemCode(ctx, ctx.oauth, second)),
    )
    const successes = parallel.filter(({ accessToken }) => accessToken !== undefined).length
    if (parallel.some(({ status }) => status === 429)) {
      return notTestable('token requests are rate limited at the moment')
    }

    const findings: Finding[] = []
    if (again.accessToken !== undefined || successes > 1) {
      findings.push({
        id: 'code-accepted-again',
        message: 'a used code buys tokens again',
        expected: { secondUse: '400 invalid_grant', successesOfParallelUses: 1 },
        observed: { secondUse: describeAnswer(again), successesOfParallelUses: successes },
      })
    } else if (again.members['error'] !== 'invalid_grant') {
      findings.push({
        id: 'other-error',
        message: 'the second use is not refused with invalid_grant',
        expected: '400 invalid_grant',
        observed: describeAnswer(again),
      })
    }
    if (again.accessToken === undefined && isAlive(afterReuse)) {
      findings.push({
        id: 'tokens-survive-reuse',
        level: 'SHOULD',
        message: 'the tokens of the first use stay alive after the code was used again',
        expected: 'refused',
        observed: afterReuse.status,
      })
    }
    return judge(findings, {
      secondUse: describeAnswer(again),
      parallel: parallel.map(describeAnswer),
      firstTokenAfterReuse: afterReuse.status,
    })
  },
})

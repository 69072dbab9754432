import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { randomVerifier, s256 } from '../support/pkce.js'
import { describeAnswer, redeemCode, type TokenAnswer } from '../support/token-request.js'

/** The challenge travels through the browser: whoever sees it must not be able to use it as verifier. */
export const pkcePlain = defineCheck({
  id: 'authz.pkce.plain',
  suite: 'authorization',
  title:
    'An S256 challenge is no verifier, no method means plain or nothing, and an unknown method is an error',
  level: 'MUST',
  source: [
    { document: 'RFC7636', clause: '4.6' },
    { document: 'RFC7636', clause: '4.3' },
    { document: 'RFC7636', clause: '4.4.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-tries-plain' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    if (control.accessToken === undefined) {
      return notTestable(`positive control: with its verifier a code is refused (${describeAnswer(control)})`)
    }
    const pending = await probe.code()
    const asVerifier = await redeemCode(ctx, ctx.oauth, pending, {
      code_verifier: s256(pending.request.codeVerifier),
    })
    if (asVerifier.status === 429 || asVerifier.status >= 500) {
      return notTestable(`the token endpoint answers ${asVerifier.status}`)
    }
    const unknown = await probe.send({ code_challenge_method: 'S512' })
    const withoutMethod = await meaningOfNoMethod(ctx, probe)

    const findings: Finding[] = []
    if (asVerifier.accessToken !== undefined) {
      findings.push({
        id: 'challenge-accepted-as-verifier',
        message: 'the S256 challenge itself is accepted as code_verifier',
        expected: '400 invalid_grant',
        observed: describeAnswer(asVerifier),
      })
    }
    if (withoutMethod === 'S256') {
      findings.push({
        id: 'missing-method-means-s256',
        level: 'SHOULD',
        message: 'a challenge without code_challenge_method is taken for S256 instead of plain',
        expected: 'plain, or a refusal',
        observed: withoutMethod,
      })
    }
    if (unknown.parameters.has('code')) {
      findings.push({
        id: 'unknown-method-accepted',
        message: 'an unknown code_challenge_method is answered with a code',
        expected: 'error=invalid_request',
        observed: describe(unknown),
      })
    } else if (unknown.parameters.get('error') !== 'invalid_request') {
      findings.push({
        id: 'unknown-method-other-error',
        message: 'an unknown code_challenge_method is not answered with an invalid_request response',
        expected: 'error=invalid_request',
        observed: describe(unknown),
      })
    }
    return judge(findings, {
      challengeAsVerifier: describeAnswer(asVerifier),
      withoutMethod,
      unknownMethod: describe(unknown),
    })
  },
})

/** What a challenge without a method is taken for. */
async function meaningOfNoMethod(
  ctx: Pick<CheckContext, 'secret' | 'oauth'>,
  probe: AuthorizationProbe,
): Promise<'plain' | 'S256' | 'neither' | 'refused'> {
  const verifier = randomVerifier(64)
  ctx.secret('code_verifier', verifier)
  const redeem = async (challenge: string): Promise<TokenAnswer | undefined> => {
    const answer = await probe.send({ code_challenge: challenge, code_challenge_method: undefined })
    const pending = probe.pendingCode(answer)
    return pending && redeemCode(ctx, ctx.oauth, pending, { code_verifier: verifier })
  }
  const plain = await redeem(verifier)
  if (plain === undefined) return 'refused'
  if (plain.accessToken !== undefined) return 'plain'
  return (await redeem(s256(verifier)))?.accessToken === undefined ? 'neither' : 'S256'
}

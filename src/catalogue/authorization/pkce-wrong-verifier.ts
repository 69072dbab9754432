import { defineCheck, judge, notTestable } from '../check.js'
import { AuthorizationProbe } from '../support/authorization-probe.js'
import { Findings } from '../support/findings.js'
import { randomVerifier, s256 } from '../support/pkce.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** A verifier that anybody could guess, or that is only nearly right, protects nothing. */
export const pkceWrongVerifier = defineCheck({
  id: 'authz.pkce.wrong-verifier',
  suite: 'authorization',
  title: 'A code is worth nothing with another code_verifier, nor with one of illegal length',
  level: 'MUST',
  source: [
    { document: 'RFC7636', clause: '4.6' },
    { document: 'OAuth2.1', clause: '4.1.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-pkce-compare-prefix' }],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const control = await redeemCode(ctx, ctx.oauth, await probe.code())
    if (control.accessToken === undefined) {
      return notTestable(`positive control: with its verifier a code is refused (${describeAnswer(control)})`)
    }
    const findings = new Findings()
    const answers: Record<string, string> = {}
    const attempt = async (
      name: string,
      pending: Parameters<typeof redeemCode>[2] | undefined,
      verifier: string,
      accepted: { readonly id: string; readonly message: string; readonly level?: 'SHOULD' },
    ): Promise<void> => {
      ctx.secret('code_verifier', verifier)
      if (pending === undefined) {
        answers[name] = 'refused at the authorization endpoint'
        return
      }
      const answer = await redeemCode(ctx, ctx.oauth, pending, { code_verifier: verifier })
      const described = describeAnswer(answer)
      answers[name] = described
      if (answer.accessToken !== undefined) {
        findings.add({ ...accepted, expected: '400 invalid_grant', observed: { [name]: described } })
      } else if (answer.status !== 400 || answer.members['error'] !== 'invalid_grant') {
        findings.add({
          id: 'other-error',
          level: 'SHOULD',
          message: 'a wrong verifier is not refused with 400 invalid_grant',
          expected: '400 invalid_grant',
          observed: { [name]: described },
        })
      }
    }

    const wrong = {
      id: 'wrong-verifier-accepted',
      message: 'tokens are issued for a code with another code_verifier than the one of its challenge',
    }
    const first = await probe.code()
    const other = await probe.code()
    await attempt('of another flow', first, other.request.codeVerifier, wrong)
    await attempt('last character changed', other, changeLast(other.request.codeVerifier), wrong)

    // The right preimage of the challenge, but not what RFC 7636 §4.1 lets a verifier be.
    for (const length of [42, 129]) {
      const verifier = randomVerifier(length)
      const answer = await probe.send({ code_challenge: s256(verifier) })
      await attempt(`of ${length} characters`, probe.pendingCode(answer), verifier, {
        id: 'illegal-length-accepted',
        level: 'SHOULD',
        message: 'a code_verifier of illegal length is accepted (RFC 7636 §4.1: 43 to 128 characters)',
      })
    }

    const plain = randomVerifier(64)
    const answer = await probe.send({ code_challenge: plain, code_challenge_method: 'plain' })
    await attempt('last character changed, method plain', probe.pendingCode(answer), changeLast(plain), {
      id: 'wrong-plain-verifier-accepted',
      message: 'with the method plain a code_verifier that differs in its last character is accepted',
    })
    if (Object.values(answers).some((text) => /^(429|5)/.test(text))) {
      return notTestable(`the token endpoint answers ${JSON.stringify(answers)}`)
    }
    return judge(findings.list(), { ...answers, right: describeAnswer(control) })
  },
})

function changeLast(text: string): string {
  return text.slice(0, -1) + (text.endsWith('A') ? 'B' : 'A')
}

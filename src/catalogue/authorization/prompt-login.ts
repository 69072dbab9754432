import { setTimeout as sleep } from 'node:timers/promises'
import { decodeJwt } from 'jose'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import type { NextcloudUser } from '../../nextcloud/nextcloud.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** A client asks so before something that only the person themself may do. */
export const promptLogin = defineCheck({
  id: 'authz.prompt.login',
  suite: 'authorization',
  title: 'prompt=login asks for the password again although there is a session, and auth_time tells so',
  level: 'SHOULD',
  source: [
    { document: 'OIDC-Core', clause: '3.1.2.1' },
    { document: 'OIDC-Core', clause: '2' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-prompt-login-ignored' }],
  async run(ctx) {
    const { oauth, alice, letASecondPass } = await instance(ctx)
    const probe = await AuthorizationProbe.open(ctx, oauth, alice)
    const authTime = async (pending: Parameters<typeof redeemCode>[2]): Promise<unknown> => {
      const answer = await redeemCode(ctx, oauth, pending)
      const { id_token: idToken } = answer.members
      ctx.note(`token request: ${describeAnswer(answer)}`)
      return typeof idToken === 'string' ? decodeJwt(idToken)['auth_time'] : undefined
    }
    const first = await authTime(await probe.code())
    const control = await probe.send()
    if (control.pages.length > 0 || !control.parameters.has('code')) {
      return notTestable(`positive control: without prompt the session is not enough (${describe(control)})`)
    }
    await letASecondPass()
    const answer = await probe.send({ prompt: 'login' })
    const findings: Finding[] = []
    if (!answer.pages.includes('login')) {
      findings.push({
        id: 'session-reused',
        message: 'prompt=login is answered without asking for the password',
        expected: 'the login page',
        observed: describe(answer),
      })
      return judge(findings)
    }
    const pending = probe.pendingCode(answer)
    const second = pending && (await authTime(pending))
    if (pending === undefined) {
      findings.push({
        id: 'no-code-after-login',
        message: 'after the login that prompt=login asked for the client gets no code',
        expected: 'a code',
        observed: describe(answer),
      })
    } else if (typeof first === 'number' && typeof second === 'number' && second <= first) {
      findings.push({
        id: 'auth-time-unchanged',
        message: 'auth_time of the ID token is not newer after the password was asked for again',
        expected: `> ${first}`,
        observed: second,
      })
    }
    return judge(findings, { pages: answer.pages, authTime: { first, second } })
  },
})

/** A Nextcloud whose clock can be moved, where there can be one: auth_time counts whole seconds. */
async function instance(ctx: CheckContext): Promise<{
  readonly oauth: OAuthDriver
  readonly alice: NextcloudUser
  readonly letASecondPass: () => Promise<void>
}> {
  if (ctx.nextcloud.kind !== 'embedded') {
    const letASecondPass = (): Promise<void> => sleep(1_100)
    return { oauth: ctx.oauth, alice: ctx.users.alice, letASecondPass }
  }
  const { oauth, nextcloud } = await ctx.privateStack({ consent: false })
  const letASecondPass = (): Promise<void> => {
    nextcloud.clock.shift(2)
    return Promise.resolve()
  }
  return { oauth, alice: nextcloud.users.alice, letASecondPass }
}

import { setTimeout as sleep } from 'node:timers/promises'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { AuthorizationProbe } from '../support/authorization-probe.js'
import { seenWithin } from '../support/seen-within.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'

/** RFC 6749 §4.1.2: a maximum of 10 minutes is RECOMMENDED. */
const RECOMMENDED_MAXIMUM_SECONDS = 600
/** The life that is configured to see its end. */
const CONFIGURED_SECONDS = 5

/** A code that was left in a log or a history must not be worth anything when somebody finds it. */
export const codeLifetime = defineCheck({
  id: 'authz.code.lifetime',
  suite: 'authorization',
  title: 'A code expires, by default within ten minutes',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '4.1.2' },
    { document: 'OAuth2.1', clause: '4.1.2' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  mutants: [{ id: 'n-code-never-expires' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const { nextcloud, oauth } = await ctx.ownNextcloud()
    const probe = await AuthorizationProbe.open(ctx, oauth, nextcloud.users.alice)
    const redeemFresh = async (): ReturnType<typeof redeemCode> => redeemCode(ctx, oauth, await probe.code())
    const control = await redeemFresh()
    if (control.accessToken === undefined) {
      return notTestable(`positive control: a fresh code is refused (${describeAnswer(control)})`)
    }
    const findings: Finding[] = []
    const { clock } = nextcloud
    const observed: Record<string, unknown> = {}
    if (clock === undefined) {
      // Ten minutes are too long to wait. The oidc app has one setting for the life of codes and of access tokens.
      observed['defaultSeconds'] = control.members['expires_in']
    } else {
      const pending = await probe.code()
      clock.shift(RECOMMENDED_MAXIMUM_SECONDS + 1)
      const late = await redeemCode(ctx, oauth, pending)
      observed['afterTenMinutes'] = describeAnswer(late)
      if (late.accessToken !== undefined) observed['defaultSeconds'] = control.members['expires_in']
    }
    if (Number(observed['defaultSeconds']) > RECOMMENDED_MAXIMUM_SECONDS) {
      findings.push({
        id: 'longer-than-ten-minutes',
        level: 'SHOULD',
        message: 'with the default configuration a code is good for more than ten minutes',
        expected: `at most ${RECOMMENDED_MAXIMUM_SECONDS} s`,
        observed: { ...observed },
      })
    }

    await nextcloud.admin.setAppConfig('oidc', 'expire_time', String(CONFIGURED_SECONDS))
    const short = await seenWithin(redeemFresh, ({ members }) => members['expires_in'] === CONFIGURED_SECONDS)
    if (short.accessToken === undefined) {
      return notTestable(
        `positive control: with a short life a fresh code is refused (${describeAnswer(short)})`,
      )
    }
    const pending = await probe.code()
    // A real clock has to be waited for. A server may also have a life for codes of its own, of a minute or so.
    if (clock === undefined) await sleep((CONFIGURED_SECONDS + 2) * 1000)
    else clock.shift(CONFIGURED_SECONDS + 60)
    const expired = await redeemCode(ctx, oauth, pending)
    observed['afterItsLife'] = describeAnswer(expired)
    if (expired.accessToken !== undefined) {
      findings.push({
        id: 'code-outlives-its-life',
        message: 'a code is still good after the life that is configured for it',
        expected: '400 invalid_grant',
        observed: describeAnswer(expired),
      })
    } else if (expired.status !== 400 || expired.members['error'] !== 'invalid_grant') {
      findings.push({
        id: 'other-error',
        level: 'SHOULD',
        message: 'an expired code is not refused with 400 invalid_grant',
        expected: '400 invalid_grant',
        observed: describeAnswer(expired),
      })
    }
    return judge(findings, observed)
  },
})

import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { AuthorizationProbe, describe } from '../support/authorization-probe.js'

const SILENTLY = { prompt: 'none' }
/** Pages stay unanswered: the person is not supposed to see any. */
const LIMITS = { stopAt: ['login', 'consent', 'redirect'] } as const

/** `prompt=none` is asked where nobody looks: a page there is never answered. */
export const promptNone = defineCheck({
  id: 'authz.prompt.none',
  suite: 'authorization',
  title: 'With prompt=none no page is ever shown: the client hears that login or consent is required',
  level: 'MUST',
  source: [
    { document: 'OIDC-Core', clause: '3.1.2.1' },
    { document: 'OIDC-Core', clause: '3.1.2.6' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-prompt-none-shows-login',
      alsoRed: ['race.probe.authorize'],
      alsoNotTestable: ['race.first-use.authorize', 'race.parallel-registrations'],
    },
  ],
  async run(ctx) {
    const probe = await AuthorizationProbe.open(ctx, ctx.oauth, ctx.users.alice)
    const withoutSession = await probe.send(SILENTLY, LIMITS)
    // Logs in for this client and stops where consent is asked for, so that there is a session and no consent.
    const login = await probe.send({}, { stopAt: ['consent'] })
    const consentIsAsked = login.pages.at(-1) === 'consent'
    const withoutConsent = await probe.send(SILENTLY, LIMITS)
    const consented = await probe.send()
    const control = await probe.send(SILENTLY, LIMITS)
    if (!consented.parameters.has('code') || !control.parameters.has('code')) {
      const described = describe(consented.parameters.has('code') ? control : consented)
      return notTestable(`positive control: with session and consent there is no code (${described})`)
    }
    const findings: Finding[] = []
    if (withoutSession.sentTo === undefined) {
      findings.push({
        id: 'page-without-session',
        message: 'without a session prompt=none is answered with a page',
        expected: 'error=login_required',
        observed: describe(withoutSession),
      })
    } else if (withoutSession.parameters.get('error') !== 'login_required') {
      findings.push({
        id: 'other-error-without-session',
        message: 'without a session prompt=none is not answered with login_required',
        expected: 'error=login_required',
        observed: describe(withoutSession),
      })
    }
    const answers = {
      withoutSession: describe(withoutSession),
      withoutConsent: consentIsAsked ? describe(withoutConsent) : 'consent is not asked for here',
      withConsent: describe(control),
    }
    if (!consentIsAsked) return judge(findings, answers, ['page-without-consent'])
    const error = withoutConsent.parameters.get('error') ?? ''
    if (withoutConsent.sentTo === undefined) {
      findings.push({
        id: 'page-without-consent',
        message: 'without consent prompt=none is answered with a page',
        expected: 'error=consent_required',
        observed: describe(withoutConsent),
      })
    } else if (!['consent_required', 'interaction_required'].includes(error)) {
      findings.push({
        id: 'other-answer-without-consent',
        message: 'without consent prompt=none is not answered with consent_required',
        expected: 'error=consent_required or interaction_required',
        observed: describe(withoutConsent),
      })
    }
    return judge(findings, answers)
  },
})

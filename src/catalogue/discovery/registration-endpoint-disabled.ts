import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { advertisedRegistration, REGISTRATION_KEY } from '../support/registration-switch.js'
import { configurationLagMs, seenWithin } from '../support/seen-within.js'

/** A client that is promised registration tries it, fails, and does not ask for credentials instead. */
export const registrationEndpointDisabled = defineCheck({
  id: 'discovery.registration-endpoint.disabled',
  suite: 'discovery',
  title: 'While dynamic registration is off, no registration_endpoint is advertised',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'only what is switched on is advertised' },
    { document: 'OIDC-Discovery', clause: '3' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 60_000,
  mutants: [
    {
      id: 'n-dcr-advertised-when-off',
      // A server that trusts the document tries to register.
      alsoRed: ['registration.no-way-to-register'],
      alsoNotTestable: ['discovery.registration-endpoint.wrong-key'],
    },
  ],
  async run(ctx) {
    const { nextcloud } = await ctx.ownNextcloud()
    const { admin, baseUrl } = nextcloud
    const lagMs = configurationLagMs(nextcloud)
    const endpoint = (): Promise<unknown> => advertisedRegistration(ctx, baseUrl)
    const findings: Finding[] = []
    for (const [value, id, state] of [
      [null, 'advertised-when-unset', 'not set'],
      ['false', 'advertised-when-false', 'false'],
    ] as const) {
      await admin.setAppConfig('oidc', REGISTRATION_KEY, 'true')
      if ((await seenWithin(endpoint, (seen) => typeof seen === 'string', lagMs)) === undefined) {
        return notTestable(
          'positive control: registration_endpoint is not advertised when switched on either',
        )
      }
      await admin.setAppConfig('oidc', REGISTRATION_KEY, value)
      const seen = await seenWithin(endpoint, (each) => each === undefined, lagMs)
      if (seen === undefined) continue
      findings.push({
        id,
        message: `registration_endpoint is advertised while ${REGISTRATION_KEY} is ${state}`,
        expected: 'no such member',
        observed: seen,
      })
    }
    return judge(findings, { whenUnset: 'absent', whenFalse: 'absent' })
  },
})

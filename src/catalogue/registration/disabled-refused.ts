import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import {
  bringsClient,
  describeRegistration,
  sendRegistration,
  SILENT_REDIRECT_URI,
} from '../support/registration-request.js'
import {
  advertisedRegistration,
  knownRegistrationUrl,
  REGISTRATION_KEY,
} from '../support/registration-switch.js'
import { configurationLagMs, seenWithin } from '../support/seen-within.js'

const METADATA = { redirect_uris: [SILENT_REDIRECT_URI] }

/** Off by default: an administrator who never opened registration has not got it open. */
export const disabledRefused = defineCheck({
  id: 'registration.disabled-refused',
  suite: 'registration',
  title: 'While dynamic registration is off, registrations are refused with a JSON error',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'what is switched off is refused' },
    { document: 'RFC7591', clause: '3.2.2' },
  ],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 60_000,
  mutants: [
    {
      id: 'n-dcr-open-when-off',
      alsoNotTestable: [
        'discovery.registration-endpoint.enabled',
        'discovery.registration-endpoint.wrong-key',
      ],
    },
  ],
  async run(ctx) {
    const { nextcloud } = await ctx.ownNextcloud()
    const { admin, baseUrl } = nextcloud
    const lagMs = configurationLagMs(nextcloud)
    const advertised = (): Promise<unknown> => advertisedRegistration(ctx, baseUrl)
    const known = await advertised()
    const endpoint = typeof known === 'string' ? known : knownRegistrationUrl(baseUrl)
    const findings = new Findings()
    const shown: Record<string, string> = {}
    for (const [value, state] of [
      [null, 'not set'],
      ['false', 'false'],
    ] as const) {
      await admin.setAppConfig('oidc', REGISTRATION_KEY, 'true')
      const isOpen = async (): Promise<boolean> =>
        bringsClient(await sendRegistration(ctx, endpoint, METADATA))
      if (!(await seenWithin(isOpen, (open) => open, lagMs))) {
        return notTestable('positive control: registrations are refused when switched on, too')
      }
      await admin.setAppConfig('oidc', REGISTRATION_KEY, value)
      await seenWithin(advertised, (seen) => seen === undefined, lagMs)
      const answer = await sendRegistration(ctx, endpoint, METADATA)
      shown[state] = describeRegistration(answer)
      const observed = { [state]: shown[state] }
      if (bringsClient(answer)) {
        findings.add({
          id: 'registered-while-off',
          message: 'a client is registered although registration is off',
          expected: 'a refusal',
          observed,
        })
      } else if (answer.status < 400 || answer.status > 499) {
        findings.add({
          id: 'other-status',
          message: 'a registration while it is off is not refused with 4xx',
          expected: '4xx',
          observed,
        })
      } else if (typeof answer.members['error'] !== 'string') {
        findings.add({
          id: 'refusal-not-json',
          message: 'the refusal has no JSON object with an error code',
          observed,
        })
      }
    }
    return judge(findings.list(), shown)
  },
})

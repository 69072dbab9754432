import { defineCheck, judge, notTestable } from '../check.js'
import {
  advertisedRegistration,
  knownRegistrationUrl,
  REGISTRATION_KEY,
  registers,
} from '../support/registration-switch.js'
import { configurationLagMs, seenWithin } from '../support/seen-within.js'

/** The key that administrators have to set; deployments failed over a wrong one. */
export const registrationEndpointEnabled = defineCheck({
  id: 'discovery.registration-endpoint.enabled',
  suite: 'discovery',
  title: 'Setting dynamic_client_registration to "true" makes registration_endpoint appear and work',
  level: 'MUST',
  source: [{ document: 'project', clause: 'dynamic_client_registration switches registration on' }],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 60_000,
  mutants: [{ id: 'n-dcr-endpoint-hidden', alsoNotTestable: '*' }],
  async run(ctx) {
    const { nextcloud } = await ctx.ownNextcloud()
    const { admin, baseUrl } = nextcloud
    const lagMs = configurationLagMs(nextcloud)
    const endpoint = (): Promise<unknown> => advertisedRegistration(ctx, baseUrl)
    const knownUrl = knownRegistrationUrl(baseUrl)

    await admin.setAppConfig('oidc', REGISTRATION_KEY, null)
    const whenUnset = await seenWithin(endpoint, (value) => value === undefined, lagMs)
    if (await registers(ctx, knownUrl)) {
      return notTestable('positive control: clients are registered although the key is not set')
    }
    await admin.setAppConfig('oidc', REGISTRATION_KEY, 'true')
    const advertised = await seenWithin(endpoint, (value) => typeof value === 'string', lagMs)
    if (typeof advertised !== 'string') {
      return judge([
        {
          id: 'registration-endpoint-missing',
          message: 'registration is switched on, and registration_endpoint is not in the discovery document',
          expected: 'a URL',
          observed: {
            registration_endpoint: advertised,
            knownPathRegisters: await registers(ctx, knownUrl),
          },
        },
      ])
    }
    if (!(await registers(ctx, advertised))) {
      return judge([
        {
          id: 'registration-refused',
          message: 'the advertised registration_endpoint refuses a minimal registration',
          observed: advertised,
        },
      ])
    }
    return judge([], { whenUnset: whenUnset ?? 'absent', whenTrue: advertised })
  },
})

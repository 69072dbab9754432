import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import {
  advertisedRegistration,
  knownRegistrationUrl,
  REGISTRATION_KEY,
  registers,
} from '../support/registration-switch.js'
import { configurationLagMs, seenWithin } from '../support/seen-within.js'

/** What documentation of MCP servers once told administrators to set. */
const WRONG_KEY = 'allow_dynamic_client_registration'

/** An administrator who set the wrong key must see that nothing has changed, not a half-open registration. */
export const registrationEndpointWrongKey = defineCheck({
  id: 'discovery.registration-endpoint.wrong-key',
  suite: 'discovery',
  title: `${WRONG_KEY} changes nothing: the key is ${REGISTRATION_KEY}`,
  level: 'MUST',
  source: [{ document: 'project', clause: 'dynamic_client_registration switches registration on' }],
  modes: ['nextcloud'],
  needs: ['nextcloud-admin'],
  timeoutMs: 60_000,
  mutants: [{ id: 'n-dcr-wrong-key-honoured' }],
  async run(ctx) {
    const { nextcloud } = await ctx.ownNextcloud()
    const { admin, baseUrl } = nextcloud
    const lagMs = configurationLagMs(nextcloud)
    const endpoint = (): Promise<unknown> => advertisedRegistration(ctx, baseUrl)
    const knownUrl = knownRegistrationUrl(baseUrl)
    const isString = (value: unknown): boolean => typeof value === 'string'

    await admin.setAppConfig('oidc', WRONG_KEY, null)
    await admin.setAppConfig('oidc', REGISTRATION_KEY, null)
    const whenNeither = await seenWithin(endpoint, (value) => value === undefined, lagMs)
    if (whenNeither !== undefined || (await registers(ctx, knownUrl))) {
      return notTestable('positive control: registration is on although neither key is set')
    }
    await admin.setAppConfig('oidc', WRONG_KEY, 'true')
    // What shall not change can only be waited for.
    const advertised = await seenWithin(endpoint, isString, lagMs)
    const findings: Finding[] = []
    if (advertised !== undefined) {
      findings.push({
        id: 'wrong-key-advertises',
        message: `${WRONG_KEY} makes registration_endpoint appear; the key is ${REGISTRATION_KEY}`,
        expected: 'no registration_endpoint',
        observed: advertised,
      })
    }
    if (await registers(ctx, knownUrl)) {
      findings.push({
        id: 'wrong-key-registers',
        message: `${WRONG_KEY} switches registration on; the key is ${REGISTRATION_KEY}`,
        expected: 'a refusal',
        observed: 'a client',
      })
    }
    await admin.setAppConfig('oidc', REGISTRATION_KEY, 'true')
    if (!isString(await seenWithin(endpoint, isString, lagMs))) {
      return notTestable(`positive control: ${REGISTRATION_KEY} does not make registration_endpoint appear`)
    }
    return judge(findings, { rightKey: REGISTRATION_KEY, withWrongKey: 'no registration_endpoint' })
  },
})

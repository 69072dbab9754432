import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { fetchDiscoveryDocument } from '../support/discovery-document.js'
import { readJsonObject } from '../support/json.js'
import { seenWithin } from '../support/seen-within.js'

const CONFIG_KEY = 'dynamic_client_registration'
/** Where the oidc app registers, whether it says so or not. */
const KNOWN_PATH = '/index.php/apps/oidc/register'

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
    const endpoint = async (): Promise<unknown> =>
      (await fetchDiscoveryDocument(ctx, baseUrl)).members['registration_endpoint']

    await admin.setAppConfig('oidc', CONFIG_KEY, null)
    const whenUnset = await seenWithin(endpoint, (value) => value === undefined)
    if (await registers(ctx, `${baseUrl}${KNOWN_PATH}`)) {
      return notTestable('positive control: clients are registered although the key is not set')
    }
    await admin.setAppConfig('oidc', CONFIG_KEY, 'true')
    const advertised = await seenWithin(endpoint, (value) => typeof value === 'string')
    if (typeof advertised !== 'string') {
      return judge([
        {
          id: 'registration-endpoint-missing',
          message: 'registration is switched on, and registration_endpoint is not in the discovery document',
          expected: 'a URL',
          observed: {
            registration_endpoint: advertised,
            knownPathRegisters: await registers(ctx, `${baseUrl}${KNOWN_PATH}`),
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

async function registers(ctx: Pick<CheckContext, 'fetch'>, url: string): Promise<boolean> {
  const response = await ctx.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:9/callback'] }),
  })
  const { client_id } = await readJsonObject(response)
  return response.status === 201 && typeof client_id === 'string'
}

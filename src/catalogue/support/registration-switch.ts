import type { CheckContext } from '../context.js'
import { fetchDiscoveryDocument } from './discovery-document.js'
import { readJsonObject } from './json.js'

/** The key of the oidc app that switches dynamic registration on, with the string `true`. */
export const REGISTRATION_KEY = 'dynamic_client_registration'

/** Where the oidc app registers, whether it says so or not. */
export function knownRegistrationUrl(baseUrl: string): string {
  return `${baseUrl}/index.php/apps/oidc/register`
}

/** `registration_endpoint` of the discovery document, `undefined` when it names none. */
export async function advertisedRegistration(
  ctx: Pick<CheckContext, 'fetch'>,
  baseUrl: string,
): Promise<unknown> {
  return (await fetchDiscoveryDocument(ctx, baseUrl)).members['registration_endpoint']
}

/** Whether a minimal registration is accepted there. */
export async function registers(ctx: Pick<CheckContext, 'fetch'>, url: string): Promise<boolean> {
  const response = await ctx.fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ redirect_uris: ['http://127.0.0.1:9/callback'] }),
  })
  const { client_id } = await readJsonObject(response)
  return response.status === 201 && typeof client_id === 'string'
}

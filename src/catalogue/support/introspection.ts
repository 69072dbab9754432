import type { CheckContext, OAuthDriver } from '../context.js'
import { readJsonObject } from './json.js'
import type { ClientCredentials } from './token-request.js'

/** What introspection (RFC 7662 §2.2) said. Secret where it names a token's person. */
export interface IntrospectionAnswer {
  readonly status: number
  readonly members: Readonly<Record<string, unknown>>
  /** Value of `WWW-Authenticate`, or `null`. */
  readonly challenge: string | null
}

/** Address of the introspection endpoint; `undefined` where none is advertised. */
export async function introspectionEndpoint(oauth: OAuthDriver): Promise<string | undefined> {
  const endpoint = (await oauth.discover()).metadata['introspection_endpoint']
  return typeof endpoint === 'string' ? endpoint : undefined
}

/**
 * Asks about a token.
 *
 * @param caller credentials for the body; none are sent when it is left out.
 */
export async function introspect(
  ctx: Pick<CheckContext, 'fetch'>,
  endpoint: string,
  token: string,
  caller?: ClientCredentials,
): Promise<IntrospectionAnswer> {
  const credentials =
    caller === undefined ? {} : { client_id: caller.client_id, client_secret: caller.client_secret }
  const response = await ctx.fetch(endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({ token, ...credentials }),
  })
  return {
    status: response.status,
    members: await readJsonObject(response),
    challenge: response.headers.get('www-authenticate'),
  }
}

/** Whether the token is called active. */
export function isActive({ status, members }: IntrospectionAnswer): boolean {
  return status === 200 && members['active'] === true
}

/** The members of an answer without their values: what may be shown of it. */
export function describeIntrospection({ status, members }: IntrospectionAnswer): string {
  if (members['active'] === true) return `${status} active, ${Object.keys(members).join(' ')}`
  return `${status} ${JSON.stringify(members)}`
}

import type { RegisteredClient } from '../../oauth/registration.js'
import { NotTestableError } from '../check.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import { removeClients } from './client-lifetime.js'
import { readJsonObject } from './json.js'

/** A loopback redirect URI that nobody listens on. */
export const SILENT_REDIRECT_URI = 'http://127.0.0.1:9/callback'

/** What a registration endpoint answered. Secret when it holds a client. */
export interface RegistrationAnswer {
  readonly status: number
  /** Empty when the body is no JSON object. */
  readonly members: Readonly<Record<string, unknown>>
  readonly retryAfter: string | null
}

/** @throws NotTestableError when the discovery document names none. */
export async function findRegistrationEndpoint(oauth: OAuthDriver): Promise<string> {
  const endpoint = (await oauth.discover()).metadata['registration_endpoint']
  if (typeof endpoint !== 'string') throw new NotTestableError('no registration_endpoint is advertised')
  return endpoint
}

/** One registration request as it is, without the judgement of a client library. A text is sent as the JSON body. */
export async function sendRegistration(
  ctx: Pick<CheckContext, 'fetch'>,
  endpoint: string,
  metadata: string | Readonly<Record<string, unknown>>,
): Promise<RegistrationAnswer> {
  const response = await ctx.fetch(endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: typeof metadata === 'string' ? metadata : JSON.stringify(metadata),
  })
  return {
    status: response.status,
    members: await readJsonObject(response),
    retryAfter: response.headers.get('retry-after'),
  }
}

/**
 * As {@link sendRegistration}, for checks that a rate limit tells nothing.
 *
 * @throws NotTestableError when registrations are rate limited.
 */
export async function requestRegistration(
  ctx: Pick<CheckContext, 'fetch'>,
  endpoint: string,
  metadata: string | Readonly<Record<string, unknown>>,
): Promise<RegistrationAnswer> {
  const answer = await sendRegistration(ctx, endpoint, metadata)
  if (answer.status === 429) throw new NotTestableError('registrations are rate limited at the moment')
  return answer
}

/** Whether the answer brings a client, whatever its status. */
export function bringsClient({ members }: RegistrationAnswer): boolean {
  return typeof members['client_id'] === 'string' && members['client_id'] !== ''
}

/** `status error` of an answer: what may be shown of it. */
export function describeRegistration({ status, members }: RegistrationAnswer): string {
  return typeof members['error'] === 'string' ? `${status} ${members['error']}` : String(status)
}

/** Removes the clients that answers brought. */
export async function removeRegistered(
  ctx: Pick<CheckContext, 'fetch' | 'note'>,
  answers: readonly RegistrationAnswer[],
): Promise<void> {
  const clients = answers.filter(bringsClient).map(({ members }) => members as unknown as RegisteredClient)
  await removeClients(ctx, clients)
}

import type { RegisteredClient } from '../../oauth/registration.js'
import type { Outcome } from '../check.js'
import type { CheckContext } from '../context.js'
import { isJsonObject } from './json.js'

/** A client with the address of its own configuration (RFC 7592 §3). */
export type ManageableClient = RegisteredClient & {
  readonly registration_client_uri: string
  readonly registration_access_token: string
}

export interface ConfigurationAnswer {
  readonly status: number
  readonly text: string
  /** Empty when the body is no JSON object. */
  readonly members: Readonly<Record<string, unknown>>
}

/** Whether a registration came with what its management needs. */
export function isManageable(client: RegisteredClient): client is ManageableClient {
  return (
    typeof client.registration_client_uri === 'string' && typeof client.registration_access_token === 'string'
  )
}

/** For registrations that come without: management is optional. */
export const NOT_MANAGEABLE: Outcome = {
  kind: 'not-applicable',
  reason: 'registrations come without registration_client_uri, so clients cannot be managed',
}

/** One request to a client's configuration endpoint. @param token `undefined` sends no credentials. */
export async function requestConfiguration(
  ctx: Pick<CheckContext, 'fetch'>,
  method: 'GET' | 'PUT' | 'DELETE',
  { registration_client_uri: uri }: ManageableClient,
  token: string | undefined,
  metadata?: Readonly<Record<string, unknown>>,
): Promise<ConfigurationAnswer> {
  const response = await ctx.fetch(uri, {
    method,
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(metadata === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(metadata === undefined ? {} : { body: JSON.stringify(metadata) }),
  })
  const text = await response.text()
  return { status: response.status, text, members: parseObject(text) }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text)
    return isJsonObject(value) ? value : {}
  } catch {
    return {}
  }
}

import type { CheckContext, OAuthDriver, PendingCode } from '../context.js'
import { readJsonObject } from './json.js'

/** What a client authenticates with. */
export interface ClientCredentials {
  readonly client_id: string
  readonly client_secret: string
}

/** What the token endpoint answered. Secret when it holds tokens. */
export interface TokenAnswer {
  readonly status: number
  readonly headers: Headers
  readonly members: Readonly<Record<string, unknown>>
  /** Present when the answer is a success with a token in it. */
  readonly accessToken?: string
}

/** `status error` of an answer: what may be shown of it. */
export function describeAnswer({ status, members }: TokenAnswer): string {
  return typeof members['error'] === 'string' ? `${status} ${members['error']}` : String(status)
}

/**
 * Redeems a code by hand, without the judgement of a client library (which would dislike e.g. a shifted clock).
 *
 * @param changes parameters to replace, or with `undefined` to leave out.
 * @param basic credentials to authenticate with by HTTP Basic, instead of the client's own in the body.
 */
export async function redeemCode(
  ctx: Pick<CheckContext, 'secret'>,
  oauth: OAuthDriver,
  { client, request, response }: PendingCode,
  changes: Readonly<Record<string, string | undefined>> = {},
  basic?: ClientCredentials,
): Promise<TokenAnswer> {
  const parameters = {
    grant_type: 'authorization_code',
    code: response.code,
    redirect_uri: request.redirectUri,
    client_id: client.client_id,
    client_secret: client.client_secret,
    code_verifier: request.codeVerifier,
    ...(request.resource === undefined ? {} : { resource: request.resource }),
    ...changes,
  }
  if (basic === undefined) return requestTokens(ctx, oauth, parameters)
  return requestTokens(ctx, oauth, { ...parameters, client_id: undefined, client_secret: undefined }, basic)
}

/** A refresh with the client's own credentials in the body. */
export async function refresh(
  ctx: Pick<CheckContext, 'secret'>,
  oauth: OAuthDriver,
  { client_id, client_secret }: ClientCredentials,
  refreshToken: string,
  changes: Readonly<Record<string, string>> = {},
): Promise<TokenAnswer> {
  return requestTokens(ctx, oauth, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    client_id,
    client_secret,
    ...changes,
  })
}

/**
 * A token request with exactly these parameters; those that are `undefined` are left out.
 *
 * @param basic credentials to authenticate with by HTTP Basic.
 */
export async function requestTokens(
  ctx: Pick<CheckContext, 'secret'>,
  oauth: OAuthDriver,
  parameters: Readonly<Record<string, string | undefined>>,
  basic?: ClientCredentials,
): Promise<TokenAnswer> {
  const sent = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const response = await oauth.tokenRequest(
    Object.fromEntries(sent),
    basic === undefined ? {} : { authorization: basicAuthorization(basic) },
  )
  const members = await readJsonObject(response)
  for (const member of ['access_token', 'refresh_token', 'id_token']) {
    const value = members[member]
    if (typeof value === 'string') ctx.secret(member, value)
  }
  const accessToken = members['access_token']
  const isSuccess = response.ok && typeof accessToken === 'string'
  return {
    status: response.status,
    headers: response.headers,
    members,
    ...(isSuccess ? { accessToken } : {}),
  }
}

/** The Authorization header of a client (RFC 6749 §2.3.1). */
function basicAuthorization({ client_id, client_secret }: ClientCredentials): string {
  const pair = `${encodeURIComponent(client_id)}:${encodeURIComponent(client_secret)}`
  return `Basic ${Buffer.from(pair).toString('base64')}`
}

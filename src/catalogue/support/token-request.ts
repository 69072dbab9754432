import type { CheckContext, OAuthDriver, PendingCode } from '../context.js'
import { readJsonObject } from './json.js'

/** What the token endpoint answered. Secret when it holds tokens. */
export interface TokenAnswer {
  readonly status: number
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
 */
export async function redeemCode(
  ctx: Pick<CheckContext, 'secret'>,
  oauth: OAuthDriver,
  { client, request, response }: PendingCode,
  changes: Readonly<Record<string, string | undefined>> = {},
): Promise<TokenAnswer> {
  return requestTokens(ctx, oauth, {
    grant_type: 'authorization_code',
    code: response.code,
    redirect_uri: request.redirectUri,
    client_id: client.client_id,
    client_secret: client.client_secret,
    code_verifier: request.codeVerifier,
    ...(request.resource === undefined ? {} : { resource: request.resource }),
    ...changes,
  })
}

/** A token request with exactly these parameters; those that are `undefined` are left out. */
export async function requestTokens(
  ctx: Pick<CheckContext, 'secret'>,
  oauth: OAuthDriver,
  parameters: Readonly<Record<string, string | undefined>>,
): Promise<TokenAnswer> {
  const sent = Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined)
  const response = await oauth.tokenRequest(Object.fromEntries(sent))
  const members = await readJsonObject(response)
  for (const member of ['access_token', 'refresh_token', 'id_token']) {
    const value = members[member]
    if (typeof value === 'string') ctx.secret(member, value)
  }
  const accessToken = members['access_token']
  const isSuccess = response.ok && typeof accessToken === 'string'
  return { status: response.status, members, ...(isSuccess ? { accessToken } : {}) }
}

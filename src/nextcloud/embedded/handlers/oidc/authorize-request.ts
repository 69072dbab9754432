import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { redirect303 } from '../../responses.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { buildReadableQuery } from './php.js'
import { appPath, urlPrefix } from './routing.js'

/** Parameters of an authorization request in the order in which they travel through the login. */
export const AUTHORIZE_PARAMETERS = [
  'client_id',
  'state',
  'response_type',
  'redirect_uri',
  'scope',
  'nonce',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'response_mode',
  'claims',
] as const

export type AuthorizeParameter = (typeof AUTHORIZE_PARAMETERS)[number]

/** An authorization request: wire names to values, empty ones left out. */
export type AuthorizeRequest = Readonly<Partial<Record<AuthorizeParameter, string>>>

/** @throws ParameterTypeError when one of the parameters is no text. */
export function readAuthorizeRequest(parameters: RequestParameters): AuthorizeRequest {
  return pickRequest((name) => stringParameter(parameters, name))
}

/** The request that the session holds, if any. */
export function pendingRequest(c: Context<EmbeddedEnv>): AuthorizeRequest | null {
  const pending = c.get('session').pendingAuthorize
  return pending === null ? null : pickRequest((name) => pending[name])
}

function pickRequest(read: (name: AuthorizeParameter) => string | undefined): AuthorizeRequest {
  const request: Partial<Record<AuthorizeParameter, string>> = {}
  for (const name of AUTHORIZE_PARAMETERS) {
    const value = read(name)
    if (value !== undefined && value !== '') request[name] = value
  }
  return request
}

/** Keeps the request in the session's single slot, replacing whatever another tab had put there. */
export function rememberRequest(c: Context<EmbeddedEnv>, request: AuthorizeRequest): void {
  c.get('session').pendingAuthorize = { ...request }
}

export function requestPairs(
  request: AuthorizeRequest,
  order: readonly AuthorizeParameter[] = AUTHORIZE_PARAMETERS,
): [AuthorizeParameter, string][] {
  return order.flatMap((name) => {
    const value = request[name]
    return value === undefined ? [] : [[name, value] as [AuthorizeParameter, string]]
  })
}

/** Sends the user to log in; the request survives in the session and in the URL. */
export function redirectToLogin(c: Context<EmbeddedEnv>, request: AuthorizeRequest): Response {
  rememberRequest(c, request)
  const query = buildReadableQuery(requestPairs(request))
  const target = `${appPath(c)}/redirect${query === '' ? '' : `?${query}`}`
  return redirect303(c, `${urlPrefix(c)}/login?${buildReadableQuery([['redirect_url', target]])}`)
}

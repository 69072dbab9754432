import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { forbiddenPage, internalErrorPage } from '../../pages.js'
import { redirect303 } from '../../responses.js'
import { issueAuthorization } from './authorization-grant.js'
import { FOREIGN_REDIRECT_URI, UNKNOWN_CLIENT } from './authorize.js'
import { pendingRequest, rememberRequest, type AuthorizeRequest } from './authorize-request.js'
import { purgeExpiredClients, visibleClient, visibleRedirectUris } from './clients.js'
import { queryParameters, stringParameter } from './parameters.js'
import { buildQuery, buildReadableQuery, rawUrlEncode } from './php.js'
import { redirectUriAccepted } from './redirect-uri.js'
import { appPath, urlPrefix } from './routing.js'
import { DEFAULT_SCOPE, grantedScope } from './scopes.js'

const PARAMETERS = [
  'client_id',
  'state',
  'response_type',
  'redirect_uri',
  'scope',
  'nonce',
  'resource',
] as const

/**
 * The authorization endpoint of oidc 1.x: knows seven parameters, keeps them in the session over the login, and takes
 * each one that a later request leaves out from there, whatever client it was for. All answers travel in the query.
 */
export async function authorizeFromSession(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const sent = readSent(c)
  const { userId } = c.get('session')
  if (userId === null) {
    rememberRequest(c, sent)
    const target = buildReadableQuery([['redirect_url', `${appPath(c)}/redirect`]])
    return redirect303(c, `${urlPrefix(c)}/login?${target}`)
  }
  const request: AuthorizeRequest = { ...pendingRequest(c), ...sent }
  if (request.client_id === undefined) return internalErrorPage(c)
  purgeExpiredClients(ctx)
  const client = visibleClient(ctx, request.client_id)
  if (client === undefined) return forbiddenPage(c, UNKNOWN_CLIENT)
  const redirectUri = request.redirect_uri ?? ''
  if (!redirectUriAccepted(ctx, visibleRedirectUris(ctx, client), redirectUri)) {
    return forbiddenPage(c, FOREIGN_REDIRECT_URI)
  }
  const types = new Set((request.response_type ?? '').trim().toLowerCase().split(' '))
  const complaint = typesComplaint(types, request, client.flowType)
  if (complaint !== undefined) {
    return redirect303(c, `${redirectUri}?${complaint}&state=${request.state ?? ''}`)
  }
  const pairs = await issueAuthorization(ctx, c, {
    client,
    userId,
    scope: grantedScope(ctx, request.scope ?? DEFAULT_SCOPE, client.allowedScopes) ?? DEFAULT_SCOPE,
    request,
    types,
    claims: { idToken: '', userinfo: '' },
    authTimeSeconds: ctx.clock.nowSeconds(),
  })
  const state = rawUrlEncode(request.state ?? '').replaceAll('%20', '+')
  const separator = redirectUri.includes('?') ? '&' : '?'
  return redirect303(c, `${redirectUri}${separator}state=${state}&${buildQuery(pairs)}`)
}

function readSent(c: Context<EmbeddedEnv>): AuthorizeRequest {
  const parameters = queryParameters(c)
  const sent = PARAMETERS.map((name) => [name, stringParameter(parameters, name) ?? ''] as const)
  return Object.fromEntries(sent.filter(([, value]) => value !== ''))
}

/** The error parameters as this version writes them, ready for the URL; `undefined` when nothing is wrong. */
function typesComplaint(
  types: ReadonlySet<string>,
  request: AuthorizeRequest,
  flowType: string,
): string | undefined {
  const wantsIdToken = types.has('id_token')
  if (wantsIdToken && request.nonce === undefined) {
    return 'error=request_not_supported&error_description=Missing%20nonce'
  }
  if (types.has('token') && !wantsIdToken) {
    return 'error=request_not_supported&error_description=Missing%20id_token'
  }
  const refused = wantsIdToken ? flowType === 'code' : !types.has('code')
  return refused ? 'error=unsupported_response_type' : undefined
}

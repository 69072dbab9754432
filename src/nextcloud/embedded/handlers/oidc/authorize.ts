import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { badInputAnswer } from '../../bad-input.js'
import { forbiddenPage } from '../../pages.js'
import { redirect303 } from '../../responses.js'
import { logout } from '../../session.js'
import type { ClientRow } from '../../store.js'
import { issueAuthorization } from './authorization-grant.js'
import { authorizationError, authorizationResponse, type ResponseTarget } from './authorization-response.js'
import {
  pendingRequest,
  readAuthorizeRequest,
  redirectToLogin,
  rememberRequest,
  type AuthorizeRequest,
} from './authorize-request.js'
import { parseClaimsRequest, pkceComplaint, responseComplaint } from './authorize-validation.js'
import { purgeExpiredClients, visibleClient, visibleRedirectUris } from './clients.js'
import { config } from './config.js'
import { needsConsent, writeConsent } from './consent-records.js'
import { readParameters, repeatedParameters, stringParameter } from './parameters.js'
import { redirectUriAccepted } from './redirect-uri.js'
import { responseTarget, stateParameter } from './response-target.js'
import { resolveResponse, type RequestedResponse } from './response-type.js'
import { appPath } from './routing.js'
import { DEFAULT_SCOPE, grantedScope } from './scopes.js'
import { strictComplaint } from './strict-authorize.js'

export const UNKNOWN_CLIENT =
  'Your client is not authorized to connect. Please inform the administrator of your client.'
export const FOREIGN_REDIRECT_URI =
  'The received redirect URI is not accepted to connect. Please inform the administrator of your client.'

/** Authorization endpoint, `GET|POST /authorize`. Errors without a safe redirect are pages, two of them with status 200. */
export async function authorize(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const parameters = await readParameters(c)
  const sent = readAuthorizeRequest(parameters)
  const unsupported = unsupportedRequestObject(
    stringParameter(parameters, 'request') ?? '',
    stringParameter(parameters, 'request_uri') ?? '',
  )
  if (unsupported !== undefined) {
    return knownClientError(ctx, c, sent, unsupported[0], unsupported[1])
  }
  const { userId } = c.get('session')
  if (userId === null) {
    return promptIncludes(sent, 'none') && !ctx.mutants.has('n-prompt-none-shows-login')
      ? knownClientError(ctx, c, sent, 'login_required', 'User is not logged in.')
      : redirectToLogin(c, sent)
  }
  const request = sent.client_id === undefined ? (pendingRequest(c) ?? {}) : sent
  return authorizeUser(ctx, c, request, userId, await repeatedParameters(c))
}

async function authorizeUser(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  request: AuthorizeRequest,
  userId: string,
  repeated: ReadonlySet<string>,
): Promise<Response> {
  const { quirks } = ctx.profile
  const checked = checkClient(ctx, c, request)
  if (checked instanceof Response) return checked
  const { client, target, requested } = checked
  const scope = grantedScope(ctx, request.scope ?? DEFAULT_SCOPE, client.allowedScopes)
  if (scope === undefined) return complain(ctx, c, target, ['invalid_scope', 'No scope is allowed.'])

  const claims = parseClaimsRequest(request.claims)
  const complaint =
    claims === undefined
      ? (['invalid_request', 'Invalid claims parameter.'] as const)
      : (responseComplaint(request, requested, client, quirks) ??
        strictComplaint(ctx, request, requested.types, repeated))
  if (complaint !== undefined) return complain(ctx, c, target, complaint)

  const reauthentication = reauthenticate(ctx, c, request, target)
  if (reauthentication !== undefined) return reauthentication

  if (config.userSettings(ctx)) {
    const demanded = promptIncludes(request, 'consent') && !quirks.promptIgnoredByConsent
    if (demanded || needsConsent(ctx, userId, client, scope)) {
      if (promptIncludes(request, 'none') && !quirks.promptIgnoredByConsent) {
        return authorizationError(c, target, 'consent_required', 'The user has not consented yet.')
      }
      rememberRequest(c, { ...request, scope })
      return redirect303(c, `${appPath(c)}/consent`)
    }
  } else {
    writeConsent(ctx, userId, client, scope, null)
  }
  const pkce = pkceComplaint(request)
  if (pkce !== undefined) return complain(ctx, c, target, ['invalid_request', pkce])

  const pairs = await issueAuthorization(ctx, c, {
    client,
    userId,
    scope,
    request,
    types: requested.types,
    claims: claims ?? { idToken: '', userinfo: '' },
    authTimeSeconds: c.get('session').authTimeSeconds ?? ctx.clock.nowSeconds(),
  })
  const mode = ctx.mutants.has('n-code-in-fragment') && target.mode === 'query' ? 'fragment' : target.mode
  return authorizationResponse(c, { ...target, mode }, [...stateParameter(ctx, target), ...pairs])
}

/** Steps that every answer but the login redirect needs: a redirect URI, a known client, and that they belong together. */
function checkClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  request: AuthorizeRequest,
): Response | { client: ClientRow; target: ResponseTarget; requested: RequestedResponse } {
  const pageStatus = ctx.profile.quirks.errorPagesAre200 ? 200 : 400
  const redirectUri = request.redirect_uri
  if (redirectUri === undefined) return badInputAnswer(ctx, c, 'redirect_uri is missing.')
  purgeExpiredClients(ctx)
  const client = visibleClient(ctx, request.client_id ?? '')
  if (client === undefined) return forbiddenPage(c, UNKNOWN_CLIENT, pageStatus)
  const requested = resolveResponse(request)
  const target = responseTarget(ctx, c, { ...request, redirect_uri: redirectUri }, requested)
  if (!redirectUriAccepted(ctx, visibleRedirectUris(ctx, client), redirectUri)) {
    return ctx.mutants.has('n-open-redirect')
      ? authorizationError(c, target, 'invalid_request', 'The received redirect URI is not accepted.')
      : forbiddenPage(c, FOREIGN_REDIRECT_URI, pageStatus)
  }
  return { client, target, requested }
}

/** Tells the client what is wrong with its request. */
function complain(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  target: ResponseTarget,
  [error, description]: readonly [error: string, description: string],
): Response {
  const state = ctx.mutants.has('n-error-without-state') ? '' : target.state
  return authorizationError(c, { ...target, state }, error, description)
}

function knownClientError(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  request: AuthorizeRequest,
  error: string,
  description: string,
): Response {
  const checked = checkClient(ctx, c, request)
  return checked instanceof Response ? checked : authorizationError(c, checked.target, error, description)
}

function unsupportedRequestObject(object: string, uri: string): [string, string] | undefined {
  if (object !== '') return ['request_not_supported', 'Request object parameter is not supported.']
  if (uri !== '') return ['request_uri_not_supported', 'Request URI parameter is not supported.']
  return undefined
}

/**
 * `prompt=login` and an exceeded `max_age` end the session and ask for the password again, once. The authentication
 * time is that of the session's first authorization, not of the login.
 */
function reauthenticate(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  request: AuthorizeRequest,
  target: ResponseTarget,
): Response | undefined {
  const session = c.get('session')
  const now = ctx.clock.nowSeconds()
  const justReauthenticated = session.reauthenticating
  session.reauthenticating = false
  if (justReauthenticated || session.authTimeSeconds === null) session.authTimeSeconds = now
  if (justReauthenticated) return undefined

  const maxAgeSeconds = /^\d+$/.test(request.max_age ?? '') ? Number(request.max_age) : Infinity
  const tooOld = now - session.authTimeSeconds > maxAgeSeconds
  if (tooOld && promptIncludes(request, 'none')) {
    return authorizationError(c, target, 'login_required', 'User authentication is too old.')
  }
  const demanded = promptIncludes(request, 'login') && !ctx.mutants.has('n-prompt-login-ignored')
  if (!tooOld && !demanded) return undefined
  logout(ctx, c)
  c.get('session').reauthenticating = true
  return redirectToLogin(c, request)
}

function promptIncludes(request: AuthorizeRequest, value: string): boolean {
  return (request.prompt ?? '').split(' ').includes(value)
}

import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { badInputAnswer } from '../../bad-input.js'
import { appPage } from '../../pages.js'
import { redirect303 } from '../../responses.js'
import { csrfFailure, csrfPasses, requireUser } from '../../session.js'
import { issueAuthorization } from './authorization-grant.js'
import { authorizationError, authorizationResponse } from './authorization-response.js'
import {
  pendingRequest,
  rememberRequest,
  requestPairs,
  type AuthorizeParameter,
  type AuthorizeRequest,
} from './authorize-request.js'
import { parseClaimsRequest } from './authorize-validation.js'
import { visibleClient } from './clients.js'
import { writeConsent } from './consent-records.js'
import { bodyParameters, stringParameter } from './parameters.js'
import { buildReadableQuery, escapeHtml } from './php.js'
import { responseTarget, stateParameter } from './response-target.js'
import { resolveResponse } from './response-type.js'
import { appPath } from './routing.js'
import { scopeWords } from './scopes.js'

/** Order in which a grant sends the stored request back to authorize. */
const GRANT_ORDER: readonly AuthorizeParameter[] = [
  'client_id',
  'scope',
  'state',
  'response_type',
  'redirect_uri',
  'nonce',
  'resource',
  'code_challenge',
  'code_challenge_method',
  'prompt',
  'max_age',
  'response_mode',
  'claims',
]

/** Consent page, `GET /consent`: shows whatever request the session holds; a 500 page when there is none. */
export function consentPage(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const user = requireUser(c)
  if (user instanceof Response) return user
  const request = pendingRequest(c)
  const client = visibleClient(ctx, request?.client_id ?? '')
  if (request === null || client === undefined) return badInputAnswer(ctx, c, 'no request is pending')
  const strict = !ctx.profile.quirks.denialLostInBrowser
  const response = appPage(c, {
    title: 'Nextcloud',
    appHtml:
      `<div id="oidc-consent" data-client-name="${escapeHtml(client.name)}" ` +
      `data-scopes="${escapeHtml(request.scope ?? '')}" ` +
      `data-client-id="${escapeHtml(client.clientIdentifier)}"` +
      `${strict ? ' data-navigate="form"' : ''}></div>`,
    scripts: ['/apps/oidc/js/oidc-consent.js'],
  })
  if (strict) allowFormTarget(response, request.redirect_uri ?? '')
  return response
}

/** Lets the page's form follow the redirect to the client, which `form-action 'self'` would block. */
function allowFormTarget(response: Response, redirectUri: string): void {
  const policy = response.headers.get('content-security-policy')
  if (policy === null || !URL.canParse(redirectUri)) return
  const url = new URL(redirectUri)
  const source = url.origin === 'null' ? url.protocol : url.origin
  response.headers.set(
    'content-security-policy',
    policy.replace("form-action 'self'", `form-action 'self' ${source}`),
  )
}

/** `POST /consent/grant`: stores the scopes and goes back to authorize with the stored request. */
export async function grantConsent(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const user = requireUser(c)
  if (user instanceof Response) return user
  if (!(await csrfPasses(c))) return csrfFailure(c)
  const request = pendingRequest(c)
  const client = visibleClient(ctx, request?.client_id ?? '')
  if (request === null || client === undefined) return redirect303(c, `${c.get('baseUrl')}/`)
  const chosen = stringParameter(await bodyParameters(c), 'scopes') ?? request.scope ?? ''
  const words = scopeWords(chosen)
  const scope = (words.includes('openid') ? words : ['openid', ...words]).join(' ')
  writeConsent(ctx, user.userId, client, scope)
  const granted: AuthorizeRequest = { ...request, scope, ...promptAfterConsent(ctx, request) }
  rememberRequest(c, granted)
  return redirect303(c, `${appPath(c)}/authorize?${buildReadableQuery(requestPairs(granted, GRANT_ORDER))}`)
}

/** Where `prompt=consent` counts, it has had its effect once consent was given. */
function promptAfterConsent(ctx: EmbeddedContext, { prompt }: AuthorizeRequest): { prompt?: string } {
  if (prompt === undefined || ctx.profile.quirks.promptIgnoredByConsent) return {}
  return {
    prompt: prompt
      .split(' ')
      .filter((word) => word !== 'consent')
      .join(' '),
  }
}

/** `POST /consent/deny`: empties the slot and reports `access_denied` to the client. */
export async function denyConsent(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const user = requireUser(c)
  if (user instanceof Response) return user
  if (!(await csrfPasses(c))) return csrfFailure(c)
  const request = pendingRequest(c)
  user.pendingAuthorize = null
  if (request?.redirect_uri === undefined) return redirect303(c, `${c.get('baseUrl')}/`)
  const requested = resolveResponse(request)
  const target = responseTarget(ctx, c, { ...request, redirect_uri: request.redirect_uri }, requested)
  const client = visibleClient(ctx, request.client_id ?? '')
  if (!ctx.mutants.has('n-deny-issues-code') || client === undefined) {
    return authorizationError(c, target, 'access_denied', 'User denied consent')
  }
  const pairs = await issueAuthorization(ctx, c, {
    client,
    userId: user.userId,
    scope: request.scope ?? '',
    request,
    types: requested.types,
    claims: parseClaimsRequest(request.claims) ?? { idToken: '', userinfo: '' },
    authTimeSeconds: user.authTimeSeconds ?? ctx.clock.nowSeconds(),
  })
  return authorizationResponse(c, target, [...stateParameter(ctx, target), ...pairs])
}

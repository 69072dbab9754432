import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import { HONOURED_SCOPE, isPastLife, visibleAccessToken } from './bearer.js'
import { isExpired, visibleClientById } from './clients.js'
import { bearerChallenge, oauthError } from './oauth-error.js'
import { bodyParameters, stringParameter } from './parameters.js'
import { hasScope } from './scopes.js'
import { requestedClaims, scopeClaims } from './user-claims.js'

/** What `n-userinfo-overshares` takes every scope for. */
const ALL_SCOPES = 'openid profile email roles groups'

interface Refusal {
  readonly error: string
  readonly description: string
}

/** UserInfo endpoint, `GET|POST /userinfo`. Looks the token up as text; a JWT's signature is not consulted. */
export async function userinfo(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const token = await presentedToken(c)
  if (token === '') return refuseMissingToken(ctx, c)
  const honoured = ctx.store.honouredTokens.get(token)
  if (honoured !== undefined) return answer(ctx, c, honoured, HONOURED_SCOPE, '')

  const row = visibleAccessToken(ctx, token)
  if (row === undefined) {
    return refuse(ctx, c, {
      error: 'invalid_request',
      description: 'Could not find provided bearer token.',
    })
  }
  const client = visibleClientById(ctx, row.clientId)
  if (client === undefined) {
    return refuse(ctx, c, {
      error: 'invalid_request',
      description: 'Could not find client for access token.',
    })
  }
  if (isExpired(ctx, client)) {
    return refuse(ctx, c, { error: 'expired_client', description: 'Client expired.' })
  }
  if (isPastLife(ctx, row)) {
    ctx.store.deleteAccessToken(row)
    return refuse(ctx, c, { error: 'invalid_grant', description: 'Access token already expired.' })
  }
  if (!ctx.profile.quirks.userinfoRefusesWith400 && !hasScope(row.scope, 'openid')) {
    return oauthError(c, 403, 'insufficient_scope', 'The scope openid is required.', {
      'www-authenticate': bearerChallenge('insufficient_scope', 'openid'),
    })
  }
  return answer(ctx, c, row.userId, row.scope, row.userinfoClaims)
}

async function presentedToken(c: Context<EmbeddedEnv>): Promise<string> {
  const header = c.req.header('authorization') ?? ''
  if (header.startsWith('Bearer ')) return header.slice('Bearer '.length)
  return stringParameter(await bodyParameters(c), 'access_token') ?? ''
}

function answer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  userId: string,
  scope: string,
  claimsRequest: string,
): Response {
  const issuer = c.get('baseUrl')
  return jsonResponse(
    c,
    200,
    {
      sub: ctx.mutants.has('n-userinfo-sub-differs') ? ctx.store.users.get(userId)?.displayName : userId,
      preferred_username: userId,
      ...(ctx.profile.quirks.userinfoTellsScope ? { scope } : {}),
      ...scopeClaims(ctx, userId, ctx.mutants.has('n-userinfo-overshares') ? ALL_SCOPES : scope, issuer),
      ...requestedClaims(ctx, userId, claimsRequest, issuer),
    },
    { cors: ctx.profile.quirks.userinfoCors },
  )
}

function refuseMissingToken(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const description = 'No bearer token found in request.'
  if (ctx.profile.quirks.userinfoRefusesWith400) return oauthError(c, 400, 'invalid_request', description)
  return oauthError(c, 401, 'invalid_request', description, { 'www-authenticate': 'Bearer' })
}

function refuse(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, refusal: Refusal): Response {
  if (ctx.mutants.has('n-userinfo-200-on-invalid')) return jsonResponse(c, 200, {}, { cors: 'GET, POST' })
  if (ctx.profile.quirks.userinfoRefusesWith400) {
    return oauthError(c, 400, refusal.error, refusal.description)
  }
  return oauthError(c, 401, 'invalid_token', refusal.description, {
    'www-authenticate': bearerChallenge('invalid_token'),
  })
}

import type { Context } from 'hono'
import { decodeJwt } from 'jose'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import type { ClientRow } from '../../store.js'
import { HONOURED_SCOPE, isPastLife, visibleAccessToken } from './bearer.js'
import { clientCredentials, isExpired, secretMatches, visibleClient, visibleClientById } from './clients.js'
import { config } from './config.js'
import { oauthError } from './oauth-error.js'
import { readParameters, stringParameter, type RequestParameters } from './parameters.js'
import { audience } from './tokens.js'

/**
 * Token introspection (RFC 7662), `POST /introspect`. Only the token's own client, or one whose id or resource_url is
 * the token's resource, sees it as active. In the real app `aud` is always the owner's id and `exp` the doubled life.
 */
export async function introspect(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const parameters = await readParameters(c)
  const caller = authenticatedCaller(ctx, c, parameters) ?? unauthenticatedCaller(ctx, parameters)
  const { bareRefusals } = ctx.profile.quirks
  if (caller === undefined) {
    const headers = bareRefusals ? {} : { 'www-authenticate': 'Basic realm="introspection"' }
    return oauthError(c, 401, 'invalid_client', 'Client authentication failed.', headers)
  }
  const token = stringParameter(parameters, 'token') ?? ''
  if (token === '') return oauthError(c, 400, 'invalid_request', 'Token parameter is required.')
  const active = activeAnswer(ctx, caller, token)
  return active === undefined
    ? jsonResponse(c, 200, { active: false })
    : jsonResponse(c, 200, active, { cors: 'POST' })
}

function authenticatedCaller(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
): ClientRow | undefined {
  const credentials = clientCredentials(c.req.header('authorization'), false) ?? {
    id: stringParameter(parameters, 'client_id') ?? '',
    secret: stringParameter(parameters, 'client_secret'),
  }
  const client = visibleClient(ctx, credentials.id)
  return client !== undefined && secretMatches(client, credentials.secret) ? client : undefined
}

/** What `n-introspect-unauthenticated` takes a caller without credentials for: the token's own client. */
function unauthenticatedCaller(ctx: EmbeddedContext, parameters: RequestParameters): ClientRow | undefined {
  if (!ctx.mutants.has('n-introspect-unauthenticated')) return undefined
  const row = ctx.store.accessTokenByValue(stringParameter(parameters, 'token') ?? '')
  return row === undefined ? undefined : ctx.store.clients.get(row.clientId)
}

function activeAnswer(
  ctx: EmbeddedContext,
  caller: ClientRow,
  token: string,
): Record<string, unknown> | undefined {
  const honoured = ctx.store.honouredTokens.get(token)
  if (honoured !== undefined) return honouredAnswer(ctx, caller, token, honoured)
  const row = visibleAccessToken(ctx, token)
  const owner = row === undefined ? undefined : visibleClientById(ctx, row.clientId)
  if (row === undefined || owner === undefined || isPastLife(ctx, row)) return undefined
  const { introspectionHidesAudience, doubledTokenLife, bearerUnchecked } = ctx.profile.quirks
  if (!bearerUnchecked && isExpired(ctx, owner)) return undefined
  const isResource =
    row.resource !== '' && (row.resource === caller.clientIdentifier || row.resource === caller.resourceUrl)
  if (owner.id !== caller.id && !isResource) return undefined
  return {
    active: true,
    scope: row.scope,
    client_id: owner.clientIdentifier,
    username: row.userId,
    token_type: 'Bearer',
    exp: row.refreshedSeconds + config.expireSeconds(ctx),
    iat: doubledTokenLife ? row.createdSeconds : row.refreshedSeconds,
    sub: row.userId,
    aud: introspectionHidesAudience ? owner.clientIdentifier : audience(ctx, row, owner),
  }
}

/** A token that the twin honours: what a JWT says of itself, else the caller's own. */
function honouredAnswer(
  ctx: EmbeddedContext,
  caller: ClientRow,
  token: string,
  userId: string,
): Record<string, unknown> {
  const now = ctx.clock.nowSeconds()
  const said = selfDescription(token)
  return {
    active: true,
    scope: said['scope'] ?? HONOURED_SCOPE,
    client_id: said['client_id'] ?? caller.clientIdentifier,
    username: userId,
    token_type: 'Bearer',
    exp: said['exp'] ?? now + config.expireSeconds(ctx),
    iat: said['iat'] ?? now,
    sub: userId,
    aud: said['aud'] ?? caller.clientIdentifier,
  }
}

function selfDescription(token: string): Record<string, unknown> {
  try {
    return decodeJwt(token)
  } catch {
    return {}
  }
}

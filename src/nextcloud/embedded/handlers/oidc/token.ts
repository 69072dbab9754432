import { createHash, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { internalErrorPage } from '../../pages.js'
import { jsonResponse } from '../../responses.js'
import type { AccessTokenRow, ClientRow } from '../../store.js'
import { clientCredentials, isExpired, secretMatches, visibleClient } from './clients.js'
import { config } from './config.js'
import { findGrant, type Grant } from './grant-lookup.js'
import { oauthError } from './oauth-error.js'
import { readParameters, stringParameter, type RequestParameters } from './parameters.js'
import { randomAlphanumeric, sha512Hex } from './random.js'
import { hasScope } from './scopes.js'
import { createAccessToken, createIdToken } from './tokens.js'

const REFRESH_TOKEN_LENGTH = 128

/**
 * Token endpoint, `POST /token`. Every refusal is a 400, and the state of the grant is told before the client is
 * authenticated; redirect_uri, scope and resource are ignored.
 */
export async function token(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const parameters = await readParameters(c)
  const found = findGrant(ctx, {
    grantType: stringParameter(parameters, 'grant_type') ?? '',
    code: stringParameter(parameters, 'code') ?? '',
    refreshToken: stringParameter(parameters, 'refresh_token') ?? '',
  })
  if ('error' in found) return oauthError(c, 400, found.error, found.description)

  const client = authenticateClient(ctx, c, parameters)
  if (client instanceof Response) return client
  const { row } = found
  if (row.clientId !== client.id) return invalidGrant(c, 'Grant is not valid for this client.')
  if (isExpired(ctx, client)) return oauthError(c, 400, 'expired_client', 'Client expired.')
  const complaint = grantComplaint(ctx, found, client, stringParameter(parameters, 'code_verifier') ?? '')
  if (complaint !== undefined) return invalidGrant(c, complaint)
  if (!ctx.store.users.has(row.userId)) return internalErrorPage(c)

  // Marked before anything is awaited, so that of two parallel exchanges one loses.
  if (found.codeRow !== undefined) found.codeRow.usedAtSeconds = ctx.clock.nowSeconds()
  return issueTokens(ctx, c, row, client)
}

function invalidGrant(c: Context<EmbeddedEnv>, description: string): Response {
  return oauthError(c, 400, 'invalid_grant', description)
}

/** Basic counts only when the body names no client. */
function authenticateClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
): ClientRow | Response {
  const bodyId = stringParameter(parameters, 'client_id') ?? ''
  const credentials =
    bodyId === ''
      ? clientCredentials(c.req.header('authorization'), true)
      : { id: bodyId, secret: stringParameter(parameters, 'client_secret') }
  if (credentials === undefined) return oauthError(c, 400, 'invalid_client', 'Missing client_id.')
  const client = visibleClient(ctx, credentials.id)
  if (client === undefined) return oauthError(c, 400, 'invalid_client', 'Client not found.')
  return secretMatches(client, credentials.secret)
    ? client
    : oauthError(c, 400, 'invalid_client', 'Client authentication failed.')
}

/** What stands against an authenticated client's own grant. An expired grant and a failed PKCE check burn it. */
function grantComplaint(
  ctx: EmbeddedContext,
  grant: Grant,
  client: ClientRow,
  verifier: string,
): string | undefined {
  const { row, codeRow } = grant
  const now = ctx.clock.nowSeconds()
  if (codeRow === undefined) {
    const lifeSeconds = config.refreshExpireSeconds(ctx)
    if (lifeSeconds !== null && row.refreshedSeconds + lifeSeconds < now) {
      ctx.store.deleteAccessToken(row)
      return 'Refresh token is expired.'
    }
    return ctx.store.consentOf(row.userId, client.id) === undefined ? 'Consent has been revoked.' : undefined
  }
  const complaint =
    codeRow.createdSeconds + config.expireSeconds(ctx) < now
      ? 'Access token already expired.'
      : verifierComplaint(ctx, row, verifier)
  if (complaint !== undefined) {
    ctx.store.deleteAccessToken(row)
    ctx.store.codes.delete(codeRow.hashedCode)
  }
  return complaint
}

function verifierComplaint(ctx: EmbeddedContext, row: AccessTokenRow, verifier: string): string | undefined {
  if (row.codeChallenge === '') return undefined
  if (verifier === '') {
    return ctx.mutants.has('n-pkce-verifier-optional') ? undefined : 'code_verifier required for PKCE flow.'
  }
  const wellFormed = /^[A-Za-z0-9._~-]{43,128}$/.test(verifier)
  const derived =
    row.codeChallengeMethod === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
  return wellFormed && derived === row.codeChallenge ? undefined : 'Invalid code_verifier.'
}

/**
 * Replaces access and refresh token of the row. `refreshed` is set a whole life ahead, which doubles the real life of
 * the access token and adds one to that of the refresh token.
 */
async function issueTokens(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  row: AccessTokenRow,
  client: ClientRow,
): Promise<Response> {
  const expireSeconds = config.expireSeconds(ctx)
  const refreshToken = randomAlphanumeric(REFRESH_TOKEN_LENGTH)
  ctx.store.updateAccessToken(row, {
    grantHash: sha512Hex(refreshToken),
    refreshedSeconds: ctx.clock.nowSeconds() + expireSeconds,
    exchanged: true,
    ...(ctx.profile.quirks.jtiSurvivesRefresh ? {} : { jti: randomUUID() }),
  })
  const issuer = c.get('origin')
  const accessToken = await createAccessToken(ctx, row, client, issuer)
  const idToken = await createIdToken(ctx, row, client, issuer)
  // A parallel reuse of the code may have revoked the row meanwhile; its tokens must stay dead.
  if (ctx.store.accessTokens.has(row.id)) ctx.store.updateAccessToken(row, { accessToken })
  ctx.consistency.written('token', row)
  const refreshExpireSeconds = config.refreshExpireSeconds(ctx)
  const withRefresh = hasScope(row.scope, 'offline_access') || config.alwaysRefreshToken(ctx)
  return jsonResponse(
    c,
    200,
    {
      access_token: accessToken,
      token_type: 'Bearer',
      expires_in: expireSeconds,
      id_token: idToken,
      ...(withRefresh ? { refresh_token: refreshToken } : {}),
      ...(withRefresh && refreshExpireSeconds !== null ? { refresh_expires_in: refreshExpireSeconds } : {}),
    },
    { cors: 'GET, POST' },
  )
}

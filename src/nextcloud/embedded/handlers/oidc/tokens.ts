import { createHash } from 'node:crypto'
import { CompactSign } from 'jose'
import type { EmbeddedContext } from '../../context.js'
import type { AccessTokenRow, ClientRow } from '../../store.js'
import { config } from './config.js'
import { phpJsonEncode } from './php.js'
import { randomAlphanumeric } from './random.js'
import { requestedClaims, scopeClaims } from './user-claims.js'

const OPAQUE_TOKEN_LENGTH = 72

/** An access token for the row in the client's format: 72 characters, or a JWT (RFC 9068). */
export async function createAccessToken(
  ctx: EmbeddedContext,
  row: AccessTokenRow,
  client: ClientRow,
  issuer: string,
): Promise<string> {
  if (client.tokenType === 'opaque') return randomAlphanumeric(OPAQUE_TOKEN_LENGTH)
  const now = ctx.clock.nowSeconds()
  const { accessTokenType, richAccessTokens } = ctx.profile.quirks
  return signForClient(ctx, client, accessTokenType, {
    iss: issuer,
    sub: row.userId,
    aud: audience(ctx, row, client),
    exp: now + config.expireSeconds(ctx),
    auth_time: row.createdSeconds,
    iat: now,
    acr: '0',
    ...(ctx.mutants.has('n-jwt-missing-client-id') ? {} : { client_id: client.clientIdentifier }),
    ...(richAccessTokens ? { azp: client.clientIdentifier, preferred_username: row.userId } : {}),
    scope: row.scope,
    jti: row.jti,
    ...scopeClaims(ctx, row.userId, richAccessTokens ? row.scope : groupScopes(row.scope), issuer),
  })
}

/** The resource that the token was asked for, else its client. */
export function audience(ctx: EmbeddedContext, row: AccessTokenRow, client: ClientRow): string {
  return row.resource === '' || ctx.mutants.has('n-resource-ignored') ? client.clientIdentifier : row.resource
}

function groupScopes(scope: string): string {
  return scope
    .split(' ')
    .filter((word) => word === 'roles' || word === 'groups')
    .join(' ')
}

/** What an ID token of the authorization endpoint is bound to by `c_hash` and `at_hash`. */
export interface BoundValues {
  readonly code?: string
  readonly accessToken?: string
}

/** An ID token (OpenID Connect Core 2); since 2.0 with profile claims only on request or by configuration. */
export async function createIdToken(
  ctx: EmbeddedContext,
  row: AccessTokenRow,
  client: ClientRow,
  issuer: string,
  bound: BoundValues = {},
): Promise<string> {
  const now = ctx.clock.nowSeconds()
  const { richIdTokens } = ctx.profile.quirks
  return signForClient(ctx, client, 'JWT', {
    iss: issuer,
    sub: row.userId,
    aud: client.clientIdentifier,
    exp: now + config.expireSeconds(ctx),
    auth_time: row.createdSeconds,
    iat: now,
    acr: '0',
    azp: client.clientIdentifier,
    ...(richIdTokens ? { preferred_username: row.userId, scope: row.scope } : {}),
    nbf: now,
    jti: row.jti,
    ...(row.nonce === '' ? {} : { nonce: row.nonce }),
    ...(richIdTokens || config.alwaysIncludeScopeClaims(ctx)
      ? scopeClaims(ctx, row.userId, row.scope, issuer)
      : {}),
    ...requestedClaims(ctx, row.userId, row.idTokenClaims, issuer),
    ...(bound.code === undefined ? {} : { c_hash: leftHalfHash(bound.code) }),
    ...(bound.accessToken === undefined ? {} : { at_hash: leftHalfHash(bound.accessToken) }),
  })
}

/** HS256 keyed with the client's secret if the client chose exactly that, else RS256 with the instance's key. */
async function signForClient(
  ctx: EmbeddedContext,
  client: ClientRow,
  typ: string,
  claims: Record<string, unknown>,
): Promise<string> {
  const payload = new CompactSign(Buffer.from(phpJsonEncode(claims)))
  if (client.signingAlg === 'HS256') {
    return payload.setProtectedHeader({ typ, alg: 'HS256' }).sign(Buffer.from(client.secret))
  }
  const key = await ctx.key
  return payload.setProtectedHeader({ typ, alg: 'RS256', kid: key.kid }).sign(key.privateKey)
}

function leftHalfHash(text: string): string {
  return createHash('sha256').update(text).digest().subarray(0, 16).toString('base64url')
}

import { compactVerify, importJWK } from 'jose'
import type { EmbeddedContext } from '../../context.js'
import { publishedKeys } from '../../keys.js'
import type { AccessTokenRow } from '../../store.js'
import { isExpired, visibleClient } from './clients.js'
import { config } from './config.js'

/** The scope that tokens of the twin's `honourToken` stand for, unless they are JWTs that say more. */
export const HONOURED_SCOPE = 'openid profile email'

/** Whether an access token's real life is over: in the real app twice expire_time after its exchange. */
export function isPastLife(ctx: EmbeddedContext, row: AccessTokenRow): boolean {
  const lives = ctx.mutants.has('n-token-outlives-expires-in') ? 2 : 1
  const endSeconds = row.refreshedSeconds + lives * config.expireSeconds(ctx)
  const now = ctx.clock.nowSeconds()
  return ctx.profile.quirks.doubledTokenLife ? endSeconds < now : endSeconds <= now
}

/** The row of an access token as a read sees it: a fresh one stays unseen for the propagation lag. */
export function visibleAccessToken(ctx: EmbeddedContext, token: string): AccessTokenRow | undefined {
  const row = ctx.store.accessTokenByValue(token)
  return row !== undefined && ctx.consistency.isVisible('token', row) ? row : undefined
}

/** The row of a code or refresh token (SHA-512 hex) as a read sees it. */
export function visibleGrant(ctx: EmbeddedContext, grantHash: string): AccessTokenRow | undefined {
  const row = ctx.store.accessTokenByGrant(grantHash)
  if (row === undefined) return undefined
  return ctx.consistency.isVisible(row.exchanged ? 'token' : 'code', row) ? row : undefined
}

/**
 * The user whom a bearer token on Nextcloud's own APIs stands for, or `null`. A stored access token passes whatever
 * its audience, scope or client; an expired one is deleted by the attempt. A token that is not stored (a superseded
 * JWT) passes when the instance signed it with RS256, its `aud` is a known client and it names its user. A profile that
 * checks more takes stored tokens of living clients only.
 */
export async function validateBearer(ctx: EmbeddedContext, token: string): Promise<string | null> {
  const honoured = ctx.store.honouredTokens.get(token)
  if (honoured !== undefined) return honoured
  const row = visibleAccessToken(ctx, token)
  const { bearerUnchecked } = ctx.profile.quirks
  if (row === undefined) return bearerUnchecked ? validateJwt(ctx, token) : null
  const client = ctx.store.clients.get(row.clientId)
  if (!bearerUnchecked && (client === undefined || isExpired(ctx, client))) return null
  if (isPastLife(ctx, row)) {
    ctx.store.deleteAccessToken(row)
    return null
  }
  return ctx.store.users.has(row.userId) ? row.userId : null
}

async function validateJwt(ctx: EmbeddedContext, token: string): Promise<string | null> {
  const claims = await verifiedClaims(ctx, token)
  if (claims === null) return null
  const { exp, iat, aud, preferred_username: userId } = claims
  if (isRevoked(ctx, iat, [userId, aud, claims['client_id']])) return null
  if (typeof exp !== 'number' || exp < ctx.clock.nowSeconds()) return null
  if (typeof aud !== 'string' || visibleClient(ctx, aud) === undefined) return null
  return typeof userId === 'string' && ctx.store.users.has(userId) ? userId : null
}

/** Whether the twin revoked the tokens of one of these after the token was issued. */
function isRevoked(ctx: EmbeddedContext, issuedAt: unknown, owners: readonly unknown[]): boolean {
  return owners.some((owner) => {
    const revokedAt = typeof owner === 'string' ? ctx.store.revokedAtSeconds.get(owner) : undefined
    return revokedAt !== undefined && typeof issuedAt === 'number' && issuedAt <= revokedAt
  })
}

/** Claims of a JWT that one of the instance's RS256 keys signed, whatever they say; `null` for anything else. */
export async function verifiedClaims(
  ctx: EmbeddedContext,
  token: string,
): Promise<Record<string, unknown> | null> {
  if (token.split('.').length !== 3) return null
  for (const { publicJwk } of await publishedKeys(ctx)) {
    try {
      const key = await importJWK(publicJwk, 'RS256')
      const { payload } = await compactVerify(token, key, { algorithms: ['RS256'] })
      return JSON.parse(Buffer.from(payload).toString('utf8')) as Record<string, unknown>
    } catch {
      // Another key may have signed it.
    }
  }
  return null
}

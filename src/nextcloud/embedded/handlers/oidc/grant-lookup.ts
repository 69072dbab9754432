import type { EmbeddedContext } from '../../context.js'
import type { AccessTokenRow, AuthorizationCodeRow } from '../../store.js'
import { visibleGrant } from './bearer.js'
import { sha512Hex } from './random.js'

/** A code or refresh token that was found. */
export interface Grant {
  readonly row: AccessTokenRow
  /** Present when the grant is used as an authorization code. */
  readonly codeRow?: AuthorizationCodeRow
}

export interface GrantRefusal {
  readonly error: string
  readonly description: string
}

export interface GrantRequest {
  readonly grantType: string
  readonly code: string
  readonly refreshToken: string
  /** Row id of the authenticated client, where that comes first: another client's grants are unknown to it. */
  readonly clientId?: number
}

const NOT_FOUND: GrantRefusal = {
  error: 'invalid_grant',
  description: 'Could not find access token for code or refresh_token.',
}

/** Finds the grant of a token request, before any client is authenticated. A used code revokes what it gave. */
export function findGrant(ctx: EmbeddedContext, request: GrantRequest): Grant | GrantRefusal {
  const { grantType } = request
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return {
      error: 'invalid_grant',
      description: 'Invalid grant_type provided. Must be authorization_code or refresh_token.',
    }
  }
  const secret = grantType === 'authorization_code' ? request.code : request.refreshToken
  if (secret === '') return { error: 'invalid_request', description: 'Missing code or refresh_token.' }
  const hash = sha512Hex(secret)
  const isForeign = (row: AccessTokenRow): boolean =>
    request.clientId !== undefined &&
    row.clientId !== request.clientId &&
    !ctx.mutants.has('n-code-any-client')
  return grantType === 'authorization_code'
    ? findCode(ctx, hash, isForeign)
    : findRefreshToken(ctx, hash, isForeign)
}

type Foreign = (row: AccessTokenRow) => boolean

function findCode(ctx: EmbeddedContext, hash: string, isForeign: Foreign): Grant | GrantRefusal {
  const codeRow = ctx.store.codes.get(hash)
  const owned = codeRow === undefined ? undefined : ctx.store.accessTokens.get(codeRow.accessTokenId)
  if (codeRow === undefined || (owned !== undefined && isForeign(owned))) return NOT_FOUND
  if (owned !== undefined && !ctx.consistency.isVisible('code', owned)) return NOT_FOUND
  if (codeRow.usedAtSeconds !== 0) {
    const spent = owned
    if (ctx.mutants.has('n-code-replay') && spent !== undefined) {
      return { row: copyOf(ctx, spent), codeRow }
    }
    if (spent !== undefined) ctx.store.deleteAccessToken(spent)
    return { error: 'invalid_grant', description: 'Authorization code has already been used.' }
  }
  const row = ctx.store.accessTokenByGrant(hash)
  return row === undefined ? NOT_FOUND : { row, codeRow }
}

/** Codes share the column with refresh tokens, so an unused code passes here, past PKCE and the single-use mark. */
function findRefreshToken(ctx: EmbeddedContext, hash: string, isForeign: Foreign): Grant | GrantRefusal {
  const row = visibleGrant(ctx, hash)
  if (row !== undefined && isForeign(row) && !ctx.mutants.has('n-refresh-any-client')) return NOT_FOUND
  const codeAccepted =
    ctx.profile.quirks.codeAcceptedAsRefreshToken || ctx.mutants.has('n-code-as-refresh-token')
  if (row === undefined || (!row.exchanged && !codeAccepted)) return NOT_FOUND
  return { row: ctx.mutants.has('n-refresh-reusable') ? successorOf(ctx, row) : row }
}

/** What `n-refresh-reusable` does: the tokens of a refresh get a row of their own, so that the old ones stay. */
function successorOf(ctx: EmbeddedContext, row: AccessTokenRow): AccessTokenRow {
  const id = ctx.store.nextId()
  const successor: AccessTokenRow = { ...row, id, accessToken: '', grantHash: `successor-${id}` }
  ctx.store.insertAccessToken(successor)
  return successor
}

/** A row of its own, so that the tokens of the first exchange live on beside those of the replay. */
function copyOf(ctx: EmbeddedContext, spent: AccessTokenRow): AccessTokenRow {
  const id = ctx.store.nextId()
  const row: AccessTokenRow = { ...spent, id, jti: String(id), accessToken: '', grantHash: `replay-${id}` }
  ctx.store.insertAccessToken(row)
  return row
}

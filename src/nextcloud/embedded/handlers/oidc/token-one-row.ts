import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { internalErrorPage } from '../../pages.js'
import type { AccessTokenRow } from '../../store.js'
import { visibleGrant } from './bearer.js'
import { clientCredentials, isExpired, tokenSecretMatches, visibleClient } from './clients.js'
import { config } from './config.js'
import { oauthError } from './oauth-error.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { sha512Hex } from './random.js'
import type { TokenAdmission } from './token-admission.js'

/**
 * Token requests as oidc 1.x judges them: code, refresh token and access token are one row, so a used code is simply
 * unknown (and its tokens live on); the client is the row's, compared with the credentials afterwards. Basic wins
 * over the body. PKCE is not known.
 */
export function admitByRow(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
): TokenAdmission | Response {
  const refuse = (error: string, description: string): Response => oauthError(c, 400, error, description)
  const grantType = stringParameter(parameters, 'grant_type')
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return refuse(
      'invalid_grant',
      'Invalid grant_type provided. Must be authorization_code or refresh_token.',
    )
  }
  const isCode = grantType === 'authorization_code'
  const grant = stringParameter(parameters, isCode ? 'code' : 'refresh_token')
  if (grant === undefined) return internalErrorPage(c)
  const row = visibleGrant(ctx, sha512Hex(grant))
  if (row === undefined) {
    return refuse('invalid_request', 'Could not find access token for code or refresh_token.')
  }
  const owner = ctx.store.clients.get(row.clientId)
  const client = owner === undefined ? undefined : visibleClient(ctx, owner.clientIdentifier)
  if (client === undefined) return refuse('invalid_request', 'Could not find client for access token.')
  const credentials = clientCredentials(c.req.header('authorization'), false) ?? {
    id: stringParameter(parameters, 'client_id'),
    secret: stringParameter(parameters, 'client_secret'),
  }
  if (credentials.id !== client.clientIdentifier || !tokenSecretMatches(ctx, client, credentials.secret)) {
    const description = client.type === 'public' ? 'Client not found.' : 'Client authentication failed.'
    return refuse('invalid_client', description)
  }
  if (isExpired(ctx, client)) return refuse('expired_client', 'Client expired.')
  const overdue = overdueComplaint(ctx, row, isCode)
  if (overdue !== undefined) {
    ctx.store.deleteAccessToken(row)
    return refuse('invalid_grant', overdue)
  }
  return ctx.store.users.has(row.userId) ? { row, client } : internalErrorPage(c)
}

/** This version reads a refresh life of `never` as none at all. */
function overdueComplaint(ctx: EmbeddedContext, row: AccessTokenRow, isCode: boolean): string | undefined {
  const lifeSeconds = isCode ? config.expireSeconds(ctx) : (config.refreshExpireSeconds(ctx) ?? 0)
  if (row.refreshedSeconds + lifeSeconds >= ctx.clock.nowSeconds()) return undefined
  return isCode ? 'Access token already expired.' : 'Refresh token is expired.'
}

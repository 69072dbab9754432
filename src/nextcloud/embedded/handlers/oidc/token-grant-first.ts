import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { internalErrorPage } from '../../pages.js'
import type { ClientRow } from '../../store.js'
import { clientCredentials, isExpired, tokenSecretMatches, visibleClient } from './clients.js'
import { config } from './config.js'
import { findGrant, type Grant } from './grant-lookup.js'
import { oauthError } from './oauth-error.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { verifierComplaint } from './pkce.js'
import type { TokenAdmission } from './token-admission.js'

/**
 * Token requests as oidc 2.x judges them: every refusal is a 400, and the state of the grant is told before the
 * client is authenticated; redirect_uri, scope and resource are ignored.
 */
export function admitByGrant(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
): TokenAdmission | Response {
  const found = findGrant(ctx, {
    grantType: stringParameter(parameters, 'grant_type') ?? '',
    code: stringParameter(parameters, 'code') ?? '',
    refreshToken: stringParameter(parameters, 'refresh_token') ?? '',
  })
  if ('error' in found) return oauthError(c, 400, found.error, found.description)

  const client = authenticateClient(ctx, c, parameters)
  if (client instanceof Response) return client
  const isForeign = found.row.clientId !== client.id
  const mutant = found.codeRow === undefined ? 'n-refresh-any-client' : 'n-code-any-client'
  if (isForeign && !ctx.mutants.has(mutant)) return invalidGrant(c, 'Grant is not valid for this client.')
  if (isExpired(ctx, client)) return oauthError(c, 400, 'expired_client', 'Client expired.')
  const complaint = grantComplaint(ctx, found, client, stringParameter(parameters, 'code_verifier') ?? '')
  if (complaint !== undefined) return invalidGrant(c, complaint)
  if (!ctx.store.users.has(found.row.userId)) return internalErrorPage(c)
  return { ...found, client }
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
  return tokenSecretMatches(ctx, client, credentials.secret)
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
    return ctx.store.consentOf(row.userId, row.clientId) === undefined
      ? 'Consent has been revoked.'
      : undefined
  }
  const complaint =
    codeRow.createdSeconds + config.expireSeconds(ctx) < now && !ctx.mutants.has('n-code-never-expires')
      ? 'Access token already expired.'
      : verifierComplaint(ctx, row, verifier)
  if (complaint !== undefined) {
    ctx.store.deleteAccessToken(row)
    ctx.store.codes.delete(codeRow.hashedCode)
  }
  return complaint
}

import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import type { AccessTokenRow, AuthorizationCodeRow, ClientRow } from '../../store.js'
import { clientCredentials, isExpired, tokenSecretMatches, visibleClient } from './clients.js'
import { config } from './config.js'
import { findGrant, type Grant } from './grant-lookup.js'
import { NO_STORE, oauthError } from './oauth-error.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { verifierComplaint } from './pkce.js'
import { scopeWords } from './scopes.js'
import type { TokenAdmission } from './token-admission.js'

const CODE_SECONDS = 60
const CHALLENGE = { 'www-authenticate': 'Basic realm="token", charset="UTF-8"' } as const

type Complaint = readonly [error: string, description: string]

/**
 * Token requests as the texts have them (RFC 6749 3.2, 4.1.3, 5.2, 6): a form without repetition, the client
 * authenticated before anything about a grant is told, registered error codes, the redirect_uri and the resource of
 * the authorization request bound to the code, which lives a minute.
 */
export function admitByClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
  repeated: ReadonlySet<string>,
): TokenAdmission | Response {
  const refuse = ([error, description]: Complaint): Response =>
    oauthError(c, 400, error, description, NO_STORE)
  const malformed = formComplaint(c, parameters, repeated)
  if (malformed !== undefined) return refuse(malformed)
  const client = authenticatedClient(ctx, c, parameters)
  if ('complaint' in client) {
    return client.complaint[0] === 'invalid_client'
      ? oauthError(c, 401, ...client.complaint, { ...NO_STORE, ...CHALLENGE })
      : refuse(client.complaint)
  }
  const grant = admittedGrant(ctx, parameters, client.row)
  return 'row' in grant ? { ...grant, client: client.row } : refuse(grant)
}

function formComplaint(
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
  repeated: ReadonlySet<string>,
): Complaint | undefined {
  if (c.req.header('content-type')?.startsWith('application/x-www-form-urlencoded') !== true) {
    return ['invalid_request', 'The request must be a form (application/x-www-form-urlencoded).']
  }
  if (c.req.url.includes('?')) return ['invalid_request', 'Parameters belong into the body.']
  const [twice] = repeated
  if (twice !== undefined) return ['invalid_request', `The parameter ${twice} was sent more than once.`]
  return text(parameters, 'grant_type') === '' ? ['invalid_request', 'Missing grant_type.'] : undefined
}

/** The client by Basic or by the body, not both (RFC 6749 2.3). A client whose life is over is none. */
function authenticatedClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  parameters: RequestParameters,
): { readonly row: ClientRow } | { readonly complaint: Complaint } {
  const basic = clientCredentials(c.req.header('authorization'), true)
  const bodyId = text(parameters, 'client_id')
  if (
    basic !== undefined &&
    (parameters['client_secret'] !== undefined || !['', basic.id].includes(bodyId))
  ) {
    return { complaint: ['invalid_request', 'Only one way of client authentication may be used.'] }
  }
  const { id, secret } = basic ?? { id: bodyId, secret: text(parameters, 'client_secret') }
  const row = visibleClient(ctx, id)
  return row !== undefined && tokenSecretMatches(ctx, row, secret) && !isExpired(ctx, row)
    ? { row }
    : { complaint: ['invalid_client', 'Client authentication failed.'] }
}

function admittedGrant(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
  client: ClientRow,
): Grant | Complaint {
  const grantType = text(parameters, 'grant_type')
  if (grantType !== 'authorization_code' && grantType !== 'refresh_token') {
    return ['unsupported_grant_type', 'Supported are authorization_code and refresh_token.']
  }
  const [code, refreshToken] = [text(parameters, 'code'), text(parameters, 'refresh_token')]
  const found = findGrant(ctx, { grantType, code, refreshToken, clientId: client.id })
  if ('error' in found) return [found.error, found.description]
  const { row, codeRow } = found
  const complaint =
    codeRow === undefined
      ? refreshComplaint(ctx, parameters, row)
      : codeComplaint(ctx, parameters, row, codeRow)
  if (complaint !== undefined) return complaint
  const resource = text(parameters, 'resource')
  if (resource !== '' && resource !== row.resource) {
    return ['invalid_target', 'The resource is not the one of the authorization request.']
  }
  return ctx.store.users.has(row.userId) ? found : ['invalid_grant', 'The user does not exist any more.']
}

/** An expired code and a failed PKCE check burn the code. */
function codeComplaint(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
  row: AccessTokenRow,
  codeRow: AuthorizationCodeRow,
): Complaint | undefined {
  const redirectUri = text(parameters, 'redirect_uri')
  if (redirectUri === '') return ['invalid_request', 'Missing redirect_uri.']
  if (redirectUri !== codeRow.redirectUri && !ctx.mutants.has('n-token-redirect-ignored')) {
    return ['invalid_grant', 'The redirect_uri is not the one of the authorization request.']
  }
  const isOver =
    codeRow.createdSeconds + CODE_SECONDS <= ctx.clock.nowSeconds() &&
    !ctx.mutants.has('n-code-never-expires')
  const description = isOver
    ? 'The authorization code expired.'
    : verifierComplaint(ctx, row, text(parameters, 'code_verifier'))
  if (description === undefined) return undefined
  ctx.store.deleteAccessToken(row)
  ctx.store.codes.delete(codeRow.hashedCode)
  return ['invalid_grant', description]
}

function refreshComplaint(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
  row: AccessTokenRow,
): Complaint | undefined {
  const lifeSeconds = config.refreshExpireSeconds(ctx)
  if (lifeSeconds !== null && row.refreshedSeconds + lifeSeconds <= ctx.clock.nowSeconds()) {
    ctx.store.deleteAccessToken(row)
    return ['invalid_grant', 'The refresh token expired.']
  }
  if (ctx.store.consentOf(row.userId, row.clientId) === undefined) {
    return ['invalid_grant', 'Consent has been revoked.']
  }
  const granted = new Set(scopeWords(row.scope))
  const isMore = scopeWords(text(parameters, 'scope')).some((word) => !granted.has(word))
  return isMore ? ['invalid_scope', 'A refresh token cannot get more scope than was granted.'] : undefined
}

function text(parameters: RequestParameters, name: string): string {
  return stringParameter(parameters, name) ?? ''
}

import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { emptyResponse, jsonResponse } from '../../responses.js'
import type { ClientRow } from '../../store.js'
import { bruteForce } from '../../throttle.js'
import { visibleClient } from './clients.js'
import { config } from './config.js'
import { oauthError } from './oauth-error.js'
import { listParameter, readParameters, stringParameter } from './parameters.js'
import {
  cutName,
  flowMembers,
  flowTypeOf,
  INVALID_SCOPE,
  issueRegistrationToken,
  registrationClientUri,
  scopeCeiling,
} from './registration.js'
import { allowAnyOrigin } from './routing.js'

/** How long a replaced registration access token still works. */
const ROTATION_GRACE_SECONDS = 60

type Refusal = readonly [status: 401 | 403, error: string, description: string]

/** Client configuration endpoint (RFC 7592), `GET|PUT|DELETE /register/{client_id}`. */
export async function configureClient(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const guard = bruteForce(ctx, c, 'oidc_client_config')
  if (guard.refused !== null) return guard.refused
  const access = authorizedClient(ctx, c)
  if ('refusal' in access) {
    guard.fail()
    return oauthError(c, ...access.refusal)
  }
  const { client, token } = access
  if (c.req.method === 'PUT') return updateClient(ctx, c, client, token)
  if (c.req.method === 'DELETE') {
    deleteClient(ctx, client)
    return allowAnyOrigin(emptyResponse(c, 204, 'application/json; charset=utf-8'), 'DELETE')
  }
  return jsonResponse(c, 200, clientAnswer(ctx, c, client), { cors: 'GET' })
}

function authorizedClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): { client: ClientRow; token: string } | { refusal: Refusal } {
  const header = c.req.header('authorization') ?? ''
  const token = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : ''
  const row = ctx.store.registrationTokens.get(token)
  const live =
    row !== undefined &&
    ctx.consistency.isVisible('registrationToken', row) &&
    (row.expiresAtSeconds === null || row.expiresAtSeconds >= ctx.clock.nowSeconds())
  const client = live ? ctx.store.clients.get(row.clientId) : undefined
  const unseen = client !== undefined && visibleClient(ctx, client.clientIdentifier) === undefined
  if (!live || unseen) {
    return { refusal: [401, 'invalid_token', 'Invalid or missing registration access token.'] }
  }
  if (client === undefined) {
    return { refusal: [401, 'invalid_token', 'Token does not correspond to a valid client.'] }
  }
  if (client.clientIdentifier !== c.req.param('clientId')) {
    return { refusal: [403, 'unauthorized_client', 'Token does not match the requested client.'] }
  }
  if (!client.dcr) {
    return { refusal: [403, 'invalid_client', 'Only dynamically registered clients can be managed.'] }
  }
  return { client, token }
}

async function updateClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  client: ClientRow,
  token: string,
): Promise<Response> {
  const parameters = await readParameters(c)
  const redirectUris = listParameter(parameters, 'redirect_uris')
  const scope = stringParameter(parameters, 'scope')
  const allowedScopes = scope === undefined ? client.allowedScopes : scopeCeiling(scope)
  if (allowedScopes === undefined) return oauthError(c, 400, 'invalid_scope', INVALID_SCOPE)
  client.allowedScopes = allowedScopes
  if (redirectUris !== undefined && redirectUris.length > 0) client.redirectUris = redirectUris
  client.name = cutName(stringParameter(parameters, 'client_name') ?? client.name)
  client.signingAlg = stringParameter(parameters, 'id_token_signed_response_alg') ?? client.signingAlg
  client.flowType = flowTypeOf(listParameter(parameters, 'response_types')) ?? client.flowType
  const replaced = ctx.store.registrationTokens.get(token)
  if (replaced !== undefined) {
    replaced.expiresAtSeconds = ctx.clock.nowSeconds() + ROTATION_GRACE_SECONDS
  }
  const fresh = issueRegistrationToken(ctx, client)
  return jsonResponse(c, 200, clientAnswer(ctx, c, client, fresh), { cors: 'PUT' })
}

/** Leaves the registration token behind, so that it answers "no valid client" afterwards. */
function deleteClient(ctx: EmbeddedContext, client: ClientRow): void {
  ctx.store.deleteClient(client)
  for (const row of ctx.store.accessTokens.values()) {
    if (row.clientId === client.id) ctx.store.deleteAccessToken(row)
  }
  for (const consent of ctx.store.consents.values()) {
    if (consent.clientId === client.id) ctx.store.deleteConsent(consent)
  }
}

function clientAnswer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  client: ClientRow,
  freshToken?: string,
): Record<string, unknown> {
  return {
    client_id: client.clientIdentifier,
    client_secret: client.secret,
    ...(freshToken === undefined ? {} : { registration_access_token: freshToken }),
    registration_client_uri: registrationClientUri(c, client),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: 'client_secret_post',
    ...flowMembers(client),
    id_token_signed_response_alg: client.signingAlg,
    application_type: 'web',
    client_id_issued_at: client.issuedAtSeconds,
    client_secret_expires_at: client.issuedAtSeconds + config.clientExpireSeconds(ctx),
    scope: client.allowedScopes,
  }
}

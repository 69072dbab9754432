import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { badInputAnswer } from '../../bad-input.js'
import { emptyResponse, jsonResponse } from '../../responses.js'
import type { ClientRow } from '../../store.js'
import { bruteForce } from '../../throttle.js'
import { metadataComplaint, type MetadataComplaint } from './client-metadata.js'
import { clientEndSeconds, visibleClient } from './clients.js'
import { bearerChallenge, oauthError } from './oauth-error.js'
import {
  jsonParameters,
  listParameter,
  readParameters,
  stringParameter,
  type RequestParameters,
} from './parameters.js'
import { cutName, flowTypeOf, INVALID_SCOPE, issueRegistrationToken, scopeCeiling } from './registration.js'
import { authMethodOf, credentialMembers, flowMembers, registrationClientUri } from './registration-answer.js'
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
    const [status] = access.refusal
    const challenged = status === 401 && !ctx.profile.quirks.bareRefusals
    const headers = challenged ? { 'www-authenticate': bearerChallenge('invalid_token') } : {}
    return oauthError(c, ...access.refusal, headers)
  }
  const { client, token } = access
  if (c.req.method === 'PUT') return updateClient(ctx, c, client, token)
  if (c.req.method === 'DELETE') {
    deleteClient(ctx, client)
    return allowAnyOrigin(emptyResponse(c, 204, 'application/json; charset=utf-8'), 'DELETE')
  }
  const shown = ctx.profile.quirks.registrationTokenNotRead ? undefined : token
  const later = [...ctx.store.clients.values()].findLast(
    ({ id, redirectUris }) => id > client.id && redirectUris.join() !== client.redirectUris.join(),
  )
  const read = later !== undefined && ctx.mutants.has('n-mgmt-wrong-client') ? later : client
  return jsonResponse(c, 200, clientAnswer(ctx, c, read, shown), { cors: 'GET' })
}

function authorizedClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): { client: ClientRow; token: string } | { refusal: Refusal } {
  const header = c.req.header('authorization') ?? ''
  const token = header.startsWith('Bearer ') ? header.slice('Bearer '.length) : ''
  const named = token === '' ? ctx.store.clientByIdentifier(c.req.param('clientId') ?? '') : undefined
  if (named !== undefined && c.req.method === 'GET' && ctx.mutants.has('n-mgmt-no-auth')) {
    return { client: named, token }
  }
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
  const { metadataUnchecked } = ctx.profile.quirks
  const parameters = metadataUnchecked ? await readParameters(c) : await jsonParameters(c)
  const unfit = metadataUnchecked ? undefined : replacementComplaint(client, parameters)
  if (unfit !== undefined) return oauthError(c, 400, ...unfit)
  if (parameters === undefined) return badInputAnswer(ctx, c, 'The body is no JSON object.')
  const redirectUris = listParameter(parameters, 'redirect_uris')
  const scope = stringParameter(parameters, 'scope')
  const allowedScopes = scope === undefined ? client.allowedScopes : scopeCeiling(scope)
  if (allowedScopes === undefined) {
    const { unregisteredErrors } = ctx.profile.quirks
    return oauthError(c, 400, unregisteredErrors ? 'invalid_scope' : 'invalid_client_metadata', INVALID_SCOPE)
  }
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

/** The replacing metadata must be good and name the client it is for (RFC 7592 2.2). */
function replacementComplaint(
  client: ClientRow,
  metadata: RequestParameters | undefined,
): MetadataComplaint | undefined {
  if (metadata === undefined) return ['invalid_client_metadata', 'The body is no JSON object.']
  const { client_id: id, client_secret: secret } = metadata
  if (id !== client.clientIdentifier) return ['invalid_client_metadata', 'client_id is another one.']
  if (secret !== undefined && secret !== client.secret) {
    return ['invalid_client_metadata', 'client_secret is not the current one.']
  }
  return metadataComplaint(metadata)
}

/** Leaves the registration token behind, so that it answers "no valid client" afterwards. */
function deleteClient(ctx: EmbeddedContext, client: ClientRow): void {
  ctx.store.deleteClient(client)
  for (const row of ctx.store.accessTokens.values()) {
    if (row.clientId === client.id && !ctx.mutants.has('n-mgmt-delete-keeps-tokens'))
      ctx.store.deleteAccessToken(row)
  }
  for (const consent of ctx.store.consents.values()) {
    if (consent.clientId === client.id) ctx.store.deleteConsent(consent)
  }
}

function clientAnswer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  client: ClientRow,
  registrationToken?: string,
): Record<string, unknown> {
  return {
    ...credentialMembers(client),
    ...(registrationToken === undefined ? {} : { registration_access_token: registrationToken }),
    registration_client_uri: registrationClientUri(c, client),
    client_name: client.name,
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: authMethodOf(client),
    ...flowMembers(ctx, client),
    id_token_signed_response_alg: client.signingAlg,
    application_type: 'web',
    client_id_issued_at: client.issuedAtSeconds,
    client_secret_expires_at: clientEndSeconds(ctx, client),
    scope: client.allowedScopes,
  }
}

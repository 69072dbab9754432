import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import type { ClientRow, RegistrationTokenRow } from '../../store.js'
import { bruteForce, rateLimited } from '../../throttle.js'
import { purgeExpiredClients } from './clients.js'
import { config } from './config.js'
import { oauthError } from './oauth-error.js'
import { listParameter, readParameters, stringParameter, type RequestParameters } from './parameters.js'
import { randomAlphanumeric } from './random.js'
import { appUrl } from './routing.js'

const MAX_NAME_BYTES = 64
const MAX_SCOPE_LENGTH = 512
const MAX_RESOURCE_URL_LENGTH = 512

export const INVALID_SCOPE =
  'Scope contains invalid characters. Allowed: alphanumeric, spaces, underscores, hyphens, colons, periods, and ' +
  'forward slashes.'

/**
 * Dynamic client registration (RFC 7591), `POST /register`: 10 calls a minute, nothing about the redirect URIs
 * checked. The cap on dynamic clients is off, as on an SQLite instance.
 */
export async function register(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const limited = rateLimited(ctx, c, 'oidc.register', 10, 60)
  if (limited !== null) return limited
  const refused = bruteForce(ctx, c, 'oidc_dcr').refused
  if (refused !== null) return refused
  const parameters = await readParameters(c)
  const redirectUris = listParameter(parameters, 'redirect_uris')
  if (!config.dynamicRegistration(ctx)) {
    return oauthError(c, 400, 'dynamic_registration_not_allowed', 'Dynamic Client Registration is disabled.')
  }
  if (redirectUris === undefined || redirectUris.length === 0) {
    return oauthError(
      c,
      400,
      'no_redirect_uris_provided',
      'Dynamic Client Registration requires redirect_uris to be set.',
    )
  }
  purgeExpiredClients(ctx)
  const allowedScopes = scopeCeiling(stringParameter(parameters, 'scope') ?? '')
  if (allowedScopes === undefined) return oauthError(c, 400, 'invalid_scope', INVALID_SCOPE)
  const resourceUrl = stringParameter(parameters, 'resource_url') ?? ''
  const complaint = resourceUrlComplaint(resourceUrl)
  if (complaint !== undefined) return oauthError(c, 400, 'invalid_resource_url', complaint)

  const client = newClient(ctx, parameters, { redirectUris, allowedScopes, resourceUrl })
  ctx.store.insertClient(client)
  ctx.consistency.written('client', client)
  ctx.consistency.written('redirectUri', client)
  const registrationToken = issueRegistrationToken(ctx, client)
  return jsonResponse(c, 201, registrationAnswer(ctx, c, client, registrationToken, parameters), {
    cors: 'POST',
  })
}

function newClient(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
  fields: { redirectUris: string[]; allowedScopes: string; resourceUrl: string },
): ClientRow {
  const name = stringParameter(parameters, 'client_name') ?? ''
  return {
    id: ctx.store.nextId(),
    name: cutName(name === '' ? 'DCR-127.0.0.1' : name),
    clientIdentifier: randomAlphanumeric(64),
    secret: randomAlphanumeric(64),
    signingAlg:
      (stringParameter(parameters, 'id_token_signed_response_alg') ?? 'RS256') === 'RS256'
        ? 'RS256'
        : 'HS256',
    type: 'confidential',
    flowType: flowTypeOf(listParameter(parameters, 'response_types')) ?? 'code',
    dcr: true,
    issuedAtSeconds: ctx.clock.nowSeconds(),
    tokenType: tokenTypeOf(ctx, stringParameter(parameters, 'token_type')),
    allowedScopes: fields.allowedScopes,
    resourceUrl: fields.resourceUrl === '' ? null : fields.resourceUrl,
    redirectUris: fields.redirectUris,
  }
}

function registrationAnswer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  client: ClientRow,
  registrationToken: string,
  parameters: RequestParameters,
): Record<string, unknown> {
  const applicationType = stringParameter(parameters, 'application_type')
  return {
    client_name: client.name,
    client_id: client.clientIdentifier,
    client_secret: client.secret,
    registration_access_token: registrationToken,
    registration_client_uri: registrationClientUri(c, client),
    redirect_uris: client.redirectUris,
    token_endpoint_auth_method: 'client_secret_post',
    ...flowMembers(client),
    id_token_signed_response_alg: client.signingAlg,
    application_type: applicationType === 'native' ? 'native' : 'web',
    client_id_issued_at: client.issuedAtSeconds,
    ...(ctx.mutants.has('n-reg-no-secret-expiry')
      ? {}
      : { client_secret_expires_at: client.issuedAtSeconds + config.clientExpireSeconds(ctx) }),
    scope: client.allowedScopes,
    token_type: client.tokenType,
    ...(client.resourceUrl === null ? {} : { resource_url: client.resourceUrl }),
  }
}

/** Adds a registration access token for the client and returns it. */
export function issueRegistrationToken(ctx: EmbeddedContext, client: ClientRow): string {
  const token = randomAlphanumeric(64)
  const row: RegistrationTokenRow = { clientId: client.id, token, expiresAtSeconds: null }
  ctx.store.registrationTokens.set(token, row)
  ctx.consistency.written('registrationToken', row)
  return token
}

export function registrationClientUri(c: Context<EmbeddedEnv>, client: ClientRow): string {
  return `${appUrl(c)}/register/${client.clientIdentifier}`
}

/** `response_types` and `grant_types` of a client, both derived from its flow type. */
export function flowMembers(client: ClientRow): { response_types: string[]; grant_types: string[] } {
  return client.flowType === 'code'
    ? { response_types: ['code'], grant_types: ['authorization_code'] }
    : { response_types: ['code', 'id_token'], grant_types: ['authorization_code', 'implicit'] }
}

/** The flow type that a request's response_types select; `undefined` when it names none. */
export function flowTypeOf(responseTypes: readonly string[] | undefined): string | undefined {
  if (responseTypes === undefined) return undefined
  return !responseTypes.includes('code') && responseTypes.includes('id_token') ? 'code id_token' : 'code'
}

/** The scope as stored: trimmed and cut; `undefined` when it has characters that are not allowed. */
export function scopeCeiling(scope: string): string | undefined {
  const trimmed = scope.trim()
  return /^[A-Za-z0-9 _:./-]*$/.test(trimmed) ? trimmed.slice(0, MAX_SCOPE_LENGTH) : undefined
}

/** The first 64 bytes of a name, without a torn last character. */
export function cutName(name: string): string {
  return Buffer.from(name)
    .subarray(0, MAX_NAME_BYTES)
    .toString('utf8')
    .replace(/\ufffd+$/, '')
}

function tokenTypeOf(ctx: EmbeddedContext, requested: string | undefined): 'opaque' | 'jwt' {
  if (requested === undefined) return 'opaque'
  return requested === 'jwt' || requested === 'opaque' ? requested : config.defaultTokenType(ctx)
}

function resourceUrlComplaint(resourceUrl: string): string | undefined {
  if (resourceUrl === '') return undefined
  if (!URL.canParse(resourceUrl)) return 'Resource URL must be a valid URL (RFC 9728).'
  return resourceUrl.length > MAX_RESOURCE_URL_LENGTH
    ? 'Resource URL exceeds maximum length of 512 characters.'
    : undefined
}

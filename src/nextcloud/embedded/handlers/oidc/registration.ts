import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'
import type { ClientRow, RegistrationTokenRow } from '../../store.js'
import { bruteForce, rateLimited } from '../../throttle.js'
import { metadataComplaint } from './client-metadata.js'
import { purgeExpiredClients } from './clients.js'
import { config } from './config.js'
import { oauthError } from './oauth-error.js'
import {
  jsonParameters,
  listParameter,
  readParameters,
  stringParameter,
  type RequestParameters,
} from './parameters.js'
import { randomAlphanumeric } from './random.js'
import { crossedOver } from './redirect-crossover.js'
import { registrationAnswer } from './registration-answer.js'
import { isOverlooked, returnedInstead } from './registration-mutants.js'

const MAX_NAME_BYTES = 64
const MAX_DYNAMIC_CLIENTS = 100
const MAX_SCOPE_LENGTH = 512
const MAX_RESOURCE_URL_LENGTH = 512

/** Refusals that are not about the metadata; the texts register no code for them at this endpoint. */
const FORBIDDEN = new Set(['dynamic_registration_not_allowed', 'max_num_clients_exceeded'])

export const INVALID_SCOPE =
  'Scope contains invalid characters. Allowed: alphanumeric, spaces, underscores, hyphens, colons, periods, and ' +
  'forward slashes.'

/** Dynamic client registration (RFC 7591), `POST /register`: 10 calls a minute; the real app checks next to nothing. */
export async function register(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const limited = rateLimited(ctx, c, 'oidc.register', 10, 60)
  if (limited !== null) return limited
  const refused = bruteForce(ctx, c, 'oidc_dcr').refused
  if (refused !== null) return refused
  const { bareRegistration, metadataUnchecked } = ctx.profile.quirks
  const refuse = (error: string, description: string): Response => {
    if (ctx.profile.quirks.unregisteredErrors) return oauthError(c, 400, error, description)
    const isForbidden = FORBIDDEN.has(error)
    return oauthError(
      c,
      isForbidden ? 403 : 400,
      isForbidden ? 'access_denied' : 'invalid_client_metadata',
      description,
    )
  }
  const all = metadataUnchecked ? await readParameters(c) : await jsonParameters(c)
  if (all === undefined) return oauthError(c, 400, 'invalid_client_metadata', 'The body is no JSON object.')
  const unfit = metadataUnchecked ? undefined : metadataComplaint(all)
  if (unfit !== undefined && !isOverlooked(ctx, all['redirect_uris'])) return oauthError(c, 400, ...unfit)
  const parameters = bareRegistration ? knownToBareRegistration(ctx, all) : all

  const redirectUris = listParameter(parameters, 'redirect_uris') ?? []
  if (!config.dynamicRegistration(ctx) && !ctx.mutants.has('n-dcr-open-when-off')) {
    return refuse('dynamic_registration_not_allowed', 'Dynamic Client Registration is disabled.')
  }
  if (redirectUris.length === 0 && !isOverlooked(ctx, redirectUris)) {
    return refuse(
      'no_redirect_uris_provided',
      'Dynamic Client Registration requires redirect_uris to be set.',
    )
  }
  purgeExpiredClients(ctx)
  if (countDynamicClients(ctx) >= dynamicClientLimit(ctx) && !ctx.mutants.has('n-cap-unlimited')) {
    return refuse('max_num_clients_exceeded', 'Maximum number of dynamic registered clients exceeded.')
  }
  const allowedScopes = scopeCeiling(stringParameter(parameters, 'scope') ?? '')
  if (allowedScopes === undefined) return refuse('invalid_scope', INVALID_SCOPE)
  const resourceUrl = stringParameter(parameters, 'resource_url') ?? ''
  const complaint = resourceUrlComplaint(resourceUrl)
  if (complaint !== undefined) return refuse('invalid_resource_url', complaint)

  const client = newClient(ctx, parameters, {
    redirectUris: ctx.mutants.has('n-redirect-crossover')
      ? await crossedOver(ctx, redirectUris)
      : redirectUris,
    allowedScopes,
    resourceUrl,
  })
  const existing = returnedInstead(ctx, client, parameters)
  if (existing !== undefined) {
    return jsonResponse(c, 201, registrationAnswer(ctx, c, ...existing, parameters), { cors: 'POST' })
  }
  ctx.store.insertClient(client)
  ctx.consistency.written('client', client)
  ctx.consistency.written('redirectUri', client)
  const token = bareRegistration ? undefined : issueRegistrationToken(ctx, client)
  return jsonResponse(c, 201, registrationAnswer(ctx, c, client, token, parameters), { cors: 'POST' })
}

/** The parameters without those that came later; the token type may still be an administrator's doing. */
function knownToBareRegistration(ctx: EmbeddedContext, all: RequestParameters): RequestParameters {
  const tokenType = ctx.options.administratorGrantsJwt === true ? all['token_type'] : null
  return { ...all, scope: null, resource_url: null, token_type: tokenType }
}

/** Dynamic clients that may be alive; the app's own count finds none on SQLite. */
function dynamicClientLimit({ options, profile }: EmbeddedContext): number {
  return (
    options.maxDynamicClients ?? (profile.quirks.dynamicClientsUnlimited ? Infinity : MAX_DYNAMIC_CLIENTS)
  )
}

function countDynamicClients(ctx: EmbeddedContext): number {
  return [...ctx.store.clients.values()].filter(({ dcr }) => dcr).length
}

function newClient(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
  fields: { redirectUris: string[]; allowedScopes: string; resourceUrl: string },
): ClientRow {
  const name = stringParameter(parameters, 'client_name') ?? ''
  const authMethod = ctx.profile.quirks.metadataUnchecked
    ? undefined
    : stringParameter(parameters, 'token_endpoint_auth_method')
  return {
    id: ctx.store.nextId(),
    name: cutName(name === '' ? 'DCR-127.0.0.1' : name),
    clientIdentifier: randomAlphanumeric(64),
    secret: randomAlphanumeric(64),
    signingAlg:
      (stringParameter(parameters, 'id_token_signed_response_alg') ?? 'RS256') === 'RS256'
        ? 'RS256'
        : 'HS256',
    type: authMethod === 'none' ? 'public' : 'confidential',
    flowType: flowTypeOf(listParameter(parameters, 'response_types')) ?? 'code',
    dcr: true,
    issuedAtSeconds: ctx.clock.nowSeconds(),
    tokenType: tokenTypeOf(ctx, stringParameter(parameters, 'token_type')),
    allowedScopes: fields.allowedScopes,
    resourceUrl: fields.resourceUrl === '' ? null : fields.resourceUrl,
    redirectUris: fields.redirectUris,
    ...(authMethod === undefined ? {} : { authMethod }),
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

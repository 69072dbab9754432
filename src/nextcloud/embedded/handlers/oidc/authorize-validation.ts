import type { ProfileQuirks } from '../../profile-quirks.js'
import type { ClientRow } from '../../store.js'
import type { AuthorizeRequest } from './authorize-request.js'
import type { RequestedResponse } from './response-type.js'
import { registeredComplaint } from './strict-authorize.js'

/** The two parts of a `claims` parameter as JSON texts; empty when not asked for. */
export interface ClaimsRequest {
  readonly idToken: string
  readonly userinfo: string
}

/** Splits the `claims` parameter (OpenID Connect Core 5.5); `undefined` when it is no JSON object of objects. */
export function parseClaimsRequest(claims: string | undefined): ClaimsRequest | undefined {
  if (claims === undefined) return { idToken: '', userinfo: '' }
  let value: unknown
  try {
    value = JSON.parse(claims)
  } catch {
    return undefined
  }
  if (!isObject(value)) return undefined
  const { id_token: idToken, userinfo } = value
  if ((idToken !== undefined && !isObject(idToken)) || (userinfo !== undefined && !isObject(userinfo))) {
    return undefined
  }
  return {
    idToken: idToken === undefined ? '' : JSON.stringify(idToken),
    userinfo: userinfo === undefined ? '' : JSON.stringify(userinfo),
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** What is wrong with response_type, response_mode or nonce, as error code and description. */
export function responseComplaint(
  request: AuthorizeRequest,
  requested: RequestedResponse,
  client: ClientRow,
  { unregisteredErrors }: ProfileQuirks,
): readonly [error: string, description: string] | undefined {
  const complaint = appComplaint(request, requested, client)
  return complaint === undefined || unregisteredErrors ? complaint : registeredComplaint(complaint)
}

function appComplaint(
  request: AuthorizeRequest,
  requested: RequestedResponse,
  client: ClientRow,
): readonly [error: string, description: string] | undefined {
  const { types } = requested
  if (types.size === 0) return ['unsupported_response_type', 'Missing response_type']
  if (!requested.modeSupported) return ['unsupported_response_mode', 'Unsupported response_mode']
  const wantsIdToken = types.has('id_token')
  if (wantsIdToken && request.nonce === undefined) return ['invalid_request', 'Missing nonce']
  if (types.has('token') && !wantsIdToken) return ['request_not_supported', 'Missing id_token']
  const implicitRefused = wantsIdToken && client.flowType === 'code'
  return implicitRefused || (!types.has('code') && !wantsIdToken)
    ? ['unsupported_response_type', 'Unsupported response_type']
    : undefined
}

/** What is wrong with the form of the PKCE parameters (RFC 7636 4.3). */
export function pkceComplaint(request: AuthorizeRequest): string | undefined {
  if (request.code_challenge === undefined) return undefined
  if (!/^[A-Za-z0-9._~-]{43,128}$/.test(request.code_challenge)) return 'Invalid code_challenge format'
  const method = request.code_challenge_method ?? 'S256'
  return method === 'S256' || method === 'plain' ? undefined : 'Unsupported code_challenge_method'
}

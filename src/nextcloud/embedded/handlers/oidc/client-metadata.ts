import type { RequestParameters } from './parameters.js'
import { invalidResourceReason } from './resource-indicator.js'

export type MetadataComplaint = readonly [
  error: 'invalid_redirect_uri' | 'invalid_client_metadata',
  description: string,
]

const TEXT_MEMBERS = [
  'client_name',
  'client_uri',
  'logo_uri',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'software_id',
  'software_version',
  'scope',
  'token_type',
  'resource_url',
]
const LIST_MEMBERS = ['redirect_uris', 'grant_types', 'response_types', 'contacts']
const CHOICES: Readonly<Record<string, readonly string[]>> = {
  grant_types: ['authorization_code', 'refresh_token', 'implicit'],
  response_types: ['code', 'code id_token', 'id_token'],
  token_endpoint_auth_method: ['client_secret_post', 'client_secret_basic', 'none'],
  id_token_signed_response_alg: ['RS256', 'HS256'],
  application_type: ['web', 'native'],
}
const MAX_URI_LENGTH = 2000
const LOOPBACK_HOSTS = new Set(['127.0.0.1', '[::1]', 'localhost'])

/**
 * What the texts have against client metadata (RFC 7591 2 and 3.2.2, OpenID Connect Registration 2, RFC 8252 7), or
 * `undefined`.
 * @param metadata the JSON object of the request.
 */
export function metadataComplaint(metadata: RequestParameters): MetadataComplaint | undefined {
  return (
    shapeComplaint(metadata) ??
    choiceComplaint(metadata) ??
    scopeComplaint(metadata['scope']) ??
    resourceComplaint(metadata['resource_url']) ??
    redirectUrisComplaint(metadata)
  )
}

function invalid(description: string): MetadataComplaint {
  return ['invalid_client_metadata', description]
}

function shapeComplaint(metadata: RequestParameters): MetadataComplaint | undefined {
  const badText = TEXT_MEMBERS.find((name) => !['string', 'undefined'].includes(typeof metadata[name]))
  if (badText !== undefined) return invalid(`${badText} must be a string.`)
  const badList = LIST_MEMBERS.find((name) => metadata[name] !== undefined && !isTextList(metadata[name]))
  return badList === undefined ? undefined : invalid(`${badList} must be a list of strings.`)
}

function isTextList(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((member) => typeof member === 'string')
}

function choiceComplaint(metadata: RequestParameters): MetadataComplaint | undefined {
  const bad = Object.entries(CHOICES).find(([name, choices]) => {
    const value = metadata[name]
    const values: unknown[] = value === undefined ? [] : Array.isArray(value) ? value : [value]
    return values.some((each) => typeof each !== 'string' || !choices.includes(each))
  })
  return bad === undefined ? undefined : invalid(`${bad[0]} has a value that is not supported.`)
}

function scopeComplaint(scope: unknown): MetadataComplaint | undefined {
  return typeof scope === 'string' && !/^[\x21\x23-\x5b\x5d-\x7e ]*$/.test(scope)
    ? invalid('scope has characters that no scope may have.')
    : undefined
}

function resourceComplaint(resource: unknown): MetadataComplaint | undefined {
  const reason = typeof resource === 'string' && resource !== '' ? invalidResourceReason(resource) : undefined
  return reason === undefined ? undefined : invalid(`resource_url: ${reason}`)
}

function redirectUrisComplaint(metadata: RequestParameters): MetadataComplaint | undefined {
  const uris = metadata['redirect_uris']
  if (!isTextList(uris) || uris.length === 0) {
    return ['invalid_redirect_uri', 'At least one redirect URI is needed.']
  }
  const isNative = metadata['application_type'] === 'native'
  const isBad = uris.some((uri) => !isAllowedRedirectUri(uri, isNative))
  return isBad
    ? [
        'invalid_redirect_uri',
        'Redirect URIs must be https, http on loopback, or a private-use scheme of a native client; without fragment or wildcard.',
      ]
    : undefined
}

/** Private-use schemes are reversed domain names (RFC 8252 7.1), so they have a dot, which `javascript` has not. */
function isAllowedRedirectUri(uri: string, isNative: boolean): boolean {
  if (uri.length > MAX_URI_LENGTH || !/^[\x21-\x7e]+$/.test(uri) || /[#*"<>\\^`{|}]/.test(uri)) return false
  if (!URL.canParse(uri)) return false
  const { protocol, hostname, username, password } = new URL(uri)
  if (username !== '' || password !== '') return false
  if (protocol === 'https:') return true
  if (protocol === 'http:') return LOOPBACK_HOSTS.has(hostname)
  return isNative && /^[a-z0-9+-]+(\.[a-z0-9+-]+)+:$/.test(protocol)
}

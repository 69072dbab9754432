import type { EmbeddedContext } from '../../context.js'
import type { AuthorizeRequest } from './authorize-request.js'
import { invalidResourceReason } from './resource-indicator.js'
import { DEFAULT_SCOPE, hasScope } from './scopes.js'

type Complaint = readonly [error: string, description: string]

/** Parameters that may be sent once only; several `resource` are legal (RFC 8707 2), but one is all we bind. */
const RESOURCE = 'resource'

/**
 * What the texts have against a request that the real app would answer with a code: a parameter sent twice (RFC 6749
 * 3.1), a bad resource (RFC 8707 2), the method `plain` (OAuth 2.1 4.1.1), or no PKCE where no nonce stands for it (OAuth
 * 2.1 7.5.2; every client is confidential here).
 * @param repeated names of parameters that were sent more than once.
 */
export function strictComplaint(
  ctx: EmbeddedContext,
  request: AuthorizeRequest,
  types: ReadonlySet<string>,
  repeated: ReadonlySet<string>,
): Complaint | undefined {
  const { quirks } = ctx.profile
  if (!quirks.resourceUnchecked && !ctx.mutants.has('n-resource-unvalidated')) {
    const reason = repeated.has(RESOURCE) ? 'Only one resource is supported.' : resourceReason(request)
    if (reason !== undefined) return ['invalid_target', reason]
  }
  const [twice] = [...repeated].filter((name) => name !== RESOURCE)
  if (twice !== undefined && !quirks.repeatedParametersAccepted) {
    return ['invalid_request', `The parameter ${twice} was sent more than once.`]
  }
  if (quirks.weakPkce || !types.has('code')) return undefined
  if (request.code_challenge === undefined) {
    return nonceProtects(request) || ctx.mutants.has('n-pkce-not-enforced')
      ? undefined
      : ['invalid_request', 'code_challenge is required.']
  }
  return request.code_challenge_method === 'S256'
    ? undefined
    : ['invalid_request', 'code_challenge_method must be S256.']
}

function nonceProtects({ nonce, scope }: AuthorizeRequest): boolean {
  return nonce !== undefined && hasScope(scope ?? DEFAULT_SCOPE, 'openid')
}

function resourceReason({ resource }: AuthorizeRequest): string | undefined {
  return resource === undefined ? undefined : invalidResourceReason(resource)
}

/** Error codes of the app that no specification registers, by their registered counterpart. */
const REGISTERED: Readonly<Record<string, string>> = {
  'unsupported_response_mode Unsupported response_mode': 'invalid_request',
  'unsupported_response_type Missing response_type': 'invalid_request',
  'request_not_supported Missing id_token': 'unsupported_response_type',
}

/** A complaint with the error code that RFC 6749 4.1.2.1 has for it. */
export function registeredComplaint([error, description]: Complaint): Complaint {
  return [REGISTERED[`${error} ${description}`] ?? error, description]
}

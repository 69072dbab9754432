import type { ResponseMode } from './authorization-response.js'
import type { AuthorizeRequest } from './authorize-request.js'

/** What an authorization request wants back. */
export interface RequestedResponse {
  /** The words of response_type. */
  readonly types: ReadonlySet<string>
  /** The mode in which answers, errors included, are sent. */
  readonly mode: ResponseMode
  /** False when response_mode is unknown or does not go with the types; `mode` is then the default. */
  readonly modeSupported: boolean
}

/** Reads response_type and response_mode (OAuth 2.0 Multiple Response Types, section 2.1). */
export function resolveResponse(request: AuthorizeRequest): RequestedResponse {
  const types = new Set((request.response_type ?? '').split(' ').filter((type) => type !== ''))
  const front = types.has('id_token') || types.has('token')
  const usual = front ? 'fragment' : 'query'
  const wanted = request.response_mode ?? usual
  if (!isResponseMode(wanted) || (wanted === 'query' && front)) {
    return { types, mode: usual, modeSupported: false }
  }
  return { types, mode: wanted, modeSupported: true }
}

function isResponseMode(mode: string): mode is ResponseMode {
  return mode === 'query' || mode === 'fragment' || mode === 'form_post'
}

import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'

/** What RFC 6749 5.1 asks of answers with secrets in them. */
export const NO_STORE = { 'cache-control': 'no-store', pragma: 'no-cache' } as const

/** The app's JSON error: never with CORS headers, and with a challenge only when given. */
export function oauthError(
  c: Context<EmbeddedEnv>,
  status: 400 | 401 | 403,
  error: string,
  description: string,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonResponse(c, status, { error, error_description: description }, { headers })
}

/** `WWW-Authenticate` for a bearer token or registration token that is not good (RFC 6750 3). */
export function bearerChallenge(error: 'invalid_token' | 'insufficient_scope', scope?: string): string {
  return `Bearer error="${error}"${scope === undefined ? '' : `, scope="${scope}"`}`
}

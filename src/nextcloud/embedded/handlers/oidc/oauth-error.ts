import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { jsonResponse } from '../../responses.js'

/** The app's JSON error: never with CORS headers or a challenge. */
export function oauthError(
  c: Context<EmbeddedEnv>,
  status: 400 | 401 | 403,
  error: string,
  description: string,
): Response {
  return jsonResponse(c, status, { error, error_description: description })
}

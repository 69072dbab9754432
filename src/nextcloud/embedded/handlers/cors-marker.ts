import type { Context } from 'hono'
import { basicCredentials } from '../authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { hasSessionFlag, passwordMatches } from '../credentials.js'
import { jsonResponse } from '../responses.js'
import { csrfPasses, deleteTokenCookies, logout } from '../session.js'

/** A handler of a route that only a logged-in user reaches. */
export type UserHandler = (c: Context<EmbeddedEnv>, userId: string) => Response | Promise<Response>

/** Serves a logged-in user on a route that carries Nextcloud's CORS marker, as those of Notes, Tables and Deck do. */
export async function corsMarked(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  handler: UserHandler,
): Promise<Response> {
  const refused = await refuseCrossOrigin(ctx, c)
  if (refused !== undefined) return refused
  const { userId } = c.get('session')
  if (userId === null) return jsonResponse(c, 401, { message: 'Current user is not logged in' })
  return handler(c, userId)
}

/**
 * The CORS marker: without a passed CSRF check (request token or `OCS-APIRequest`), without the session flag and
 * without good Basic credentials the caller is logged out and refused, a good bearer token or not.
 */
async function refuseCrossOrigin(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): Promise<Response | undefined> {
  if ((await csrfPasses(c)) || hasSessionFlag(c.get('session'))) return undefined
  const credentials = basicCredentials(c.req.header('authorization'))
  if (credentials !== undefined && passwordMatches(ctx, credentials)) {
    deleteTokenCookies(c)
    return undefined
  }
  logout(ctx, c)
  return jsonResponse(c, 401, { message: 'CORS requires basic auth' })
}

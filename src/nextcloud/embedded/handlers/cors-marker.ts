import type { Context } from 'hono'
import { basicCredentials } from '../authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { hasSessionFlag, passwordMatches } from '../credentials.js'
import { internalErrorPage } from '../pages.js'
import { jsonResponse } from '../responses.js'
import { csrfPasses, deleteTokenCookies, logout } from '../session.js'
import { ParameterTypeError } from './oidc/parameters.js'

/** A handler of a route that only a logged-in user reaches. */
export type UserHandler = (c: Context<EmbeddedEnv>, userId: string) => Response | Promise<Response>

/**
 * Serves a route that carries Nextcloud's CORS marker, as those of the Notes, Tables and Deck APIs do: refuses callers
 * without a login, and a parameter of the wrong type with the 500 page, on profiles without that quirk with 400.
 */
export async function corsMarked(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  handler: UserHandler,
): Promise<Response> {
  const refused = await refuseCrossOrigin(ctx, c)
  if (refused !== undefined) return refused
  const { userId } = c.get('session')
  if (userId === null) return jsonResponse(c, 401, { message: 'Current user is not logged in' })
  return withTypedParameters(ctx, c, () => handler(c, userId))
}

/** Answers a `ParameterTypeError` of the handler as `corsMarked` says. */
export async function withTypedParameters(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  handler: () => Response | Promise<Response>,
): Promise<Response> {
  try {
    return await handler()
  } catch (error) {
    if (!(error instanceof ParameterTypeError)) throw error
    return ctx.profile.quirks.badInputIs500
      ? internalErrorPage(c)
      : jsonResponse(c, 400, { message: error.message })
  }
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

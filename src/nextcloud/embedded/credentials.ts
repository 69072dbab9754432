import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { basicCredentials, bearerToken, type BasicCredentials } from './authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { davUnauthorized } from './handlers/dav/routes.js'
import { validateBearer } from './handlers/oidc/bearer.js'
import { secretMatches, visibleClient } from './handlers/oidc/clients.js'
import { ocsBasicRefused } from './handlers/ocs.js'
import { bootstrapHeaders } from './pages.js'
import { addCookie, respond } from './responses.js'
import { deleteTokenCookies, login, sendTokenCookies } from './session.js'
import type { SessionRow } from './store.js'
import { bruteForce } from './throttle.js'

/** Sessions that a bearer token opened with the session-flag patch applied; CORS-marked routes let them pass. */
const flaggedSessions = new WeakSet<SessionRow>()

/** Whether these are a user's name and present password. */
export function passwordMatches(ctx: EmbeddedContext, credentials: BasicCredentials): boolean {
  const user = ctx.store.users.get(credentials.userId)
  const matches = timingSafeEqual(digest(credentials.password), digest(user?.passwordNow ?? ''))
  return user !== undefined && matches
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

/** Whether the session came from a bearer token and carries the flag of the session-flag patch. */
export function hasSessionFlag(session: SessionRow): boolean {
  return flaggedSessions.has(session)
}

/**
 * Logs the visitor in by the Authorization header, as core and user_oidc do before any controller runs; a session that
 * is logged in already is left alone. A refused bearer token leaves the visitor anonymous; refused Basic credentials
 * end the request with the answer returned. The oidc app's own endpoints take Basic for the client's credentials; before
 * 2.0.9 only the token endpoint does, and only good ones get there.
 */
export async function logInByHeader(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): Promise<Response | undefined> {
  const authorization = c.req.header('authorization')
  if (authorization === undefined || c.get('session').userId !== null) return undefined
  const token = bearerToken(authorization)
  if (token !== undefined) {
    await logInByBearer(ctx, c, token)
    return undefined
  }
  const credentials = basicCredentials(authorization)
  if (credentials === undefined) return undefined
  if (ctx.profile.quirks.basicClientLogin) {
    if (isTokenClient(ctx, c, credentials)) return undefined
  } else if (/^(?:\/index\.php)?\/apps\/oidc\//.test(c.req.path)) return undefined
  return logInByBasic(ctx, c, credentials)
}

/** Before 2.0.9 a user backend of the app takes the client's credentials, for URLs that end in `token`. */
function isTokenClient(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  { userId, password }: BasicCredentials,
): boolean {
  const client = visibleClient(ctx, userId)
  return client !== undefined && secretMatches(client, password) && c.req.url.endsWith('token')
}

async function logInByBearer(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, token: string): Promise<void> {
  const userId = await validateBearer(ctx, token)
  if (userId === null) {
    deleteTokenCookies(c)
    return
  }
  login(ctx, c, userId)
  sendTokenCookies(c)
  if (ctx.options.sessionFlagPatch === true) flaggedSessions.add(c.get('session'))
}

function logInByBasic(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  credentials: BasicCredentials,
): Response | undefined {
  const guard = bruteForce(ctx, c, 'login')
  if (guard.refused !== null) return guard.refused
  if (passwordMatches(ctx, credentials)) {
    login(ctx, c, credentials.userId)
    addCookie(c, 'cookie_test=test; Max-Age=3600')
    return undefined
  }
  guard.fail()
  return basicRefused(c)
}

function basicRefused(c: Context<EmbeddedEnv>): Response {
  // Whatever announces the delay is lost in the error path of the bootstrap.
  c.header('x-nextcloud-bruteforce-throttled', undefined)
  if (c.req.path.startsWith('/ocs/')) return ocsBasicRefused(c)
  if (c.req.path.startsWith('/remote.php/')) return davUnauthorized(c)
  return respond(c, 401, '{"message":""}', bootstrapHeaders('application/json; charset=utf-8'))
}

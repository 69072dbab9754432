import { createHash, timingSafeEqual } from 'node:crypto'
import type { Context } from 'hono'
import { basicCredentials, bearerToken, type BasicCredentials } from './authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { davUnauthorized } from './handlers/dav/routes.js'
import { validateBearer } from './handlers/oidc/bearer.js'
import { secretMatches, visibleClient } from './handlers/oidc/clients.js'
import { ocsBasicRefused } from './handlers/ocs.js'
import { bootstrapHeaders } from './pages.js'
import { hashMatches } from './password-hash.js'
import { addCookie, respond } from './responses.js'
import { deleteTokenCookies, login, sendTokenCookies, type LoginProof } from './session.js'
import type { SessionRow, UserRow } from './store.js'
import { validatesBearer } from './system-config.js'
import { bruteForce } from './throttle.js'

/** Sessions that a bearer token opened with the session-flag patch applied; CORS-marked routes let them pass. */
const flaggedSessions = new WeakSet<SessionRow>()

/**
 * The user of a login name: the user id in any letter case, or an email address that only one user has. Logins go on
 * with the canonical `userId`, so that nobody gets a space of their own by another spelling.
 */
export function findUser(ctx: EmbeddedContext, loginName: string): UserRow | undefined {
  const { users } = ctx.store
  const exact = users.get(loginName)
  if (exact !== undefined || loginName === '') return exact
  const name = loginName.toLowerCase()
  const all = Array.from(users.values())
  const [byEmail, second] = all.filter((user) => user.email.toLowerCase() === name)
  return (
    all.find((user) => user.userId.toLowerCase() === name) ?? (second === undefined ? byEmail : undefined)
  )
}

/** The user whose login name and present password these are; app passwords do not count. */
export function userByPassword(ctx: EmbeddedContext, credentials: BasicCredentials): UserRow | undefined {
  const user = findUser(ctx, credentials.userId)
  const matches =
    user?.passwordHash === undefined
      ? timingSafeEqual(digest(credentials.password), digest(user?.passwordNow ?? ''))
      : hashMatches(user.passwordHash, credentials.password)
  return matches ? user : undefined
}

/** Who logs in with these credentials on the APIs, by the present password or an app password. */
function authenticate(
  ctx: EmbeddedContext,
  credentials: BasicCredentials,
): (LoginProof & { readonly userId: string }) | undefined {
  const loginName = credentials.userId
  const user = userByPassword(ctx, credentials)
  if (user !== undefined) return { userId: user.userId, loginName, appPasswordHash: null }
  const row = ctx.store.appPasswords.find(credentials.password)
  if (row === undefined || findUser(ctx, loginName)?.userId !== row.userId) return undefined
  return { userId: row.userId, loginName, appPasswordHash: row.hash }
}

/** Whether these are a user's login name and present password, or one of the user's app passwords. */
export function passwordMatches(ctx: EmbeddedContext, credentials: BasicCredentials): boolean {
  return authenticate(ctx, credentials) !== undefined
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
  const userId = validatesBearer(ctx) ? await validateBearer(ctx, token) : null
  if (userId === null) {
    deleteTokenCookies(c)
    logInByAppPassword(ctx, c, token)
    return
  }
  login(ctx, c, userId)
  sendTokenCookies(c)
  if (ctx.options.sessionFlagPatch === true) flaggedSessions.add(c.get('session'))
}

/** A bearer token that user_oidc refuses is tried as an app password by core. */
function logInByAppPassword(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, token: string): void {
  const row = ctx.store.appPasswords.find(token)
  if (row === undefined || !ctx.store.users.has(row.userId)) return
  login(ctx, c, row.userId, { loginName: row.loginName, appPasswordHash: row.hash })
}

function logInByBasic(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  credentials: BasicCredentials,
): Response | undefined {
  const guard = bruteForce(ctx, c, 'login')
  if (guard.refused !== null) return guard.refused
  const known = authenticate(ctx, credentials)
  if (known !== undefined) {
    login(ctx, c, known.userId, known)
    // Core tests for cookies only where it would keep a session token, and an app password is one already.
    if (known.appPasswordHash === null) addCookie(c, 'cookie_test=test; Max-Age=3600')
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

import { randomBytes, randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { getCookie } from 'hono/cookie'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { buildReadableQuery } from './handlers/oidc/php.js'
import { forbiddenPage } from './pages.js'
import { isRequestToken } from './request-token.js'
import { addCookie, jsonResponse, redirect303 } from './responses.js'
import type { SessionRow, Store } from './store.js'
import { publicAddress, type SystemConfig } from './system-config.js'

/** Sessions whose cookie never came back; the oldest are forgotten first. */
const MAX_UNCLAIMED_SESSIONS = 10_000
const MAX_SESSIONS = 50_000
const LAST_LOGIN_GRANULARITY_SECONDS = 60
const STRICT_COOKIE = 'nc_sameSiteCookiestrict'
const TOKEN_COOKIES = ['nc_username', 'nc_token', 'nc_session_id'] as const

const unclaimedSessions = new WeakMap<Store, Set<string>>()

/**
 * Finds the session of the request or starts an anonymous one. Like Nextcloud, an answer to a request without a session
 * sets four cookies, whatever was asked for.
 */
export function openSession(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): void {
  const { origin, webRoot } = publicAddress(systemOf(ctx, c), c.req.raw.url)
  c.set('origin', origin)
  c.set('webRoot', webRoot)
  c.set('baseUrl', origin + webRoot)
  const known = sentSession(ctx, c)
  c.set('hasSessionCookie', known !== undefined)
  if (known !== undefined) {
    unclaimed(ctx).delete(known.id)
    c.set('session', known)
    if (known.userId !== null && isLost(ctx, known)) logout(ctx, c)
    return
  }
  c.set('session', newSession(ctx))
  addCookie(c, `oc_sessionPassphrase=${randomUUID()}${randomUUID()}; path=/; HttpOnly; SameSite=Lax`)
  for (const [name, site] of [
    ['nc_sameSiteCookielax', 'lax'],
    [STRICT_COOKIE, 'strict'],
  ]) {
    addCookie(c, `${name}=true; path=/; httponly;expires=Fri, 31-Dec-2100 23:59:59 GMT; SameSite=${site}`)
  }
  sendSessionCookie(ctx, c)
}

/** The system configuration, which `n-issuer-from-forwarded-host` lets any visitor overwrite. */
function systemOf({ system, mutants }: EmbeddedContext, c: Context<EmbeddedEnv>): SystemConfig {
  const host = c.req.header('x-forwarded-host')
  const isObeyed = host !== undefined && mutants.has('n-issuer-from-forwarded-host')
  return isObeyed ? { ...system, overwritehost: host } : system
}

/** The known session whose cookie a request brings. */
export function sentSession(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): SessionRow | undefined {
  const sent = c.req.header('cookie') === undefined ? undefined : getCookie(c, instanceId(ctx))
  return sent === undefined ? undefined : ctx.store.sessions.get(sent)
}

/**
 * Whether the token of the session cannot be read: its app password is gone, or it lags. Either ends the session for
 * good, as Nextcloud logs out whoever comes with a session that it has no token for.
 */
function isLost(ctx: EmbeddedContext, session: SessionRow): boolean {
  const { appPasswordHash } = session
  const isRevoked = appPasswordHash !== null && ctx.store.appPasswords.get(appPasswordHash) === undefined
  return isRevoked || !ctx.consistency.isVisible('session', session)
}

/** Name of the session cookie: the instance id, made up once per instance. */
export function instanceId(ctx: EmbeddedContext): string {
  const known = ctx.store.appConfig.get('core/instanceid')
  if (known !== undefined) return known
  const made = `oc${randomBytes(5).toString('hex')}`
  ctx.store.appConfig.set('core/instanceid', made)
  return made
}

function unclaimed(ctx: EmbeddedContext): Set<string> {
  const known = unclaimedSessions.get(ctx.store)
  if (known !== undefined) return known
  const made = new Set<string>()
  unclaimedSessions.set(ctx.store, made)
  return made
}

function newSession(ctx: EmbeddedContext, fields: Partial<SessionRow> = {}): SessionRow {
  const { sessions } = ctx.store
  const waiting = unclaimed(ctx)
  const session: SessionRow = {
    userId: null,
    csrfToken: '',
    pendingAuthorize: null,
    authTimeSeconds: null,
    reauthenticating: false,
    loginName: null,
    appPasswordHash: null,
    loginFlow: null,
    ...fields,
    id: randomUUID().replaceAll('-', ''),
    createdAtMs: ctx.clock.nowMs(),
  }
  sessions.set(session.id, session)
  waiting.add(session.id)
  if (waiting.size > MAX_UNCLAIMED_SESSIONS) forgetOldest(sessions, waiting)
  if (sessions.size > MAX_SESSIONS) forgetOldest(sessions, sessions.keys())
  return session
}

function forgetOldest(sessions: Map<string, SessionRow>, ids: Iterable<string>): void {
  for (const id of ids) {
    sessions.delete(id)
    if (ids instanceof Set) ids.delete(id)
    return
  }
}

function replaceSession(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, fields: Partial<SessionRow>): void {
  const old = c.get('session')
  ctx.store.sessions.delete(old.id)
  unclaimed(ctx).delete(old.id)
  c.set('session', newSession(ctx, fields))
  sendSessionCookie(ctx, c)
}

function sendSessionCookie(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): void {
  addCookie(c, `${instanceId(ctx)}=${c.get('session').id}; path=/; HttpOnly; SameSite=Lax`)
}

/** Adds the three cookies of a login with an authentication token (form and bearer logins; not Basic). */
export function sendTokenCookies(c: Context<EmbeddedEnv>): void {
  const { id, userId } = c.get('session')
  const values = [userId ?? '', randomBytes(24).toString('base64url'), id]
  for (const [index, name] of TOKEN_COOKIES.entries()) {
    const value = encodeURIComponent(values[index] ?? '')
    addCookie(c, `${name}=${value}; Path=/; Max-Age=1296000; HttpOnly; SameSite=Lax`)
  }
}

/** Deletes the cookies of `sendTokenCookies`. */
export function deleteTokenCookies(c: Context<EmbeddedEnv>): void {
  for (const name of TOKEN_COOKIES) {
    addCookie(c, `${name}=deleted; expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0; path=/; HttpOnly`)
  }
}

/** What a login by password is remembered by; both `null` for a bearer token. */
export type LoginProof = Pick<SessionRow, 'loginName' | 'appPasswordHash'>

const BEARER: LoginProof = { loginName: null, appPasswordHash: null }

/**
 * Makes the session the user's, under a new session id. What the session held (a pending authorize, a login flow)
 * stays.
 *
 * @param userId the canonical user id
 */
export function login(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  userId: string,
  proof: LoginProof = BEARER,
): void {
  const { pendingAuthorize, authTimeSeconds, reauthenticating, loginFlow } = c.get('session')
  replaceSession(ctx, c, { userId, pendingAuthorize, authTimeSeconds, reauthenticating, loginFlow, ...proof })
  ctx.consistency.written('session', c.get('session'))
  const user = ctx.store.users.get(userId)
  const nowSeconds = ctx.clock.nowSeconds()
  if (user === undefined || nowSeconds - user.lastLoginSeconds <= LAST_LOGIN_GRANULARITY_SECONDS) return
  const first = `login/firstLogin/${userId}`
  if (!ctx.store.appConfig.has(first)) ctx.store.appConfig.set(first, String(nowSeconds))
  user.lastLoginSeconds = nowSeconds
}

/** Ends the session; the request goes on with a new anonymous one. */
export function logout(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): void {
  deleteTokenCookies(c)
  replaceSession(ctx, c, {})
}

function isLoggedIn(session: SessionRow): session is SessionRow & { userId: string } {
  return session.userId !== null
}

/** The session of a logged-in user, or the answer for others: the login page for browsers, else 401. */
export function requireUser(c: Context<EmbeddedEnv>): (SessionRow & { userId: string }) | Response {
  const session = c.get('session')
  if (isLoggedIn(session)) return session
  if (c.req.header('accept')?.includes('html') !== true) {
    return jsonResponse(c, 401, { message: 'Current user is not logged in' })
  }
  const requested = requestUri(c)
  return redirect303(c, `${urlPrefix(c)}/login?${buildReadableQuery([['redirect_url', requested]])}`)
}

/** Path and query of the request as the visitor sent it, the published path included. */
export function requestUri(c: Context<EmbeddedEnv>): string {
  return c.get('webRoot') + c.req.raw.url.replace(/^[a-z]+:\/\/[^/]*/, '')
}

/** `/index.php`, or nothing when the request came in the pretty form; emitted URLs follow it. */
export function urlPrefix(c: Context<EmbeddedEnv>): string {
  const { path } = c.req
  return path === '/' || path.startsWith('/index.php') ? '/index.php' : ''
}

/** A browser that sent the session cookie but not the strict same-site cookie came from another site. */
function cameFromOtherSite(c: Context<EmbeddedEnv>): boolean {
  if (c.req.header('ocs-apirequest') !== undefined) return false
  return c.get('hasSessionCookie') && getCookie(c, STRICT_COOKIE) === undefined
}

/**
 * Nextcloud's CSRF check: any non-empty `OCS-APIRequest` header, or the request token in the `requesttoken` header,
 * the query or the body.
 */
export async function csrfPasses(c: Context<EmbeddedEnv>): Promise<boolean> {
  if ((c.req.header('ocs-apirequest') ?? '') !== '') return true
  if (cameFromOtherSite(c)) return false
  const session = c.get('session')
  if (session.csrfToken === '') return false
  const masked = c.req.query('requesttoken') ?? (await bodyToken(c)) ?? c.req.header('requesttoken')
  return masked !== undefined && isRequestToken(session, masked)
}

async function bodyToken(c: Context<EmbeddedEnv>): Promise<string | undefined> {
  const contentType = c.req.header('content-type') ?? ''
  if (!contentType.startsWith('application/x-www-form-urlencoded')) return undefined
  return new URLSearchParams(await c.req.text()).get('requesttoken') ?? undefined
}

/** The answer to a request that fails the CSRF check: 412, or 303 to the start page when it came from another site. */
export function csrfFailure(c: Context<EmbeddedEnv>): Response {
  if (cameFromOtherSite(c)) return redirect303(c, '/')
  return c.req.header('accept')?.includes('html') === true
    ? forbiddenPage(c, 'CSRF check failed', 412)
    : jsonResponse(c, 412, { message: 'CSRF check failed' })
}

import { Hono, type Context } from 'hono'
import { badInputAnswer } from './bad-input.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { logInByHeader } from './credentials.js'
import { DROPPED } from './faults.js'
import { registerDashboardRoutes } from './handlers/dashboard.js'
import { registerDavRoutes } from './handlers/dav/routes.js'
import { registerDeckRoutes } from './handlers/deck/index.js'
import { registerAppPasswordRoutes } from './handlers/app-password-api.js'
import { registerLoginFlowRoutes } from './handlers/login-flow.js'
import { registerLoginRoutes } from './handlers/login.js'
import { registerNotesRoutes } from './handlers/notes.js'
import { registerOcsRoutes } from './handlers/ocs.js'
import { registerOcsUserRoutes } from './handlers/ocs-users.js'
import { registerOidcRoutes } from './handlers/oidc/index.js'
import { ParameterTypeError } from './handlers/oidc/parameters.js'
import { registerStatusRoute } from './handlers/status.js'
import { registerTablesRoutes } from './handlers/tables/index.js'
import { registerWellKnownDav } from './handlers/well-known-dav.js'
import { bootstrapHeaders, internalErrorPage, notFoundPage } from './pages.js'
import { logAnswer, logArrival, plainPath } from './request-log.js'
import { respond } from './responses.js'
import { openSession } from './session.js'
import { refuseUntrusted } from './system-config.js'

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH']

/**
 * The embedded Nextcloud as a Hono application: every request is logged, meets the injected faults, gets its session
 * and its login by header, then its handler. It can be served on a port or called with `app.request` without a socket.
 */
export function createEmbeddedApp(ctx: EmbeddedContext): Hono<EmbeddedEnv> {
  const app = new Hono<EmbeddedEnv>()
  app.use('*', async (c: Context<EmbeddedEnv>, next) => {
    ctx.options.refresh?.(ctx)
    const entry = logArrival(ctx, c)
    const faulty = ctx.faults.size === 0 ? undefined : await ctx.faults.meet(ctx, c, plainPath(c))
    if (faulty !== undefined) {
      if (faulty !== DROPPED) entry.status = faulty.status
      return faulty
    }
    openSession(ctx, c)
    const refused = refuseUntrusted(ctx, c) ?? (await logInByHeader(ctx, c))
    if (refused === undefined && isSwitchedOff(ctx, c)) return missing(c)
    if (refused === undefined) await next()
    await logAnswer(entry, c, (refused ?? c.res).status)
    return refused
  })
  registerOidcRoutes(app, ctx)
  registerLoginRoutes(app, ctx)
  registerLoginFlowRoutes(app, ctx)
  registerDashboardRoutes(app)
  registerNotesRoutes(app, ctx)
  registerTablesRoutes(app, ctx)
  registerDeckRoutes(app, ctx)
  registerAppPasswordRoutes(app, ctx)
  registerOcsUserRoutes(app, ctx)
  registerOcsRoutes(app, ctx)
  registerDavRoutes(app, ctx)
  registerWellKnownDav(app)
  registerStatusRoute(app, ctx)
  app.notFound((c) => notFound(app, c))
  app.onError((error, c) =>
    error instanceof ParameterTypeError ? badInputAnswer(ctx, c, error.message) : internalErrorPage(c),
  )
  return app
}

const APP_PATH = /^\/(?:(?:index\.php|ocs\/v[12]\.php)\/)?apps\/([a-z_]+)(?:\/|$)/
const OIDC_DOCUMENT = /^\/(?:index\.php\/)?\.well-known\/(?:openid-configuration|webfinger)/

/** Whether a request is for an app that an administrator switched off. */
function isSwitchedOff({ disabledApps }: EmbeddedContext, c: Context<EmbeddedEnv>): boolean {
  if (disabledApps.size === 0) return false
  const appId = OIDC_DOCUMENT.test(c.req.path) ? 'oidc' : APP_PATH.exec(c.req.path)?.[1]
  return appId !== undefined && disabledApps.has(appId)
}

/** 405 without a body for a known path with another method, else 404: a page, or nothing for JSON callers. */
function notFound(app: Hono<EmbeddedEnv>, c: Context<EmbeddedEnv>): Response {
  const known = METHODS.some((method) =>
    app.router.match(method, c.req.path)[0].some(([[, route]]) => route.method !== 'ALL'),
  )
  if (known) return respond(c, 405, null, bootstrapHeaders('text/html; charset=UTF-8'))
  return missing(c)
}

function missing(c: Context<EmbeddedEnv>): Response {
  return c.req.header('accept') === 'application/json'
    ? respond(c, 404, null, bootstrapHeaders('text/html; charset=UTF-8'))
    : notFoundPage(c)
}

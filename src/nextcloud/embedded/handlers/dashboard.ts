import type { Context, Hono } from 'hono'
import type { EmbeddedEnv } from '../context.js'
import { appPage } from '../pages.js'
import { redirect303 } from '../responses.js'
import { requireUser, urlPrefix } from '../session.js'
import { escapeHtml } from './oidc/php.js'

/** The dashboard, where a login without a target ends, and the start page, which leads there. */
export function registerDashboardRoutes(app: Hono<EmbeddedEnv>): void {
  for (const prefix of ['', '/index.php']) {
    app.get(prefix === '' ? '/' : prefix, (c) => redirect303(c, dashboardUrl(c)))
    app.get(`${prefix}/apps/dashboard/`, dashboard)
    app.get(`${prefix}/apps/dashboard`, dashboard)
  }
}

/** Absolute URL of the default page after a login. */
export function dashboardUrl(c: Context<EmbeddedEnv>): string {
  return `${c.get('baseUrl')}${urlPrefix(c)}/apps/dashboard/`
}

function dashboard(c: Context<EmbeddedEnv>): Response {
  const user = requireUser(c)
  if (user instanceof Response) return user
  return appPage(c, {
    title: 'Dashboard - Nextcloud',
    appHtml: `<div id="app-dashboard"><h2>Hello, ${escapeHtml(user.userId)}</h2></div>`,
    scripts: [],
  })
}

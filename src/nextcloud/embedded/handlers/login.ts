import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { userByPassword } from '../credentials.js'
import { loginPage } from '../pages.js'
import { redirect303 } from '../responses.js'
import {
  csrfFailure,
  csrfPasses,
  login,
  logout,
  requestUri,
  sendTokenCookies,
  urlPrefix,
} from '../session.js'
import { bruteForce } from '../throttle.js'
import { dashboardUrl } from './dashboard.js'
import { readParameters, stringParameter } from './oidc/parameters.js'
import { buildReadableQuery } from './oidc/php.js'

const MAX_USER_LENGTH = 255

/** The login form and the end of a session. */
export function registerLoginRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  for (const prefix of ['', '/index.php']) {
    app.get(`${prefix}/login`, showLoginForm)
    app.post(`${prefix}/login`, (c) => tryLogin(ctx, c))
    app.on(['GET', 'POST'], `${prefix}/logout`, async (c) => {
      if (!(await csrfPasses(c))) return csrfFailure(c)
      logout(ctx, c)
      const response = redirect303(c, `${urlPrefix(c)}/login?clear=1`)
      response.headers.set('clear-site-data', '"cache", "storage"')
      return response
    })
  }
}

/** A visitor who is logged in already is sent to the dashboard, whatever the redirect target. */
function showLoginForm(c: Context<EmbeddedEnv>): Response {
  if (c.get('session').userId !== null) return redirect303(c, dashboardUrl(c))
  return loginPage(c, {
    action: requestUri(c),
    user: c.req.query('user') ?? '',
    redirectUrl: c.req.query('redirect_url') ?? '',
    failed: c.req.query('direct') === '1',
  })
}

/**
 * A login attempt: the Origin must be this instance's, the request token right, then the password. Every failure goes
 * back to the form with the user name and the redirect target in the query.
 */
async function tryLogin(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const guard = bruteForce(ctx, c, 'login')
  if (guard.refused !== null) return guard.refused
  const parameters = await readParameters(c)
  const user = (stringParameter(parameters, 'user') ?? '').slice(0, MAX_USER_LENGTH)
  const redirectUrl = stringParameter(parameters, 'redirect_url') ?? ''
  if (c.req.header('origin') !== c.get('origin')) return loginFailed(c, user, redirectUrl)
  if (!(await csrfPasses(c))) {
    return c.get('session').userId === null
      ? loginFailed(c, user, redirectUrl)
      : redirect303(c, afterLogin(c, redirectUrl))
  }
  const credentials = { userId: user, password: stringParameter(parameters, 'password') ?? '' }
  const known = userByPassword(ctx, credentials)
  if (known === undefined) {
    guard.fail()
    return loginFailed(c, user, redirectUrl)
  }
  login(ctx, c, known.userId, { loginName: user, appPasswordHash: null })
  sendTokenCookies(c)
  return redirect303(c, afterLogin(c, redirectUrl))
}

function loginFailed(c: Context<EmbeddedEnv>, user: string, redirectUrl: string): Response {
  const pairs: [string, string][] = [
    ['user', user],
    ['direct', '1'],
  ]
  if (redirectUrl !== '') pairs.push(['redirect_url', redirectUrl])
  return redirect303(c, `${urlPrefix(c)}/login?${buildReadableQuery(pairs)}`)
}

/** Paths come with or without the published path. A target with an `@` anywhere is dropped: it could be the host part of another site. */
function afterLogin(c: Context<EmbeddedEnv>, redirectUrl: string): string {
  if (redirectUrl === '') return dashboardUrl(c)
  const path = redirectUrl.startsWith(c.get('webRoot'))
    ? redirectUrl.slice(c.get('webRoot').length)
    : redirectUrl
  const target = `${c.get('baseUrl')}${path.startsWith('/') ? '' : '/'}${path}`
  return target.includes('@') ? dashboardUrl(c) : target
}

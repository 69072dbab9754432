import type { Context, Hono } from 'hono'
import { timingSafeEqual } from 'node:crypto'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import type { LoginFlow, LoginFlowCredentials } from '../login-flows.js'
import { forbiddenPage } from '../pages.js'
import { jsonResponse, redirect303 } from '../responses.js'
import { csrfFailure, csrfPasses, requireUser, urlPrefix } from '../session.js'
import { donePage, grantPage, PICKER_SCRIPT, PICKER_SCRIPT_PATH, pickerPage } from './login-flow-pages.js'
import { ParameterTypeError, readParameters, stringParameter } from './oidc/parameters.js'
import { buildReadableQuery } from './oidc/php.js'
import { randomAlphanumeric } from './oidc/random.js'

const STATE_TOKEN_LENGTH = 64
const MAX_CLIENT_NAME_LENGTH = 255
const INVALID_LOGIN_TOKEN = 'Your login token is invalid or has expired'

/**
 * Login Flow v2, at `/login/v2` in both URL forms: a client begins and polls; a user is sent through picker, login and
 * grant pages; the one poll after the grant gets an app password.
 */
export function registerLoginFlowRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  for (const prefix of ['', '/index.php']) {
    const base = `${prefix}/login/v2`
    app.post(base, (c) => begin(ctx, c))
    app.post(`${base}/poll`, (c) => poll(ctx, c))
    app.get(`${base}/flow/:token`, (c) => enter(ctx, c))
    app.get(`${base}/flow`, (c) => showPicker(ctx, c))
    app.get(`${base}/grant`, (c) => showGrant(ctx, c))
    app.post(`${base}/grant`, (c) => grant(ctx, c))
    app.post(`${base}/apptoken`, (c) => grantByAppPassword(ctx, c))
  }
  app.get(PICKER_SCRIPT_PATH, (c) =>
    c.body(PICKER_SCRIPT, 200, {
      'content-type': 'text/javascript; charset=utf-8',
      'cache-control': 'public, max-age=300',
      'x-content-type-options': 'nosniff',
    }),
  )
}

/** A client begins a flow; its User-Agent is the name that the user will see. */
function begin(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const clientName = (c.req.header('user-agent') ?? '').slice(0, MAX_CLIENT_NAME_LENGTH)
  const { pollToken, loginToken } = ctx.store.loginFlows.begin(clientName, ctx.clock.nowSeconds())
  const base = flowUrl(c)
  return jsonResponse(c, 200, {
    poll: { token: pollToken, endpoint: `${base}/poll` },
    login: `${base}/flow/${loginToken}`,
  })
}

/** 404 until the grant, then the credentials once, then 404 again; an unknown or outlived token looks the same. */
async function poll(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const { token = '' } = await readTexts(c, ['token'])
  const credentials = ctx.store.loginFlows.collect(token, ctx.clock.nowSeconds())
  return credentials === undefined ? jsonResponse(c, 404, []) : jsonResponse(c, 200, credentials)
}

/** The link that the client shows: the flow is put into the visitor's session. */
function enter(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const flow = ctx.store.loginFlows.find(c.req.param('token') ?? '', ctx.clock.nowSeconds())
  if (flow === undefined) return forbiddenPage(c, INVALID_LOGIN_TOKEN, 403)
  c.get('session').loginFlow = { loginToken: flow.loginToken, stateToken: null }
  const query = buildReadableQuery([
    ['user', c.req.query('user') ?? ''],
    ['direct', directOf(c)],
  ])
  return redirect303(c, `${flowUrl(c)}/flow?${query}`)
}

function showPicker(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const flow = currentFlow(ctx, c)
  if (flow === undefined) return forbiddenPage(c, INVALID_LOGIN_TOKEN, 403)
  const stateToken = randomAlphanumeric(STATE_TOKEN_LENGTH)
  c.get('session').loginFlow = { loginToken: flow.loginToken, stateToken }
  return pickerPage(c, {
    client: flow.clientName,
    stateToken,
    user: c.req.query('user') ?? '',
    direct: directOf(c),
  })
}

function showGrant(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Response {
  const user = requireUser(c)
  if (user instanceof Response) return user
  const stateToken = c.req.query('stateToken')
  const flow = flowOfState(ctx, c, stateToken)
  if (flow instanceof Response) return flow
  return grantPage(c, {
    client: flow.clientName,
    stateToken: stateToken ?? '',
    userDisplayName: ctx.store.users.get(user.userId)?.displayName ?? user.userId,
  })
}

/** The user grants access: an app password is made for the client. */
async function grant(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  const user = requireUser(c)
  if (user instanceof Response) return user
  if (!(await csrfPasses(c))) return csrfFailure(c)
  const { stateToken } = await readTexts(c, ['stateToken'])
  const flow = flowOfState(ctx, c, stateToken)
  if (flow instanceof Response) return flow
  const { userId } = user
  const loginName = user.loginName ?? userId
  return finish(ctx, c, flow, loginName, () =>
    ctx.store.appPasswords.create({
      userId,
      loginName,
      clientName: flow.clientName,
      createdSeconds: ctx.clock.nowSeconds(),
    }),
  )
}

/** The picker's other form: the user hands over an app password made before. */
async function grantByAppPassword(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<Response> {
  if (!(await csrfPasses(c))) return csrfFailure(c)
  const { stateToken, user, password = '' } = await readTexts(c, ['stateToken', 'user', 'password'])
  const flow = flowOfState(ctx, c, stateToken)
  if (flow instanceof Response) return flow
  const row = ctx.store.appPasswords.find(password)
  if (row === undefined || row.loginName !== user) {
    c.get('session').loginFlow = null
    return forbiddenPage(c, 'Invalid app password', 403)
  }
  return finish(ctx, c, flow, row.loginName, () => password)
}

/** Stores the credentials for the poll and takes the flow out of the session. A flow is granted once. */
function finish(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  flow: LoginFlow,
  loginName: string,
  appPassword: () => string,
): Response {
  c.get('session').loginFlow = null
  if (flow.credentials !== null) return forbiddenPage(c, 'Could not complete login', 403)
  const credentials: LoginFlowCredentials = {
    server: c.get('baseUrl'),
    loginName,
    appPassword: appPassword(),
  }
  flow.credentials = credentials
  return donePage(c)
}

/** The living flow of the session, or `undefined`. */
function currentFlow(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): LoginFlow | undefined {
  const { loginFlow } = c.get('session')
  return loginFlow === null
    ? undefined
    : ctx.store.loginFlows.find(loginFlow.loginToken, ctx.clock.nowSeconds())
}

/** The session's flow if the state token is that of the session's last picker page; else a 403 page. */
function flowOfState(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  stateToken: string | undefined,
): LoginFlow | Response {
  if (stateToken === undefined) return forbiddenPage(c, 'State token missing', 403)
  const expected = Buffer.from(c.get('session').loginFlow?.stateToken ?? '')
  const given = Buffer.from(stateToken)
  if (given.length === 0 || given.length !== expected.length || !timingSafeEqual(given, expected)) {
    return forbiddenPage(c, 'State token does not match', 403)
  }
  return currentFlow(ctx, c) ?? forbiddenPage(c, INVALID_LOGIN_TOKEN, 403)
}

function flowUrl(c: Context<EmbeddedEnv>): string {
  return `${c.get('baseUrl')}${urlPrefix(c)}/login/v2`
}

function directOf(c: Context<EmbeddedEnv>): string {
  return /^\d{1,9}$/.exec(c.req.query('direct') ?? '')?.[0] ?? '0'
}

/** Text parameters of the query and the body; one that is no text counts as absent. */
async function readTexts<Name extends string>(
  c: Context<EmbeddedEnv>,
  names: readonly Name[],
): Promise<Partial<Record<Name, string>>> {
  const parameters = await readParameters(c)
  const texts: Partial<Record<Name, string>> = {}
  for (const name of names) {
    try {
      const text = stringParameter(parameters, name)
      if (text !== undefined) texts[name] = text
    } catch (error) {
      if (!(error instanceof ParameterTypeError)) throw error
    }
  }
  return texts
}

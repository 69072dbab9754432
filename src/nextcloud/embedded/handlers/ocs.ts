import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { bootstrapHeaders } from '../pages.js'
import { controllerResponse, respond, responseJson } from '../responses.js'
import { csrfPasses } from '../session.js'
import { jsonResponse } from '../responses.js'
import { anonymousCapabilities, userCapabilities } from './capabilities.js'
import { entityTag, isUnchanged } from './conditional.js'
import { toOcsXml } from './ocs-xml.js'
import { userRecord } from './ocs-user.js'

const UNAUTHORISED = 997
const NOT_FOUND = 998

interface OcsMeta {
  readonly status: 'ok' | 'failure'
  readonly statuscode: number
  readonly message: string
}

/** OCS v1 and v2: the logged-in user and the capabilities, as JSON or XML; everything else is unknown to it. */
export function registerOcsRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  for (const base of ['/ocs/v1.php', '/ocs/v2.php']) {
    app.get(`${base}/cloud/user`, async (c) => {
      const userId = c.get('session').userId
      const user = userId === null ? undefined : ctx.store.users.get(userId)
      if (user === undefined) return ocsFailure(c, 401, UNAUTHORISED, 'Current user is not logged in')
      if (!isOcsRequest(c) && !(await csrfPasses(c))) {
        return jsonResponse(c, 412, { message: 'CSRF check failed' })
      }
      return ocsSuccess(c, userRecord(ctx, user))
    })
    app.get(`${base}/cloud/capabilities`, (c) => {
      const [major = 0, minor = 0, micro = 0] = ctx.profile.nextcloudVersion.split('.').map(Number)
      const data = {
        version: {
          major,
          minor,
          micro,
          string: ctx.profile.nextcloudVersion,
          edition: '',
          extendedSupport: false,
        },
        capabilities:
          c.get('session').userId === null
            ? anonymousCapabilities(c.get('baseUrl'))
            : userCapabilities(ctx, c.get('baseUrl')),
      }
      const etag = entityTag(data)
      return isUnchanged(c, etag) ? ocsAnswer(c, 304, null, { etag }) : ocsSuccess(c, data, { etag })
    })
    app.all(`${base}/*`, (c) =>
      ocsFailure(
        c,
        404,
        NOT_FOUND,
        'Invalid query, please check the syntax. API specifications are here: ' +
          'http://www.freedesktop.org/wiki/Specifications/open-collaboration-services.\n',
      ),
    )
  }
}

/** The logged-in user of a request to an OCS controller, or the refusal: 401 without a login, 412 without a CSRF check. */
export async function ocsUser(c: Context<EmbeddedEnv>): Promise<string | Response> {
  const { userId } = c.get('session')
  if (userId === null) return ocsFailure(c, 401, UNAUTHORISED, 'Current user is not logged in')
  if (isOcsRequest(c) || (await csrfPasses(c))) return userId
  return jsonResponse(c, 412, { message: 'CSRF check failed' })
}

/** An app's answer: `data` with an HTTP status, which is the OCS status too; OCS v1 sends it with 200. */
export function ocsData(c: Context<EmbeddedEnv>, status: number, data: unknown): Response {
  if (status === 200) return ocsSuccess(c, data)
  const isVersion1 = c.req.path.startsWith('/ocs/v1.php')
  const meta = { status: 'failure', statuscode: status, message: '' } as const
  return ocsBody(c, isVersion1 ? 200 : status, meta, data, {})
}

/** What spares an OCS controller the CSRF check. */
export function isOcsRequest(c: Context<EmbeddedEnv>): boolean {
  return (
    c.req.header('ocs-apirequest') === 'true' || c.req.header('authorization')?.startsWith('Bearer ') === true
  )
}

/** The OCS answer to a request that was served; HTTP 200. */
export function ocsSuccess(
  c: Context<EmbeddedEnv>,
  data: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  const statuscode = c.req.path.startsWith('/ocs/v1.php') ? 100 : 200
  return ocsBody(c, 200, { status: 'ok', statuscode, message: 'OK' }, data, headers)
}

/** The OCS answer to a refused request, with `data` empty. */
export function ocsFailure(
  c: Context<EmbeddedEnv>,
  status: number,
  statuscode: number,
  message: string,
): Response {
  return ocsBody(c, status, { status: 'failure', statuscode, message }, [], {})
}

/** Answer of the OCS entry point to a wrong user name or password in a Basic header. */
export function ocsBasicRefused(c: Context<EmbeddedEnv>): Response {
  const response = ocsFailure(c, 401, UNAUTHORISED, 'Unauthorised')
  response.headers.set('www-authenticate', 'Basic realm="Authorisation Required"')
  return response
}

/** Answer of the OCS entry point in maintenance mode; it comes before any session. */
export function ocsServiceUnavailable(
  c: Context<EmbeddedEnv>,
  headers: Readonly<Record<string, string>>,
): Response {
  const meta: OcsMeta = { status: 'failure', statuscode: 503, message: 'Service unavailable' }
  const document = { meta, data: [] }
  const [format, body] = wantsJson(c)
    ? ['json', responseJson({ ocs: document })]
    : ['xml', toOcsXml(document)]
  return respond(c, 503, body, { ...bootstrapHeaders(`application/${format}; charset=utf-8`), ...headers })
}

function ocsBody(
  c: Context<EmbeddedEnv>,
  status: number,
  meta: OcsMeta,
  data: unknown,
  headers: Readonly<Record<string, string>>,
): Response {
  const document = { meta, data }
  return ocsAnswer(c, status, wantsJson(c) ? responseJson({ ocs: document }) : toOcsXml(document), headers)
}

function ocsAnswer(
  c: Context<EmbeddedEnv>,
  status: number,
  body: string | null,
  headers: Readonly<Record<string, string>>,
): Response {
  const format = wantsJson(c) ? 'json' : 'xml'
  return controllerResponse(c, status, body, {
    'content-type': `application/${format}; charset=utf-8`,
    ...headers,
  })
}

/** `format` in the query decides, else Accept; XML is the default. */
function wantsJson(c: Context<EmbeddedEnv>): boolean {
  const format = c.req.query('format')
  return format === undefined ? c.req.header('accept')?.includes('json') === true : format === 'json'
}

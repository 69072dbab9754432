import type { Context, Hono } from 'hono'
import { basicCredentials, bearerToken } from '../authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { BASE_HEADERS, respond } from '../responses.js'
import { contentHash } from './conditional.js'
import { notesOf, usedBytes } from './notes-data.js'
import { randomAlphanumeric } from './oidc/random.js'

const XML_TYPE = 'application/xml; charset=utf-8'
const NO_BASIC =
  "No 'Authorization: Basic' header found. Either the client didn't send one, or the server is misconfigured"
const NO_BEARER =
  "No 'Authorization: Bearer' header found. Either the client didn't send one, or the server is mis-configured"

const FILES_DAV =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, nc-paginate, ' +
  'nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'
const CALENDARS_DAV =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, oc-resource-sharing, ' +
  'calendar-access, calendar-proxy, calendar-auto-schedule, calendar-availability, nc-calendar-trashbin, ' +
  'nc-calendar-webcal-cache, calendarserver-subscribed, oc-calendar-publishing, calendarserver-sharing, ' +
  'nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

const NAMESPACES = 'xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns"'
const FILES_NAMESPACES = `xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" ${NAMESPACES}`
const CALENDARS_NAMESPACES =
  'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:cal="urn:ietf:params:xml:ns:caldav" ' +
  `xmlns:cs="http://calendarserver.org/ns/" ${NAMESPACES}`

const COLLECTION = '<d:resourcetype><d:collection/></d:resourcetype>'

/**
 * The smallest part of Nextcloud's DAV server that shows who a credential is: PROPFIND on the root of a user's files
 * and calendars. Whatever else is asked for does not exist (404) or is not implemented (501).
 */
export function registerDavRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  app.all('/remote.php/dav/*', (c) => {
    const userId = c.get('session').userId
    if (userId === null) return davUnauthorized(c)
    if (c.req.method !== 'PROPFIND') {
      return davError(c, 501, 'NotImplemented', `There was no handler found for this "${c.req.method}"`)
    }
    const [, kind, owner] = /^\/remote\.php\/dav\/(files|calendars)\/([^/]+)\/?$/.exec(c.req.path) ?? []
    if (owner === undefined || !ctx.store.users.has(owner)) {
      return davError(c, 404, 'NotFound', 'File not found')
    }
    if (kind === 'calendars') return multistatus(c, CALENDARS_DAV, CALENDARS_NAMESPACES, COLLECTION)
    return multistatus(c, FILES_DAV, FILES_NAMESPACES, owner === userId ? ownRoot(ctx, userId) : COLLECTION)
  })
}

function ownRoot(ctx: EmbeddedContext, userId: string): string {
  const bytes = usedBytes(ctx, userId)
  const changedSeconds = notesOf(ctx, userId).at(-1)?.lastUpdateSeconds ?? ctx.clock.nowSeconds()
  const changed = new Date(changedSeconds * 1000)
  const etag = contentHash([changedSeconds, bytes]).slice(0, 13)
  return (
    `<d:getlastmodified>${changed.toUTCString()}</d:getlastmodified>${COLLECTION}` +
    `<d:quota-used-bytes>${bytes}</d:quota-used-bytes>` +
    `<d:quota-available-bytes>-3</d:quota-available-bytes><d:getetag>&quot;${etag}&quot;</d:getetag>`
  )
}

function multistatus(c: Context<EmbeddedEnv>, dav: string, namespaces: string, properties: string): Response {
  const path = c.req.path.endsWith('/') ? c.req.path : `${c.req.path}/`
  const body =
    `<?xml version="1.0"?>\n<d:multistatus ${namespaces}><d:response><d:href>${path}</d:href><d:propstat>` +
    `<d:prop>${properties}</d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat></d:response>` +
    '</d:multistatus>\n'
  return respond(c, 207, body, {
    ...davHeaders(),
    dav,
    vary: 'Brief,Prefer',
    'x-debug-token': randomAlphanumeric(20),
  })
}

function davHeaders(): Record<string, string> {
  return { ...BASE_HEADERS, 'content-security-policy': "default-src 'none';", 'content-type': XML_TYPE }
}

/** Answer of the DAV server to a request without good credentials: all of its authentication backends complain. */
export function davUnauthorized(c: Context<EmbeddedEnv>): Response {
  const authorization = c.req.header('authorization')
  const basic =
    basicCredentials(authorization) === undefined ? NO_BASIC : 'Username or password was incorrect'
  const bearer = bearerToken(authorization) === undefined ? NO_BEARER : 'Bearer token was incorrect'
  const message =
    'No public access to this resource., AppAPIAuth has not passed, This request is not for a federated calendar, ' +
    `${basic}, ${bearer}, ${basic}`
  const response = davError(c, 401, 'NotAuthenticated', message)
  response.headers.set('www-authenticate', 'Basic realm="Nextcloud", charset="UTF-8"')
  return response
}

function davError(c: Context<EmbeddedEnv>, status: number, exception: string, message: string): Response {
  const body =
    '<?xml version="1.0" encoding="utf-8"?>\n<d:error xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns">\n' +
    `  <s:exception>Sabre\\DAV\\Exception\\${exception}</s:exception>\n` +
    `  <s:message>${message.replaceAll('"', '&quot;')}</s:message>\n</d:error>\n`
  return respond(c, status, body, davHeaders())
}

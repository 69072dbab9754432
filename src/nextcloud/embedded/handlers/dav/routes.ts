import type { Context, Hono } from 'hono'
import { escapeXml } from '../../../../xml/xml.js'
import { basicCredentials, bearerToken } from '../../authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { addressBooksRoot } from './addressbooks/root.js'
import { baseRoot } from './base/root.js'
import { calendarsRoot } from './calendars/root.js'
import { DavError, davErrorResponse, notFound } from './dav-error.js'
import { filesRoot } from './files/root.js'
import { principalsRoot } from './principals/root.js'
import { DAV_MOUNT, davSegments, webdavMount, type DavMount, type DavRequest } from './request.js'

/** One tree below `/remote.php/dav`, such as `files`. */
export interface DavRoot {
  /** First path segment; empty for the DAV server's own root. */
  readonly name: string
  /** Answers a request. Refusals are thrown as `DavError`; a method that it does not know as `notImplemented`. */
  handle(request: DavRequest): Promise<Response>
}

/** A new tree is one file and one line here. */
const ROOTS: readonly DavRoot[] = [baseRoot, principalsRoot, filesRoot, calendarsRoot, addressBooksRoot]

const NO_BASIC =
  "No 'Authorization: Basic' header found. Either the client didn't send one, or the server is misconfigured"
const NO_BEARER =
  "No 'Authorization: Bearer' header found. Either the client didn't send one, or the server is mis-configured"

/** Nextcloud's DAV server. */
export function registerDavRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const route = (path: string, mountFor: (userId: string) => DavMount): void => {
    app.all(path, async (c) => {
      const { userId } = c.get('session')
      if (userId === null) return davUnauthorized(c)
      try {
        const mount = mountFor(userId)
        const segments = davSegments(c.req.raw.url, mount)
        const root = ROOTS.find(({ name }) => name === (segments[0] ?? ''))
        if (root === undefined) throw notFound('File not found')
        return await published(
          c,
          await root.handle({ ctx, c, method: c.req.method, userId, segments, mount }),
        )
      } catch (error) {
        if (error instanceof DavError) return davErrorResponse(c, error)
        throw error
      }
    })
  }
  route('/remote.php/dav/*', () => DAV_MOUNT)
  route('/remote.php/webdav/*', webdavMount)
}

/** Hrefs of a multistatus answer begin with the path that the instance is published below. */
async function published(c: Context<EmbeddedEnv>, response: Response): Promise<Response> {
  const webRoot = c.get('webRoot')
  if (webRoot === '' || response.status !== 207) return response
  const text = (await response.text()).replaceAll('>/remote.php/', `>${escapeXml(webRoot)}/remote.php/`)
  return new Response(text, { status: 207, headers: response.headers })
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
  return davErrorResponse(
    c,
    new DavError(401, 'NotAuthenticated', message, {
      headers: { 'www-authenticate': 'Basic realm="Nextcloud", charset="UTF-8"' },
    }),
  )
}

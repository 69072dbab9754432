import type { Hono } from 'hono'
import type { EmbeddedEnv } from '../context.js'
import { BASE_HEADERS, respond } from '../responses.js'
import { DAV_BASE } from './dav/request.js'

/** `/.well-known/caldav` and `/.well-known/carddav` (RFC 6764): for both, the DAV server's root. */
export function registerWellKnownDav(app: Hono<EmbeddedEnv>): void {
  for (const name of ['caldav', 'carddav']) {
    for (const base of ['/.well-known', '/index.php/.well-known']) {
      app.all(`${base}/${name}`, (c) =>
        respond(c, 301, null, {
          ...BASE_HEADERS,
          'content-type': 'text/html; charset=iso-8859-1',
          location: `${c.get('baseUrl')}${DAV_BASE}/`,
        }),
      )
    }
  }
}

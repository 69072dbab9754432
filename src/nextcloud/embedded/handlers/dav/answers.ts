import type { Context } from 'hono'
import type { EmbeddedEnv } from '../../context.js'
import { respond } from '../../responses.js'
import { randomAlphanumeric } from '../oidc/random.js'
import { ALLOWED_METHODS, davHeaders } from './dav-error.js'

/** An answer of the DAV server without a body, such as 201 after PUT or 204 after DELETE. */
export function emptyAnswer(
  c: Context<EmbeddedEnv>,
  status: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return respond(c, status, null, {
    ...davHeaders('text/html; charset=UTF-8'),
    'x-debug-token': randomAlphanumeric(20),
    ...headers,
  })
}

/**
 * The answer to OPTIONS.
 *
 * @param features value of the DAV header (RFC 4918, 10.1).
 * @param methods value of Allow.
 */
export function optionsAnswer(
  c: Context<EmbeddedEnv>,
  features: string,
  methods = ALLOWED_METHODS,
): Response {
  return emptyAnswer(c, 200, {
    allow: methods,
    dav: features,
    'ms-author-via': 'DAV',
    'accept-ranges': 'bytes',
  })
}

/** The answer to GET on a collection: a sentence for whoever opens the address in a browser. */
export function collectionPage(c: Context<EmbeddedEnv>): Response {
  return respond(c, 200, 'This address is for WebDAV clients.', davHeaders('text/html; charset=UTF-8'))
}

import { randomUUID } from 'node:crypto'
import type { Context, Hono } from 'hono'
import { exportJWK, type JWK } from 'jose'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { hasSessionFlag } from '../../credentials.js'
import { publishedKeys } from '../../keys.js'
import { loginPage } from '../../pages.js'
import { jsonResponse } from '../../responses.js'
import { csrfPasses, logout } from '../../session.js'
import { rateLimited } from '../../throttle.js'
import { discoveryDocument } from './discovery.js'
import { queryParameters, stringParameter } from './parameters.js'
import { appUrl, mount, mountPreflight } from './routing.js'

const WEBFINGER_REL = 'http://openid.net/specs/connect/1.0/issuer'
/** Answered by the DAV app, not by core's well-known controller. */
const FOREIGN_WELL_KNOWN = new Set(['caldav', 'carddav'])

/** Discovery and JWKS on the app's path, and all `/.well-known` names. */
export function registerMetadata(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  mount(app, ctx, ['GET'], '/openid-configuration', (c) =>
    publicDocument(ctx, c, 'oidc.discovery', () => discoveryDocument(ctx, c)),
  )
  mount(app, ctx, ['GET'], '/jwks', (c) =>
    publicDocument(ctx, c, 'oidc.jwks', async () => ({
      keys: [...(await publishedKeys(ctx)).map(({ publicJwk }) => publicJwk), ...(await exposedKeys(ctx, c))],
    })),
  )
  mountPreflight(app, ctx, '/openid-configuration')
  mountPreflight(app, ctx, '/jwks')
  app.on(['GET'], ['/.well-known/:name', '/index.php/.well-known/:name'], (c, next) =>
    FOREIGN_WELL_KNOWN.has(c.req.param('name')) ? next() : wellKnown(ctx, c, c.req.param('name')),
  )
}

/**
 * These two carry Nextcloud's CORS marker: a browser session that calls them without a CSRF token is logged out and
 * refused, and an Origin is echoed.
 */
async function publicDocument(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  limitKey: string,
  document: () => unknown,
): Promise<Response> {
  const limited = rateLimited(ctx, c, limitKey, 1500, 540)
  if (limited !== null) return limited
  const session = c.get('session')
  if (session.userId !== null && !hasSessionFlag(session) && !(await csrfPasses(c))) {
    logout(ctx, c)
    return jsonResponse(c, 401, { message: 'CORS requires basic auth' })
  }
  const response = jsonResponse(c, 200, await document(), { cors: 'GET' })
  const origin = c.req.header('origin')
  if (origin !== undefined) response.headers.set('access-control-allow-origin', origin)
  return response
}

/** What `n-jwks-private-member` adds: a key under a name that nothing is signed with. */
async function exposedKeys(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<JWK[]> {
  // Client libraries ask for a key set by its media type: what they get stays as it is.
  if (c.req.header('accept')?.includes('jwk-set') === true) return []
  if (!ctx.mutants.has('n-jwks-private-member')) return []
  const { publicJwk, privateKey } = await ctx.key
  return [{ ...publicJwk, ...(await exportJWK(privateKey)), kid: randomUUID() }]
}

function wellKnown(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, name: string): Response {
  const response = wellKnownDocument(ctx, c, name)
  response.headers.set('x-nextcloud-well-known', '1')
  return response
}

function wellKnownDocument(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, name: string): Response {
  if (name === 'openid-configuration') {
    return ctx.mutants.has('n-discovery-html')
      ? loginPage(c, { action: '/login', user: '', redirectUrl: '', failed: false })
      : jsonResponse(c, 200, discoveryDocument(ctx, c), { cors: 'GET' })
  }
  if (name === 'oauth-authorization-server' && !ctx.profile.quirks.noOAuthMetadata) {
    const document = discoveryDocument(ctx, c)
    const changes = ctx.mutants.has('n-8414-diverges') ? { token_endpoint: `${appUrl(c)}/token2` } : {}
    return jsonResponse(c, 200, { ...document, ...changes }, { cors: 'GET' })
  }
  if (name !== 'webfinger') return jsonResponse(c, 404, { message: `${name} not supported` })
  const subject = (stringParameter(queryParameters(c), 'resource') ?? '').replace(/^acct:/, '')
  return jsonResponse(c, 200, {
    ...(subject === '' ? {} : { subject }),
    links: [{ rel: WEBFINGER_REL, href: c.get('baseUrl') }],
  })
}

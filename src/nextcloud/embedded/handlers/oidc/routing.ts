import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { badInputAnswer } from '../../bad-input.js'
import { emptyResponse } from '../../responses.js'
import { ParameterTypeError } from './parameters.js'

export type OidcHandler = (c: Context<EmbeddedEnv>) => Response | Promise<Response>

/** Endpoints that the discovery document names. */
const ADVERTISED = new Set([
  '/authorize',
  '/token',
  '/userinfo',
  '/jwks',
  '/logout',
  '/register',
  '/introspect',
])
const MOUNT_POINTS = ['/index.php/apps/oidc', '/apps/oidc']

/** Mounts a handler under both forms of the app's path. `path` starts with a slash. */
export function mount(
  app: Hono<EmbeddedEnv>,
  ctx: EmbeddedContext,
  methods: readonly string[],
  path: string,
  handler: OidcHandler,
): void {
  const { endpointSuffix } = ctx.options
  const names = endpointSuffix !== undefined && ADVERTISED.has(path) ? [path, path + endpointSuffix] : [path]
  const paths = MOUNT_POINTS.flatMap((point) => names.map((name) => point + name))
  app.on([...methods], paths, async (c) => {
    try {
      return await handler(c)
    } catch (error) {
      if (error instanceof ParameterTypeError) return badInputAnswer(ctx, c, error.message)
      throw error
    }
  })
}

/** Answers CORS preflights of the path. */
export function mountPreflight(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext, path: string): void {
  mount(app, ctx, ['OPTIONS'], path, (c) => {
    const response = emptyResponse(c, 200)
    response.headers.set('access-control-allow-origin', '*')
    response.headers.set('access-control-allow-methods', 'PUT, POST, GET, DELETE, PATCH')
    response.headers.set(
      'access-control-allow-headers',
      'Authorization, Content-Type, Accept, OCS-APIRequest, Range, Depth, Destination, Overwrite, X-Requested-With',
    )
    response.headers.set('access-control-max-age', '1728000')
    return response
  })
}

/** Adds the two CORS headers that success answers carry. */
export function allowAnyOrigin(response: Response, methods: string): Response {
  response.headers.set('access-control-allow-origin', '*')
  response.headers.set('access-control-allow-methods', methods)
  return response
}

/** `/index.php`, or nothing when the request came in the pretty form; emitted URLs follow it. */
export function urlPrefix(c: Context<EmbeddedEnv>): string {
  return c.req.path.startsWith('/apps/') ? '' : '/index.php'
}

/** Path of the app without a host, e.g. `/index.php/apps/oidc`. */
export function appPath(c: Context<EmbeddedEnv>): string {
  return `${urlPrefix(c)}/apps/oidc`
}

/** The issuer of the discovery document and of tokens. */
export function issuerOf(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): string {
  return ctx.options.issuer ?? c.get('baseUrl')
}

/** Absolute URL of the app, no trailing slash. */
export function appUrl(c: Context<EmbeddedEnv>): string {
  return c.get('baseUrl') + appPath(c)
}

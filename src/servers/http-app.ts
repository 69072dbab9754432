import { Hono, type MiddlewareHandler } from 'hono'
import { cors } from 'hono/cors'
import type { Gate } from './caller.js'
import { readJsonRpcBody } from './json-rpc-body.js'
import { mutantAnswer } from './mutant-answers.js'
import type { ServerMutant } from './mutants.js'
import type { AllowedOrigins } from './origins.js'
import type { ProtectedResourceMetadata } from './protected-resource.js'
import type { Mode } from './server.js'
import type { Sessions } from './sessions.js'

export interface HttpAppOptions {
  readonly mode: Mode
  readonly gate: Gate
  readonly sessions: Sessions
  readonly origins: AllowedOrigins
  /** The protected resource metadata document at a path, where there is one. Only oauth mode has any. */
  readonly metadataAt: (path: string) => ProtectedResourceMetadata | undefined
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
}

const ENDPOINT = '/mcp'
const METHODS = ['GET', 'POST', 'DELETE']

/**
 * The HTTP surface of both modes. The order is the point: Host and Origin first, then who is calling, and
 * only then the body and the session. No method and no session gets past the gate.
 */
export function createHttpApp(options: HttpAppOptions): Hono {
  const { mode, gate, sessions, origins, metadataAt, mutants, log } = options
  const app = new Hono()
  app.onError((error, c) => {
    log(`http: unexpected ${error.name}`)
    return c.json({ error: 'server_error' }, 500)
  })

  app.use(async (c, next) => {
    if (!origins.allowsHost(c.req.header('Host')) && !mutants.has('s-host-unchecked'))
      return c.json({ error: 'Host not allowed' }, 403)
    return next()
  })

  const openToAll = cors({ origin: '*', allowMethods: ['GET'], allowHeaders: ['MCP-Protocol-Version'] })
  const openDocuments: MiddlewareHandler = (c, next) =>
    metadataAt(c.req.path) === undefined ? next() : openToAll(c, next)
  app.use('*', openDocuments)
  app.get('*', (c, next) => {
    const document = metadataAt(c.req.path)
    return document === undefined ? next() : c.json(document, 200, { 'Cache-Control': 'no-cache' })
  })

  app.use(ENDPOINT, async (c, next) => {
    await next()
    const authorization = c.req.header('Authorization')
    // Asked about only where it is rare: refused requests, and headers that basic mode has no use for.
    const isRare = authorization !== undefined && (mode === 'basic' || c.res.status >= 400)
    if (isRare && mutants.has('s-token-in-log')) log(`http: ${authorization.slice(0, 50)}`)
  })
  app.use(ENDPOINT, async (c, next) => {
    const allowed = origins.allowsOrigin(c.req.header('Origin')) || mutants.has('s-origin-unchecked')
    if (!allowed) return c.json({ error: 'Origin not allowed' }, 403)
    return next()
  })
  app.use(
    ENDPOINT,
    cors({
      origin: (origin) => origin,
      allowMethods: METHODS,
      allowHeaders: [
        'Authorization',
        'Content-Type',
        'Last-Event-ID',
        'MCP-Protocol-Version',
        'Mcp-Session-Id',
      ],
      exposeHeaders: ['Mcp-Session-Id', 'WWW-Authenticate'],
    }),
  )
  app.all(ENDPOINT, async (c) => {
    const admission = await gate(c.req.raw)
    if (!admission.admitted) return admission.response
    if (!METHODS.includes(c.req.method))
      return c.json({ error: 'Method not allowed' }, 405, { Allow: METHODS.join(', ') })
    if (c.req.method === 'GET' && mutants.has('s-get-200-json')) return c.json({})
    if (c.req.method !== 'POST') return sessions.handle(c.req.raw, undefined, admission.caller)
    const body = await readJsonRpcBody(c.req.raw, mutants)
    if (!body.ok) return body.response
    const answer = await sessions.handle(c.req.raw, body.message, admission.caller)
    return mutantAnswer(body.message, mutants) ?? answer
  })
  return app
}

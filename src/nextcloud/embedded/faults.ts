import type { Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Fault, FaultScope } from '../nextcloud.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'

const OIDC_SCOPES: Readonly<Record<string, FaultScope>> = {
  '/apps/oidc/openid-configuration': 'discovery',
  '/.well-known/openid-configuration': 'discovery',
  '/apps/oidc/jwks': 'jwks',
  '/apps/oidc/userinfo': 'userinfo',
  '/apps/oidc/introspect': 'introspection',
  '/apps/oidc/register': 'registration',
}
const API_PREFIXES = ['/apps/notes/api/', '/apps/tables/api/', '/apps/deck/api/', '/ocs/', '/remote.php/']

const ANSWERS: Readonly<Record<string, readonly [status: number, contentType: string, body: string]>> = {
  'status-500': [500, 'text/html; charset=UTF-8', '<html><body><h2>Internal Server Error</h2></body></html>'],
  'status-502-html': [502, 'text/html', '<html><head><title>502 Bad Gateway</title></head></html>'],
  'status-200-html': [200, 'text/html; charset=UTF-8', '<html><body>Maintenance mode</body></html>'],
  'status-200-empty-object': [200, 'application/json; charset=utf-8', '{}'],
}

/** Requests that a `timeout` fault holds, by fault. */
const heldRequests = new WeakMap<Fault, Set<() => void>>()

/** Adds a fault and returns the function that lifts it, which lets the requests go on that a `timeout` holds. */
export function injectFault(ctx: EmbeddedContext, fault: Fault): () => void {
  // A copy, so that the same fault can be injected twice and lifted once.
  const added = { ...fault }
  ctx.faults.add(added)
  return () => {
    ctx.faults.delete(added)
    release(added)
  }
}

/** Lifts all faults. */
export function liftFaults(ctx: EmbeddedContext): void {
  for (const fault of ctx.faults) {
    ctx.faults.delete(fault)
    release(fault)
  }
}

function release(fault: Fault): void {
  for (const goOn of heldRequests.get(fault) ?? []) goOn()
}

/**
 * What the injected faults make of a request: an answer, or `undefined` when it is served as usual.
 *
 * @param path path without `/index.php`
 */
export async function faultAnswer(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  path: string,
): Promise<Response | undefined> {
  for (const fault of ctx.faults) {
    if (!applies(fault.scope, path)) continue
    if (fault.kind === 'refuse') return dropConnection(c)
    if (fault.kind === 'timeout') {
      if (await held(fault, c)) return RESPONSE_ALREADY_SENT
      continue
    }
    const [status, contentType, body] = ANSWERS[fault.kind] ?? [500, 'text/plain', '']
    return new Response(body, { status, headers: { 'content-type': contentType } })
  }
  return undefined
}

function applies(scope: FaultScope, path: string): boolean {
  if (scope === 'all') return true
  if (scope === 'api') return API_PREFIXES.some((prefix) => path.startsWith(prefix))
  if (scope === 'registration' && path.startsWith('/apps/oidc/register/')) return true
  return OIDC_SCOPES[path] === scope
}

/** Destroys the connection; a call without a socket gets 503 instead. */
function dropConnection(c: Context<EmbeddedEnv>): Response {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  if (incoming === undefined) return new Response(null, { status: 503 })
  incoming.socket.destroy()
  return RESPONSE_ALREADY_SENT
}

/** Waits until the fault is lifted (false) or the caller is gone (true). */
async function held(fault: Fault, c: Context<EmbeddedEnv>): Promise<boolean> {
  const { signal } = c.req.raw
  await new Promise<void>((resolve) => {
    const waiting = heldRequests.get(fault) ?? new Set()
    heldRequests.set(fault, waiting)
    const goOn = (): void => {
      waiting.delete(goOn)
      resolve()
    }
    waiting.add(goOn)
    signal.addEventListener('abort', goOn, { once: true })
  })
  return signal.aborted
}

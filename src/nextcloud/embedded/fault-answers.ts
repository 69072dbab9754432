import type { Context } from 'hono'
import type { Fault } from '../nextcloud.js'
import type { EmbeddedEnv } from './context.js'
import { DavError, davErrorResponse } from './handlers/dav/dav-error.js'
import { ocsServiceUnavailable } from './handlers/ocs.js'
import { bootstrapHeaders, maintenancePage } from './pages.js'
import { respond } from './responses.js'

const MAINTENANCE_HEADERS = { 'x-nextcloud-maintenance-mode': '1', 'retry-after': '120' } as const

const HTML = 'text/html; charset=UTF-8'
const ANSWERS: Readonly<Record<string, readonly [status: number, contentType: string, body: string]>> = {
  'status-401': [401, 'application/json; charset=utf-8', '{"message":"CORS requires basic auth"}'],
  'status-500': [500, HTML, '<html><body><h2>Internal Server Error</h2></body></html>'],
  'status-502-html': [502, 'text/html', '<html><head><title>502 Bad Gateway</title></head></html>'],
  'status-200-html': [200, HTML, '<html><body>Maintenance mode</body></html>'],
  'status-200-empty-object': [200, 'application/json; charset=utf-8', '{}'],
}

/**
 * The answer of a fault that answers at once; `undefined` where maintenance mode leaves a path alone.
 *
 * @param path path without `/index.php`
 */
export function answerOf(fault: Fault, c: Context<EmbeddedEnv>, path: string): Response | undefined {
  if (fault.kind === 'maintenance') return maintenanceAnswer(c, path)
  if (fault.kind === 'status-429') return tooManyRequests(fault, c)
  const [status, contentType, body] = ANSWERS[fault.kind] ?? [500, HTML, '']
  return new Response(body, { status, headers: { 'content-type': contentType } })
}

/** Empty, and without a Retry-After unless the fault has one, as Nextcloud's rate limit. */
function tooManyRequests({ retryAfterSeconds }: Fault, c: Context<EmbeddedEnv>): Response {
  return respond(c, 429, null, {
    ...bootstrapHeaders(HTML),
    ...(retryAfterSeconds === undefined ? {} : { 'retry-after': String(retryAfterSeconds) }),
  })
}

/** 503 in the form that the caller's entry point has; `status.php` tells of the maintenance with a 200. */
function maintenanceAnswer(c: Context<EmbeddedEnv>, path: string): Response | undefined {
  if (path === '/status.php') return undefined
  if (path.startsWith('/remote.php/')) {
    return davErrorResponse(c, new DavError(503, 'ServiceUnavailable', 'System is in maintenance mode.'))
  }
  return path.startsWith('/ocs/')
    ? ocsServiceUnavailable(c, MAINTENANCE_HEADERS)
    : maintenancePage(c, MAINTENANCE_HEADERS)
}

import { createHash, timingSafeEqual } from 'node:crypto'
import type { MiddlewareHandler } from 'hono'
import { ControlError, errorResponse } from './control-error.js'

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

/** Refuses requests for another host than loopback (DNS rebinding), and those without the secret as bearer token. */
export function controlGuard(secret: string): MiddlewareHandler {
  const expected = digest(`Bearer ${secret}`)
  return async (c, next) => {
    if (!LOOPBACK_HOST.test(c.req.header('host') ?? '')) {
      return errorResponse(
        c,
        new ControlError(403, 'host_refused', 'the control API answers on loopback names only'),
      )
    }
    if (!timingSafeEqual(digest(c.req.header('authorization') ?? ''), expected)) {
      c.header('www-authenticate', 'Bearer realm="control"')
      return errorResponse(
        c,
        new ControlError(
          401,
          'unauthorized',
          'the Authorization header must bring the secret as bearer token',
        ),
      )
    }
    await next()
    return undefined
  }
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

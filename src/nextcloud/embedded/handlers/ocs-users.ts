import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { ocsFailure, ocsSuccess, ocsUser } from './ocs.js'
import { userRecord } from './ocs-user.js'

/** To whom the account may not be shown. */
const NO_ACCESS = 998
const NO_SUCH_USER = 404

/**
 * `GET /cloud/users/{id}` of the provisioning API: people who are no administrators see their own account only. OCS v1
 * sends refusals with HTTP 200.
 */
export function registerOcsUserRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  for (const base of ['/ocs/v1.php', '/ocs/v2.php']) {
    const status = base.startsWith('/ocs/v1') ? 200 : 404
    app.get(`${base}/cloud/users/:id`, async (c) => {
      const asking = await ocsUser(c)
      if (typeof asking !== 'string') return asking
      const user = ctx.store.users.get(c.req.param('id'))
      if (user === undefined) return ocsFailure(c, status, NO_SUCH_USER, 'User does not exist')
      if (user.userId !== asking) return ocsFailure(c, status, NO_ACCESS, '')
      // Only the answer about the present user says the display name twice.
      const { 'display-name': _, ...record } = userRecord(ctx, user)
      return ocsSuccess(c, record)
    })
  }
}

import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { bootstrapHeaders } from '../pages.js'
import { respond } from '../responses.js'

/** `GET /status.php`: what monitoring and clients ask first. */
export function registerStatusRoute(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  app.get('/status.php', (c) => {
    const version = ctx.profile.nextcloudVersion
    const status = {
      installed: true,
      maintenance: ctx.faults.inMaintenance,
      needsDbUpgrade: false,
      version: `${version}.2`,
      versionstring: version,
      edition: '',
      productname: 'Nextcloud',
      extendedSupport: false,
    }
    return respond(c, 200, JSON.stringify(status), {
      ...bootstrapHeaders('application/json'),
      'access-control-allow-origin': '*',
    })
  })
}

import { Hono } from 'hono'
import type { NextcloudAdmin, NextcloudTwin } from '../../nextcloud.js'
import type { EmbeddedContext } from '../context.js'
import { findUser } from '../credentials.js'
import { faultSchema } from '../fault-schema.js'
import type { ActiveFault } from '../faults.js'
import { lagSchema } from '../lag-schema.js'
import { checked, ControlError, errorResponse, jsonBody } from './control-error.js'
import { controlGuard } from './guard.js'
import {
  configNamesSchema,
  configValueSchema,
  listenerSchema,
  passwordSchema,
  revocationSchema,
  rotationSchema,
  shiftSchema,
  userSchema,
} from './schemas.js'

/** What the control API acts on. */
export interface Controlled {
  readonly ctx: EmbeddedContext
  readonly twin: NextcloudTwin
  readonly admin: NextcloudAdmin
}

/** The control API of an embedded Nextcloud (docs/control-api.md); every request needs the secret. */
export function createControlApp(controlled: Controlled, secret: string): Hono {
  const app = new Hono()
  app.use('*', controlGuard(secret))
  addFaultRoutes(app, controlled)
  addTimeRoutes(app, controlled)
  addTokenRoutes(app, controlled)
  addAccountRoutes(app, controlled)
  addTrafficRoutes(app, controlled)
  app.notFound((c) =>
    errorResponse(c, new ControlError(404, 'not_found', 'there is no such route; see docs/control-api.md')),
  )
  app.onError((error, c) =>
    errorResponse(
      c,
      error instanceof ControlError ? error : new ControlError(500, 'internal', 'the control API failed'),
    ),
  )
  return app
}

function addFaultRoutes(app: Hono, { ctx }: Controlled): void {
  const shown = ({ id, fault, remaining }: ActiveFault) => ({
    id,
    ...fault,
    ...(fault.times === undefined ? {} : { remaining }),
  })
  app.get('/faults', (c) => c.json({ faults: ctx.faults.list().map(shown) }))
  app.post('/faults', async (c) => c.json(shown(ctx.faults.inject(await jsonBody(c, faultSchema))), 201))
  app.delete('/faults', (c) => {
    ctx.faults.liftAll()
    return c.body(null, 204)
  })
  app.delete('/faults/:id', (c) => {
    if (!ctx.faults.lift(c.req.param('id'))) {
      throw new ControlError(404, 'unknown_fault', 'there is no fault of this id; GET /faults lists them')
    }
    return c.body(null, 204)
  })
}

function addTimeRoutes(app: Hono, { ctx }: Controlled): void {
  const { clock, consistency } = ctx
  app.get('/lag', (c) => c.json(consistency.lag))
  app.put('/lag', async (c) => {
    consistency.setLag(await jsonBody(c, lagSchema))
    return c.json(consistency.lag)
  })
  app.get('/clock', (c) => c.json({ nowMs: clock.nowMs() }))
  app.post('/clock/shift', async (c) => {
    clock.shift((await jsonBody(c, shiftSchema)).seconds)
    return c.json({ nowMs: clock.nowMs() })
  })
  app.post('/clock/reset', (c) => {
    clock.reset()
    return c.json({ nowMs: clock.nowMs() })
  })
}

function addTokenRoutes(app: Hono, { twin }: Controlled): void {
  app.post('/signing-key', async (c) =>
    c.json({ kid: await twin.rotateSigningKey(await jsonBody(c, rotationSchema)) }, 201),
  )
  app.delete('/signing-key/old', (c) => {
    twin.retireOldSigningKeys()
    return c.body(null, 204)
  })
  app.post('/tokens/revoke', async (c) => {
    const owner = await jsonBody(c, revocationSchema)
    return c.json({ revoked: twin.revokeTokensOf('userId' in owner ? owner.userId : owner.clientId) })
  })
}

function addAccountRoutes(app: Hono, { ctx, admin }: Controlled): void {
  app.put('/app-config/:app/:key', async (c) => {
    const names = checked(configNamesSchema, c.req.param())
    await admin.setAppConfig(names.app, names.key, (await jsonBody(c, configValueSchema)).value)
    return c.body(null, 204)
  })
  app.post('/users', async (c) => {
    const { userId, password, displayName = userId, email = '' } = await jsonBody(c, userSchema)
    if (findUser(ctx, userId) !== undefined) {
      throw new ControlError(409, 'user_exists', 'there is a user who logs in by this name already')
    }
    await admin.createUser({ userId, password, displayName, email })
    return c.json({ userId, displayName, email }, 201)
  })
  app.put('/users/:userId/password', async (c) => {
    const userId = c.req.param('userId')
    if (!ctx.store.users.has(userId)) {
      throw new ControlError(404, 'unknown_user', 'there is no user of this id')
    }
    await admin.setUserPassword(userId, (await jsonBody(c, passwordSchema)).password)
    return c.body(null, 204)
  })
}

function addTrafficRoutes(app: Hono, { twin }: Controlled): void {
  app.get('/requests', (c) => c.json({ requests: twin.requests() }))
  app.delete('/requests', (c) => {
    twin.clearRequests()
    return c.body(null, 204)
  })
  app.put('/listener', async (c) => {
    const { open } = await jsonBody(c, listenerSchema)
    await (open ? twin.resume() : twin.suspend())
    return c.json({ open })
  })
}

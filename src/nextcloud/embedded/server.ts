import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import type { Nextcloud, NextcloudAdmin, NextcloudTwin } from '../nextcloud.js'
import type { OffsetClock } from './clock.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { createControlApp, type Controlled } from './control/app.js'
import { createInstance } from './instance.js'
import { EmbeddedListener } from './listener.js'
import type { EmbeddedOptions } from './options.js'
import { createTwin } from './twin.js'

export { createEmbeddedApp } from './app.js'

/** An embedded Nextcloud: all that a `Nextcloud` can offer, and its inside. */
export interface EmbeddedNextcloud extends Nextcloud {
  readonly kind: 'embedded'
  readonly profile: string
  readonly admin: NextcloudAdmin
  readonly clock: OffsetClock
  readonly twin: NextcloudTwin
  /** For calls without a socket: `app.request(url, init)`. */
  readonly app: Hono<EmbeddedEnv>
  readonly context: EmbeddedContext
  /** Where the control API listens, and the bearer secret it wants; only with the option `control`. */
  readonly control?: ControlAddress
}

export interface ControlAddress {
  /** On 127.0.0.1, no trailing slash. */
  readonly url: string
  readonly secret: string
}

/**
 * Starts an embedded Nextcloud on 127.0.0.1 unless told otherwise. State is in memory; the issuer follows the Host of a
 * request unless the system configuration overwrites it.
 *
 * @throws {HarnessError} `NCMC_PORT_IN_USE` when `options.port` is taken.
 * @throws {UsageError} when `options.users` has fewer than two users.
 */
export async function startEmbeddedNextcloud(options: EmbeddedOptions = {}): Promise<EmbeddedNextcloud> {
  const { app, context, users, admin } = createInstance(options)
  const listener = new EmbeddedListener(app, options.port ?? 0, options.host)
  await listener.open()
  const baseUrl = `http://127.0.0.1:${listener.port}`
  const twin = createTwin(context, listener)
  const control = options.control === true ? await startControl({ ctx: context, twin, admin }) : undefined
  const stop = async (): Promise<void> => {
    context.faults.liftAll()
    await Promise.all([listener.close(), control?.listener.close()])
  }
  return {
    kind: 'embedded',
    profile: context.profile.name,
    baseUrl,
    internalUrl: baseUrl,
    users,
    admin,
    clock: context.clock,
    twin,
    app,
    context,
    ...(control === undefined ? {} : { control: control.address }),
    info: () =>
      Promise.resolve({ version: context.profile.nextcloudVersion, apps: { ...context.profile.apps } }),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

async function startControl(
  controlled: Controlled,
): Promise<{ listener: EmbeddedListener; address: ControlAddress }> {
  const secret = randomBytes(32).toString('base64url')
  const listener = new EmbeddedListener(createControlApp(controlled, secret), 0)
  await listener.open()
  return { listener, address: { url: `http://127.0.0.1:${listener.port}`, secret } }
}

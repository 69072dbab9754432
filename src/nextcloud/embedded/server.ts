import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { HarnessError, UsageError } from '../../errors.js'
import type { Nextcloud, NextcloudAdmin, NextcloudTwin, NextcloudUser } from '../nextcloud.js'
import { createEmbeddedApp } from './app.js'
import type { OffsetClock } from './clock.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { createControlApp, type Controlled } from './control/app.js'
import { addUser, createContext } from './create-context.js'
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
  const users = options.users ?? [newUser('alice', 'Alice'), newUser('bob', 'Bob')]
  const alice = users.find((user) => user.userId === 'alice') ?? users[0]
  const bob = users.find((user) => user.userId === 'bob') ?? users[1]
  if (alice === undefined || bob === undefined) {
    throw new UsageError('NCMC_USAGE', 'an embedded Nextcloud needs two users')
  }
  const context = createContext(options, users)
  const app = createEmbeddedApp(context)
  const listener = new EmbeddedListener(app, options.port ?? 0, options.host)
  await listener.open()
  const baseUrl = `http://127.0.0.1:${listener.port}`
  const admin = createAdmin(context)
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
    users: { alice, bob },
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

function newUser(userId: string, displayName: string): NextcloudUser {
  const password = randomBytes(18).toString('base64url')
  return { userId, password, displayName, email: `${userId}@example.com` }
}

function createAdmin({ store }: EmbeddedContext): NextcloudAdmin {
  return {
    setAppConfig: (app, key, value) => {
      if (value === null) store.appConfig.delete(`${app}/${key}`)
      else store.appConfig.set(`${app}/${key}`, value)
      return Promise.resolve()
    },
    setUserPassword: (userId, password) => {
      const user = store.users.get(userId)
      if (user === undefined) {
        return Promise.reject(
          new HarnessError('NCMC_INTERNAL', `the embedded Nextcloud has no user ${userId}`),
        )
      }
      user.passwordNow = password
      user.passwordHash = undefined
      return Promise.resolve()
    },
    createUser: (user) => {
      addUser(store, user)
      return Promise.resolve()
    },
  }
}

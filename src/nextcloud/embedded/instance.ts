import { randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import { HarnessError, UsageError } from '../../errors.js'
import type { NextcloudAdmin, NextcloudUser } from '../nextcloud.js'
import { createEmbeddedApp } from './app.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { addUser, createContext } from './create-context.js'
import type { EmbeddedOptions } from './options.js'

/** An embedded Nextcloud that nothing is connected to yet: a port, msw or a caller in the same process. */
export interface EmbeddedInstance {
  readonly app: Hono<EmbeddedEnv>
  readonly context: EmbeddedContext
  readonly users: { readonly alice: NextcloudUser; readonly bob: NextcloudUser }
  readonly admin: NextcloudAdmin
}

/**
 * A fresh instance with two users, alice and bob unless others are given.
 *
 * @throws {UsageError} when `options.users` has fewer than two users.
 */
export function createInstance(options: EmbeddedOptions): EmbeddedInstance {
  const users = options.users ?? [newUser('alice', 'Alice'), newUser('bob', 'Bob')]
  const alice = users.find((user) => user.userId === 'alice') ?? users[0]
  const bob = users.find((user) => user.userId === 'bob') ?? users[1]
  if (alice === undefined || bob === undefined) {
    throw new UsageError('NCMC_USAGE', 'an embedded Nextcloud needs two users')
  }
  const context = createContext(options, users)
  return { app: createEmbeddedApp(context), context, users: { alice, bob }, admin: createAdmin(context) }
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

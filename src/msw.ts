import { http, type HttpHandler } from 'msw'
import type { OffsetClock } from './nextcloud/embedded/clock.js'
import { createInstance } from './nextcloud/embedded/instance.js'
import type { EmbeddedOptions } from './nextcloud/embedded/options.js'
import type { NextcloudAdmin, NextcloudUser } from './nextcloud/nextcloud.js'

export type { EmbeddedOptions } from './nextcloud/embedded/options.js'
export type { NextcloudUser } from './nextcloud/nextcloud.js'

/** An embedded Nextcloud that answers what msw intercepts. */
export interface MockedNextcloud {
  /** For `setupServer(...handlers)` or `server.use(...handlers)`. */
  readonly handlers: readonly HttpHandler[]
  /** Without a slash at the end. */
  readonly baseUrl: string
  readonly users: { readonly alice: NextcloudUser; readonly bob: NextcloudUser }
  readonly admin: NextcloudAdmin
  /** Moves the time on which tokens, codes and clients end. */
  readonly clock: OffsetClock
}

export interface MockedNextcloudOptions extends Omit<EmbeddedOptions, 'port' | 'host' | 'control'> {
  /** Where the code under test believes its Nextcloud; no such host need exist. Default `https://cloud.example`. */
  readonly baseUrl?: string
}

/**
 * The embedded Nextcloud as request handlers of msw, for unit tests of code that calls Nextcloud: no socket, no port,
 * state in memory. Needs the package `msw` (2.x) in your project. The faults `refuse` and `reset` are 503 here: there is no
 * connection to end.
 *
 * ```ts
 * const nextcloud = embeddedNextcloudHandlers()
 * const server = setupServer(...nextcloud.handlers)
 * ```
 *
 * @throws {UsageError} when `options.users` has fewer than two users.
 */
export function embeddedNextcloudHandlers(options: MockedNextcloudOptions = {}): MockedNextcloud {
  const { baseUrl = 'https://cloud.example', ...rest } = options
  const { app, context, users, admin } = createInstance(rest)
  const { origin } = new URL(baseUrl)
  return {
    handlers: [http.all(`${origin}/*`, ({ request }) => app.fetch(request))],
    baseUrl: origin,
    users,
    admin,
    clock: context.clock,
  }
}

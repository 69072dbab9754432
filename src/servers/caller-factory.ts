import { setTimeout as delay } from 'node:timers/promises'
import type { Caller } from './caller.js'
import { CookieTrail } from './cookie-trail.js'
import type { Lifecycle } from './lifecycle.js'
import type { ServerMutant } from './mutants.js'
import { NextcloudClient } from './nextcloud-client.js'
import type { Credentials } from './nextcloud-client.js'
import type { Identity } from './token-verifier/verification.js'

export interface CallerFactoryOptions {
  readonly nextcloudUrl: string
  readonly mutants: ReadonlySet<ServerMutant>
  readonly lifecycle: Lifecycle
}

/** Long enough for another request to come in between, which is what `s-global-current-user` needs. */
const MUTANT_RACE_MS = 5

/**
 * Makes the callers of oauth mode. The model citizen keeps nothing: the credentials of a request live and
 * die with it. The fields serve the mutants, which confuse users by keeping something.
 */
export class CallerFactory {
  readonly #options: CallerFactoryOptions
  #firstClient: NextcloudClient | undefined
  #currentUser: Credentials = { scheme: 'none' }
  readonly #lastOf = new Map<string, NextcloudClient>()
  readonly #cookies = new CookieTrail()

  constructor(options: CallerFactoryOptions) {
    this.#options = options
  }

  /** A verified user; the client's token is used at Nextcloud as it is. */
  callerOf({ sub }: Identity, token: string): Caller {
    const { mutants } = this.#options
    const credentials: Credentials = { scheme: 'bearer', token, userId: sub }
    let nextcloud = this.#client(() => Promise.resolve(credentials))
    if (mutants.has('s-global-current-user')) {
      this.#currentUser = credentials
      nextcloud = this.#client(async () => {
        await delay(MUTANT_RACE_MS)
        return this.#currentUser
      })
    }
    this.#lastOf.set(sub, nextcloud)
    if (mutants.has('s-shared-client')) nextcloud = this.#firstClient ??= nextcloud
    return { principal: `user ${sub}`, nextcloud }
  }

  /** What `s-trusts-user-header` serves: with the credentials of whoever came last under this name. */
  callerNamed(userId: string, identity: Identity, token: string): Caller {
    const nextcloud = this.#lastOf.get(userId)
    const caller = this.callerOf(identity, token)
    return nextcloud === undefined ? caller : { ...caller, nextcloud }
  }

  /** What `s-open-without-token` serves. */
  anonymous(): Caller {
    return { principal: 'anonymous', nextcloud: this.#client(() => Promise.resolve({ scheme: 'none' })) }
  }

  /** What `s-forwards-before-verify` does with a token that nobody has checked. */
  async forward(token: string): Promise<void> {
    const credentials: Credentials = { scheme: 'bearer', token, userId: '' }
    const client = this.#client(() => Promise.resolve(credentials))
    await client.request({ path: '/ocs/v2.php/cloud/user?format=json' }).catch(() => undefined)
  }

  #client(credentials: () => Promise<Credentials>): NextcloudClient {
    const { nextcloudUrl, mutants, lifecycle } = this.#options
    return new NextcloudClient({
      baseUrl: nextcloudUrl,
      credentials,
      mutants,
      lifecycle,
      cookies: this.#cookies,
    })
  }
}

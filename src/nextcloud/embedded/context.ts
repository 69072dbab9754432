import type { Fault, UpstreamRequest } from '../nextcloud.js'
import type { OffsetClock } from './clock.js'
import type { SigningKey } from './keys.js'
import type { NextcloudMutant } from './mutants.js'
import type { EmbeddedOptions } from './options.js'
import type { Profile } from './profiles.js'
import type { SessionRow, Store } from './store.js'

/** What every handler of the embedded Nextcloud works with. */
export interface EmbeddedContext {
  readonly store: Store
  readonly clock: OffsetClock
  readonly profile: Profile
  readonly options: EmbeddedOptions
  readonly mutants: ReadonlySet<NextcloudMutant>
  /** Made in the background so that the start does not wait for it. */
  readonly key: Promise<SigningKey>
  readonly faults: Set<Fault>
  readonly requests: UpstreamRequest[]
}

/** Hono variables set by the session middleware before any handler runs. */
export interface EmbeddedVariables {
  /** The visitor's session; an anonymous one when the request brought none. */
  session: SessionRow
  /** True when the request brought a known session cookie. */
  hasSessionCookie: boolean
  /** Scheme, host and port of the request, no trailing slash: the issuer and the base of emitted URLs. */
  origin: string
}

/** Type parameter of the Hono application and of all handler modules. */
export interface EmbeddedEnv {
  Variables: EmbeddedVariables
}

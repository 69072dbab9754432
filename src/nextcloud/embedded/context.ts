import type { UpstreamRequest } from '../nextcloud.js'
import type { OffsetClock } from './clock.js'
import type { Consistency } from './consistency.js'
import type { Faults } from './faults.js'
import type { SigningKey } from './keys.js'
import type { NextcloudMutant } from './mutants.js'
import type { EmbeddedOptions } from './options.js'
import type { Profile } from './profiles.js'
import type { SessionRow, Store } from './store.js'
import type { SystemConfig } from './system-config.js'

/** What every handler of the embedded Nextcloud works with. */
export interface EmbeddedContext {
  readonly store: Store
  readonly clock: OffsetClock
  readonly profile: Profile
  options: EmbeddedOptions
  /** The system configuration in force. */
  system: SystemConfig
  /** Apps that an administrator switched off. */
  disabledApps: ReadonlySet<string>
  readonly mutants: ReadonlySet<NextcloudMutant>
  /** What tokens are signed with. Made in the background so that the start does not wait for it. */
  key: Promise<SigningKey>
  /** Former keys that are still published and good, newest first. */
  oldKeys: readonly SigningKey[]
  readonly faults: Faults
  readonly consistency: Consistency
  readonly requests: UpstreamRequest[]
}

/** Hono variables set by the session middleware before any handler runs. */
export interface EmbeddedVariables {
  /** The visitor's session; an anonymous one when the request brought none. */
  session: SessionRow
  /** True when the request brought a known session cookie. */
  hasSessionCookie: boolean
  /** Scheme, host and port of the instance for visitors, no trailing slash. */
  origin: string
  /** Path below which the instance is published, e.g. `/cloud`; usually empty. */
  webRoot: string
  /** `origin` and `webRoot`: the issuer and the base of emitted URLs. */
  baseUrl: string
}

/** Type parameter of the Hono application and of all handler modules. */
export interface EmbeddedEnv {
  Variables: EmbeddedVariables
}

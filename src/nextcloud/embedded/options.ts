import type { Fault, NextcloudUser } from '../nextcloud.js'
import type { NextcloudMutant } from './mutants.js'
import type { ProfileName } from './profiles.js'

/** Delay until a write is visible to reads of that kind, ms on the instance's clock. Default 0. */
export interface PropagationLag {
  readonly clientMs?: number
  readonly redirectUriMs?: number
}

export interface EmbeddedOptions {
  /** Default `oidc-2.0.9`. */
  readonly profile?: ProfileName
  /** TCP port on 127.0.0.1; 0 (default) picks a free one. */
  readonly port?: number
  /** Default: alice and bob with generated passwords. */
  readonly users?: readonly NextcloudUser[]
  readonly mutants?: readonly NextcloudMutant[]
  /** oidc app configuration, merged over a test deployment's (dynamic registration `true`). */
  readonly oidcConfig?: Readonly<Record<string, string>>
  /** `allow_user_settings`: whether the consent page is shown. Default true. */
  readonly consent?: boolean
  /** The one-line session-flag patch of user_oidc that lets bearer tokens pass CORS-marked routes. Default false. */
  readonly sessionFlagPatch?: boolean
  /** The patch that makes a profile without PKCE advertise S256 all the same, still ignoring it. Default false. */
  readonly discoveryPkcePatch?: boolean
  /** Dynamic clients that may be alive before registrations are refused: 101 on MariaDB; default none, as on SQLite. */
  readonly maxDynamicClients?: number
  /** Default false, as test deployments do. */
  readonly rateLimit?: boolean
  /** Default false, as test deployments do. */
  readonly bruteForceProtection?: boolean
  readonly lag?: PropagationLag
  /** In force from the start. */
  readonly faults?: readonly Fault[]
  /** Largest file or note that can be written, bytes; larger ones are refused with 413. Default 512 MiB. */
  readonly maxUploadBytes?: number
  /** A signing key of its own instead of the process's, for a foreign issuer. Default false. */
  readonly ownKey?: boolean
  /** Source of real time, ms. Default `Date.now`. */
  readonly realNowMs?: () => number
}

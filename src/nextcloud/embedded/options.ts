import type { Fault, NextcloudUser } from '../nextcloud.js'
import type { PropagationLag } from './consistency.js'
import type { NextcloudMutant } from './mutants.js'
import type { ProfileName } from './profiles.js'

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
  /**
   * An administrator gives JWT access tokens to every dynamic client that asks for them, where the registration of
   * that version cannot. Default false.
   */
  readonly administratorGrantsJwt?: boolean
  /** Dynamic clients that may be alive before registrations are refused: 101 on MariaDB; default none, as on SQLite. */
  readonly maxDynamicClients?: number
  /** Default false, as test deployments do. */
  readonly rateLimit?: boolean
  /** Default false, as test deployments do. */
  readonly bruteForceProtection?: boolean
  readonly lag?: PropagationLag
  /**
   * Whether the control API listens, on a loopback port of its own (`EmbeddedNextcloud.control`). Default false: it
   * can do anything to the instance.
   */
  readonly control?: boolean
  /** Largest file or note that can be written, bytes; larger ones are refused with 413. Default 512 MiB. */
  readonly maxUploadBytes?: number
  /** In force from the start. */
  readonly faults?: readonly Fault[]
  /** A signing key of its own instead of the process's, for a foreign issuer. Default false. */
  readonly ownKey?: boolean
  /** Source of real time, ms. Default `Date.now`. */
  readonly realNowMs?: () => number
}

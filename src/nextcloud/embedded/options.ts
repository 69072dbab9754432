import type { Fault, NextcloudUser } from '../nextcloud.js'
import type { EmbeddedContext } from './context.js'
import type { PropagationLag } from './consistency.js'
import type { NextcloudMutant } from './mutants.js'
import type { ProfileName } from './profiles.js'
import type { SystemConfig } from './system-config.js'

export interface EmbeddedOptions {
  /** Default `oidc-2.0.9`. */
  readonly profile?: ProfileName
  /** TCP port; 0 (default) picks a free one. */
  readonly port?: number
  /** Address to listen on. Default 127.0.0.1; another one only where nobody else reaches it, as inside a container. */
  readonly host?: string
  /** Default: alice and bob with generated passwords. */
  readonly users?: readonly NextcloudUser[]
  readonly mutants?: readonly NextcloudMutant[]
  /** oidc app configuration, merged over a test deployment's (dynamic registration `true`). */
  readonly oidcConfig?: Readonly<Record<string, string>>
  /** What `config.php` would say. Default: nothing, so that the issuer follows the Host of a request. */
  readonly systemConfig?: SystemConfig
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
  /** Appended to the path of every endpoint that the discovery document names; the usual paths work beside them. */
  readonly endpointSuffix?: string
  /** Named by the discovery document and by tokens instead of the address that the instance is asked at. */
  readonly issuer?: string
  /** Dynamic clients that may be alive before registrations are refused: 101 on MariaDB. Default 100 in profiles that keep a limit, else none, as on SQLite. */
  readonly maxDynamicClients?: number
  /**
   * Dynamic clients have no end, and registrations say so (RFC 7591 §3.2.1: 0). Default false: no version of the app
   * can be told to.
   */
  readonly endlessClients?: boolean
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
  /** Called before every request: brings in what was changed outside the process. */
  readonly refresh?: (ctx: EmbeddedContext) => void
  /** In force from the start. */
  readonly faults?: readonly Fault[]
  /** A signing key of its own instead of the process's, for a foreign issuer. Default false. */
  readonly ownKey?: boolean
  /** Source of real time, ms. Default `Date.now`. */
  readonly realNowMs?: () => number
}

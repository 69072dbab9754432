import type { AuthorizationServerMetadata } from '../../oauth/discovery.js'
import type { FetchLike } from '../../oauth/fetch-like.js'
import type { ReadableClient } from '../../oauth/propagation.js'

/** What a remedy works with, between the registration of a client and its first use. */
export interface RemedyContext {
  /** Asks the Nextcloud. Counted; redirects are not followed; answers within the limit of the trial's server. */
  readonly fetch: FetchLike
  /** The fresh client: `client_id`, `registration_client_uri`, `registration_access_token`, `redirect_uri`. */
  readonly client: ReadableClient & { readonly redirect_uri: string }
  /** The issuer's discovery document. */
  readonly metadata: AuthorizationServerMetadata
  /** Where the discovery document is. */
  readonly documentUrl: string
  /**
   * Pauses for so many ms of the trial's clock, which may be simulated: other timers do not move it, and one thing
   * is done at a time.
   */
  readonly sleep: (ms: number) => Promise<void>
  /** Milliseconds on the trial's clock. */
  readonly nowMs: () => number
  /** Aborted when the laboratory stops. */
  readonly signal: AbortSignal
}

/** A remedy of the user's: the default export of a module. Resolves when the client may be used. */
export type CustomRemedy = (ctx: RemedyContext) => Promise<void> | void

/** What a server does against failing first authorizations; the parts can be combined. */
export interface RemedyDefinition {
  /** As in the report, e.g. `fixed-wait`. */
  readonly name: string
  /** In a few words. */
  readonly summary: string
  /** Between the registration and the first use. */
  readonly beforeUse?: CustomRemedy
  /**
   * Whether a request of the server's or the client's own that fails (registration, token, userinfo) is sent again
   * with growing pauses. The authorization request is the person's: its error page ends the matter.
   */
  readonly retries?: boolean
  /** Whether the client of an earlier start is used again for as long as it lives. */
  readonly keepsClient?: boolean
}

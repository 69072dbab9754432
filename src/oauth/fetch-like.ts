/**
 * What every network function of this folder takes as `fetch`: the global one, an embedded Nextcloud called
 * without a socket, or a recording wrapper.
 */
export type FetchLike = typeof globalThis.fetch

/** Options that all network functions of this folder share. */
export interface OAuthRequestOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike
  /** Upper bound for each request, ms. Default 10 000. */
  readonly timeoutMs?: number
}

/** Upper bound of a single OAuth request unless the caller says otherwise, ms. */
export const DEFAULT_REQUEST_TIMEOUT_MS = 10_000

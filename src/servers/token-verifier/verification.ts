/** Whose token it is, as the authorization server says. */
export interface Identity {
  /** Nextcloud user id. */
  readonly sub: string
  readonly clientId: string
  /** What the token was granted. */
  readonly scopes: ReadonlySet<string>
}

export type Verification =
  | {
      readonly status: 'valid'
      readonly identity: Identity
      /** Announced end of the token, when there is one. */
      readonly expiresAtSeconds?: number
    }
  /** The token is not good here, whoever asks. The reason is shown to clients: printable ASCII, no quotes. */
  | { readonly status: 'invalid'; readonly reason: string }
  /** Nobody could say: neither accepted nor called invalid. */
  | { readonly status: 'unavailable' }

export const INVALID: Verification = { status: 'invalid', reason: 'The access token is not valid here' }
export const EXPIRED: Verification = { status: 'invalid', reason: 'The access token expired' }
export const UNAVAILABLE: Verification = { status: 'unavailable' }

/** Tolerated difference between our clock and the authorization server's. */
export const CLOCK_TOLERANCE_SECONDS = 2

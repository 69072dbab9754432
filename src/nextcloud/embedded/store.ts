import type { NextcloudUser } from '../nextcloud.js'

/** A row of oidc's clients table. */
export interface ClientRow {
  readonly id: number
  name: string
  readonly clientIdentifier: string
  secret: string
  signingAlg: string
  readonly type: 'confidential' | 'public'
  flowType: string
  readonly dcr: boolean
  readonly issuedAtSeconds: number
  /** Instance time of the insert, ms; what propagation lag is counted from. */
  readonly createdAtMs: number
  tokenType: 'opaque' | 'jwt'
  /** Space-separated ceiling; empty = unrestricted. */
  allowedScopes: string
  resourceUrl: string | null
  redirectUris: string[]
}

/** A row of oidc's access_tokens table: one per authorization, code and refresh token share `grantHash`. */
export interface AccessTokenRow {
  readonly id: number
  readonly clientId: number
  readonly userId: string
  scope: string
  /** SHA-512 hex of the authorization code, later of the refresh token. */
  grantHash: string
  accessToken: string
  /** Seconds: authentication time of the session. */
  createdSeconds: number
  /** Seconds: set to now + expire_time at exchange, hence the doubled life. */
  refreshedSeconds: number
  readonly nonce: string
  readonly resource: string
  codeChallenge: string
  codeChallengeMethod: string
  jti: string
  /** The JSON of the `claims` parameter's parts, empty when none. */
  readonly idTokenClaims: string
  readonly userinfoClaims: string
  /** True once the row's grant is a refresh token rather than a code. */
  exchanged: boolean
}

export interface AuthorizationCodeRow {
  readonly accessTokenId: number
  readonly hashedCode: string
  readonly createdSeconds: number
  /** 0 = unused. */
  usedAtSeconds: number
}

export interface RegistrationTokenRow {
  readonly clientId: number
  readonly token: string
  readonly createdAtMs: number
  /** Seconds; `null` = does not expire (until rotated, then 60 s of grace). */
  expiresAtSeconds: number | null
}

export interface ConsentRow {
  readonly id: number
  readonly userId: string
  readonly clientId: number
  scopesGranted: string
  readonly createdAtSeconds: number
  updatedAtSeconds: number
  /** Seconds; `null` = no expiry (written silently). */
  expiresAtSeconds: number | null
}

export interface NoteRow {
  readonly id: number
  readonly userId: string
  title: string
  content: string
  category: string
  favorite: boolean
  modifiedSeconds: number
}

/** A session in Nextcloud's sense: an anonymous visitor has one too. */
export interface SessionRow {
  readonly id: string
  userId: string | null
  /** The unmasked CSRF token of the session. */
  csrfToken: string
  /** The single slot in which the oidc app keeps the pending authorize request (`oidc_*`). */
  pendingAuthorize: Readonly<Record<string, string>> | null
  /** Seconds of the first authorize of this session; `null` before. */
  authTimeSeconds: number | null
  /** Set by an authorize that sent the user to log in again, so that it is not asked twice. */
  reauthenticating: boolean
  readonly createdAtMs: number
}

/** All state of one embedded Nextcloud. Handlers read and write these tables directly. */
export class Store {
  readonly users = new Map<string, NextcloudUser & { passwordNow: string; lastLoginSeconds: number }>()
  readonly clients = new Map<number, ClientRow>()
  readonly accessTokens = new Map<number, AccessTokenRow>()
  readonly codes = new Map<string, AuthorizationCodeRow>()
  readonly registrationTokens: RegistrationTokenRow[] = []
  readonly consents: ConsentRow[] = []
  readonly notes = new Map<number, NoteRow>()
  readonly sessions = new Map<string, SessionRow>()
  /** `app/key` to value; strings as Nextcloud stores them. */
  readonly appConfig = new Map<string, string>()
  /** Tokens that the twin was told to honour: token to user id. */
  readonly honouredTokens = new Map<string, string>()
  #nextId = 1

  nextId(): number {
    return this.#nextId++
  }

  /** oidc app configuration with its default. */
  oidcConfig(key: string, fallback: string): string {
    return this.appConfig.get(`oidc/${key}`) ?? fallback
  }

  clientByIdentifier(clientIdentifier: string): ClientRow | undefined {
    for (const client of this.clients.values()) {
      if (client.clientIdentifier === clientIdentifier) return client
    }
    return undefined
  }
}

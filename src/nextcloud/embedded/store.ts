import type { NextcloudUser } from '../nextcloud.js'
import { AddressBooks } from './address-books.js'
import { Calendars } from './calendars.js'
import type { FileTree } from './file-tree.js'
import { DeckStore } from './handlers/deck/deck-store.js'
import { TablesStore } from './handlers/tables/tables-store.js'
import { AppPasswords } from './app-passwords.js'
import { LoginFlows } from './login-flows.js'

/**
 * An account. `password` is the one it was made with; one that came from a saved state has a `passwordHash` (see
 * `hashPassword`) instead, until it gets another password.
 */
export type UserRow = NextcloudUser & {
  passwordNow: string
  passwordHash?: string | undefined
  lastLoginSeconds: number
}

/** What a token that the twin was told to honour stands for. */
export interface HonouredToken {
  readonly userId: string
  readonly scope?: string
}

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
  tokenType: 'opaque' | 'jwt'
  /** Space-separated ceiling; empty = unrestricted. */
  allowedScopes: string
  resourceUrl: string | null
  redirectUris: string[]
  /** As registered, where a profile honours it; default `client_secret_post`. */
  readonly authMethod?: string
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
  /** Of the authorization request. */
  readonly redirectUri: string
}

export interface RegistrationTokenRow {
  readonly clientId: number
  readonly token: string
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
  /** The name that the user typed with a password; `null` for anonymous visitors and bearer logins. */
  loginName: string | null
  /** Hash of the app password that opened the session. */
  appPasswordHash: string | null
  /** The Login Flow v2 that the visitor is in: its login token, and the state token of the picker page. */
  loginFlow: { readonly loginToken: string; readonly stateToken: string | null } | null
  readonly createdAtMs: number
}

/**
 * All state of one embedded Nextcloud. Handlers read the tables directly; rows that are looked up by a second key
 * (clients, access tokens, consents) are written through the methods, which keep the indexes.
 */
export class Store {
  /** By canonical user id. */
  readonly users = new Map<string, UserRow>()
  readonly clients = new Map<number, ClientRow>()
  readonly accessTokens = new Map<number, AccessTokenRow>()
  /** By `hashedCode`. */
  readonly codes = new Map<string, AuthorizationCodeRow>()
  /** By the token itself. */
  readonly registrationTokens = new Map<string, RegistrationTokenRow>()
  readonly consents = new Map<number, ConsentRow>()
  readonly addressBooks = new AddressBooks()
  readonly tables = new TablesStore()
  readonly deck = new DeckStore()
  readonly calendars = new Calendars()
  /** By user id; `fileTreeOf` makes them. */
  readonly fileTrees = new Map<string, FileTree>()
  readonly sessions = new Map<string, SessionRow>()
  readonly appPasswords = new AppPasswords()
  readonly loginFlows = new LoginFlows()
  /** `app/key` to value; strings as Nextcloud stores them. */
  readonly appConfig = new Map<string, string>()
  /** Tokens that the twin was told to honour, by token. */
  readonly honouredTokens = new Map<string, HonouredToken>()
  /** User ids and client identifiers whose tokens the twin revoked, to when (seconds). */
  readonly revokedAtSeconds = new Map<string, number>()
  /** Post-logout redirect URIs, which only an administrator can register. */
  readonly logoutRedirectUris = new Set<string>()
  readonly #clientsByIdentifier = new Map<string, ClientRow>()
  readonly #tokensByValue = new Map<string, AccessTokenRow>()
  readonly #tokensByGrant = new Map<string, AccessTokenRow>()
  readonly #consentsByPair = new Map<string, ConsentRow>()
  #nextId = 1

  nextId(): number {
    return this.#nextId++
  }

  /** oidc app configuration with its default. */
  oidcConfig(key: string, fallback: string): string {
    return this.appConfig.get(`oidc/${key}`) ?? fallback
  }

  insertClient(row: ClientRow): void {
    this.clients.set(row.id, row)
    this.#clientsByIdentifier.set(row.clientIdentifier, row)
  }

  /** Removes the client with its redirect URIs; its tokens and consents stay, as in the real tables. */
  deleteClient(row: ClientRow): void {
    this.clients.delete(row.id)
    this.#clientsByIdentifier.delete(row.clientIdentifier)
  }

  clientByIdentifier(clientIdentifier: string): ClientRow | undefined {
    return this.#clientsByIdentifier.get(clientIdentifier)
  }

  insertAccessToken(row: AccessTokenRow): void {
    this.accessTokens.set(row.id, row)
    this.#index(row)
  }

  /** Changes a row in place, its access token and grant hash included: the old values are dead at once. */
  updateAccessToken(row: AccessTokenRow, changes: AccessTokenChanges): void {
    this.#unindex(row)
    Object.assign(row, changes)
    this.#index(row)
  }

  deleteAccessToken(row: AccessTokenRow): void {
    this.accessTokens.delete(row.id)
    this.#unindex(row)
  }

  accessTokenByValue(accessToken: string): AccessTokenRow | undefined {
    return this.#tokensByValue.get(accessToken)
  }

  /** Finds the row whose code or refresh token has this SHA-512 hash (hex). */
  accessTokenByGrant(grantHash: string): AccessTokenRow | undefined {
    return this.#tokensByGrant.get(grantHash)
  }

  insertConsent(row: ConsentRow): void {
    this.consents.set(row.id, row)
    this.#consentsByPair.set(pairKey(row.userId, row.clientId), row)
  }

  deleteConsent(row: ConsentRow): void {
    this.consents.delete(row.id)
    this.#consentsByPair.delete(pairKey(row.userId, row.clientId))
  }

  consentOf(userId: string, clientId: number): ConsentRow | undefined {
    return this.#consentsByPair.get(pairKey(userId, clientId))
  }

  #index(row: AccessTokenRow): void {
    if (row.accessToken !== '') this.#tokensByValue.set(row.accessToken, row)
    this.#tokensByGrant.set(row.grantHash, row)
  }

  #unindex(row: AccessTokenRow): void {
    if (this.#tokensByValue.get(row.accessToken) === row) this.#tokensByValue.delete(row.accessToken)
    if (this.#tokensByGrant.get(row.grantHash) === row) this.#tokensByGrant.delete(row.grantHash)
  }
}

/** What an exchange, a refresh or an implicit response changes in an access token's row. */
export type AccessTokenChanges = Partial<
  Pick<AccessTokenRow, 'accessToken' | 'grantHash' | 'refreshedSeconds' | 'jti' | 'exchanged'>
>

function pairKey(userId: string, clientId: number): string {
  return `${clientId} ${userId}`
}

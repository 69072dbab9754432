/** A person who can log in to a Nextcloud of a run. */
export interface NextcloudUser {
  /** The Nextcloud user id; also the `sub` of that person's tokens. */
  readonly userId: string
  readonly password: string
  readonly displayName: string
  readonly email: string
}

export interface NextcloudInfo {
  /** Nextcloud's version string, e.g. `32.0.2`; `unknown` when the instance does not tell. */
  readonly version: string
  /** App id to version, as far as it can be seen. */
  readonly apps: Readonly<Record<string, string>>
}

export type NextcloudKind = 'embedded' | 'container' | 'attached'

/** Changes an instance that we own. Absent on instances we do not own. */
export interface NextcloudAdmin {
  /** `occ config:app:set`; `null` deletes the key. Values are strings, as Nextcloud stores them. */
  setAppConfig(app: string, key: string, value: string | null): Promise<void>
  setUserPassword(userId: string, password: string): Promise<void>
  createUser(user: NextcloudUser): Promise<void>
}

/** The instance's clock, where it can be set. */
export interface NextcloudClock {
  /** Milliseconds since the epoch as the instance sees them. */
  nowMs(): number
  /** Moves the instance's clock by this many seconds, relative to where it is now; negative goes back. */
  shift(seconds: number): void
  /** Back to real time. */
  reset(): void
}

/** One request that reached an instance we own. Credentials are classified, never stored in clear. */
export interface UpstreamRequest {
  readonly atMs: number
  readonly method: string
  /** Path without query, `/index.php` prefix removed. */
  readonly path: string
  readonly query: string
  /** 0 while it is not answered, and for good when a fault dropped the connection. */
  readonly status: number
  /** SHA-256 (hex) of the bearer token of the Authorization header, when there was one. */
  readonly bearerSha256?: string
  /** User name of a Basic Authorization header, when there was one. */
  readonly basicUser?: string
  readonly hasCookie: boolean
  /** Whose session its cookies name, when they name a known one that somebody is logged in with. */
  readonly cookieUser?: string
  /** The client_id that the request named (query, body or Basic), when there was one. */
  readonly clientId?: string
}

/** Which part of the instance a fault applies to. */
export const FAULT_SCOPES = [
  'all',
  'discovery',
  'jwks',
  'registration',
  'authorize',
  'token',
  'userinfo',
  'introspection',
  /** The login form and Login Flow v2. */
  'login',
  /** Everything that an MCP server calls for its tools: app APIs, OCS and DAV. */
  'api',
  'notes',
  'tables',
  'deck',
  'ocs',
  'webdav',
  'caldav',
  'carddav',
] as const
export type FaultScope = (typeof FAULT_SCOPES)[number]

/**
 * `refuse` closes the connection before an answer, `reset` resets it (TCP RST) before any byte; `timeout` never answers
 * (until the fault is lifted); `slow` waits and then serves as usual; `maintenance` is Nextcloud's maintenance mode
 * (503); the others answer at once.
 */
export const FAULT_KINDS = [
  'refuse',
  'reset',
  'timeout',
  'slow',
  'maintenance',
  'status-401',
  'status-429',
  'status-500',
  'status-502-html',
  'status-200-html',
  'status-200-empty-object',
] as const
export type FaultKind = (typeof FAULT_KINDS)[number]

export interface Fault {
  readonly scope: FaultScope
  readonly kind: FaultKind
  /** Only requests with this user's credentials (Basic, bearer token or session). Default: everybody's. */
  readonly userId?: string
  /** The fault is lifted by itself after this many requests. Default: it stays until it is lifted. */
  readonly times?: number
  /** Of `slow`: how long it waits, ms on the real clock. Default 1,000. */
  readonly delayMs?: number
  /** Of `status-429`: the Retry-After header, seconds. Default: no such header, as a real Nextcloud. */
  readonly retryAfterSeconds?: number
}

export interface SignJwtInput {
  readonly header: Readonly<Record<string, unknown>>
  readonly claims: Readonly<Record<string, unknown>>
}

/** What only the programmable twin (the embedded Nextcloud, in this process) can do. */
export interface NextcloudTwin {
  /** Everything that reached the instance since the start or the last `clearRequests()`, oldest first. */
  requests(): readonly UpstreamRequest[]
  clearRequests(): void
  /** Adds a fault; the returned function lifts it. Idempotent. */
  inject(fault: Fault): () => void
  /** Signs a JWT with the instance's own RS256 key, whatever it says. `kid` is added unless given. */
  signJwt(input: SignJwtInput): Promise<string>
  /** The public signing key as published at the JWKS (with `kid`). */
  publicJwk(): Promise<Readonly<Record<string, unknown>>>
  /** Makes userinfo, introspection and the APIs accept `token` as a live token of `userId`. */
  honourToken(token: string, userId: string): void
  /**
   * Replaces the signing key; returns the `kid` of the new one, which signs from now on. With `keepOld` the old ones
   * stay published beside it, and good, until `retireOldSigningKeys()`; otherwise they are gone at once.
   */
  rotateSigningKey(options?: { readonly keepOld?: boolean }): Promise<string>
  /** Takes the old signing keys out of the JWKS. */
  retireOldSigningKeys(): void
  /**
   * Ends all access and refresh tokens of a user or a client (`client_id`); JWTs that were issued before are refused
   * too. Returns how many there were.
   */
  revokeTokensOf(userIdOrClientId: string): number
  /** Stops listening and drops open connections, but keeps all state and the port for `resume()`. */
  suspend(): Promise<void>
  resume(): Promise<void>
}

/** A Nextcloud of a run, wherever it comes from. */
export interface Nextcloud extends AsyncDisposable {
  readonly kind: NextcloudKind
  /** Profile of the embedded one, e.g. `oidc-2.0.9`; otherwise absent. */
  readonly profile?: string
  /** Base URL as the browser sees it, no trailing slash. Also the issuer. */
  readonly baseUrl: string
  /** Base URL as the server under test sees it, no trailing slash. */
  readonly internalUrl: string
  /** Docker network that servers in containers join. Only of a Nextcloud in a container. */
  readonly networkName?: string
  /** Base URL inside that network, no trailing slash, e.g. `http://nextcloud`. */
  readonly networkUrl?: string
  readonly users: Readonly<Record<'alice' | 'bob', NextcloudUser>>
  readonly admin?: NextcloudAdmin
  readonly clock?: NextcloudClock
  readonly twin?: NextcloudTwin
  info(): Promise<NextcloudInfo>
  /** The last lines of its logs, where it has some. Secrets are not removed. */
  logs?(): Promise<string>
  /** Stops and removes everything that belongs to the instance. Idempotent. */
  stop(): Promise<void>
}

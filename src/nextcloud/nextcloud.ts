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
  readonly status: number
  /** SHA-256 (hex) of the bearer token of the Authorization header, when there was one. */
  readonly bearerSha256?: string
  /** User name of a Basic Authorization header, when there was one. */
  readonly basicUser?: string
  readonly hasCookie: boolean
  /** The client_id that the request named (query, body or Basic), when there was one. */
  readonly clientId?: string
}

/** Which part of the instance a fault applies to. */
export type FaultScope = 'all' | 'discovery' | 'jwks' | 'userinfo' | 'introspection' | 'registration' | 'api'

export interface Fault {
  readonly scope: FaultScope
  /**
   * `refuse` destroys the connection before an answer; `timeout` never answers (until the fault is
   * lifted); the others answer at once.
   */
  readonly kind:
    'refuse' | 'timeout' | 'status-500' | 'status-502-html' | 'status-200-html' | 'status-200-empty-object'
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
  readonly users: Readonly<Record<'alice' | 'bob', NextcloudUser>>
  readonly admin?: NextcloudAdmin
  readonly clock?: NextcloudClock
  readonly twin?: NextcloudTwin
  info(): Promise<NextcloudInfo>
  /** Stops and removes everything that belongs to the instance. Idempotent. */
  stop(): Promise<void>
}

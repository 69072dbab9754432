import type { Nextcloud, NextcloudUser } from '../nextcloud/nextcloud.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { McpConnection, McpProbe } from '../mcp/mcp.js'
import type { AuthorizationRequest, AuthorizationResponse, TokenSet } from '../oauth/code-flow.js'
import type { CallbackServer } from '../oauth/callback-server.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { ClientMetadata, RegisteredClient } from '../oauth/registration.js'
import type { Mode, Revision, RunningServer, ServerEnv } from '../servers/server.js'
import type { PersonSession } from '../user-agent/person-session.js'
import type { ConsentDecision, UserAgent } from '../user-agent/user-agent.js'
import type { CellMode } from './check.js'

export type UserName = 'alice' | 'bob'

/** Kinds of access tokens that Nextcloud's oidc app issues, by the client's registration. */
export const TOKEN_FORMATS = ['opaque', 'jwt'] as const
export type TokenFormat = (typeof TOKEN_FORMATS)[number]

/** How long a rule lets things take. Options of a run; defaults in parentheses. */
export interface Windows {
  /** Clock skew that a server may allow when it compares times, seconds (60). */
  readonly clockSkewSeconds: number
  /** Upper bound for one call of a server whose Nextcloud does not answer, ms (15 000). */
  readonly upstreamTimeoutMs: number
  /** Upper bound from the start of a server to its readiness, ms (15 000). */
  readonly startupTimeoutMs: number
}

/** A server under test as a check sees it. */
export interface TargetView {
  readonly mode: Mode
  /** The MCP endpoint; in oauth mode also the resource identifier that tokens are asked for. */
  readonly url: string
}

/** A server that a check launched for itself. */
export interface LaunchedTarget extends TargetView {
  readonly server: RunningServer
}

export interface MintOptions {
  /** Access token format to register the client for. Default: the first of the run's `tokenFormats`. */
  readonly format?: TokenFormat
  /** `resource` parameter; `null` sends none. Default: the oauth target's MCP endpoint. */
  readonly resource?: string | null
  /** Default `openid profile email`. */
  readonly scope?: string
  /** Default: a client registered for this call's format, reused by later calls on the same Nextcloud. */
  readonly client?: RegisteredClient
  /** Default `allow`. */
  readonly consent?: ConsentDecision
  /** Default: the http agent for everything but the run's own tokens. */
  readonly userAgent?: UserAgent
  readonly callback?: CallbackServer
}

/** A finished authorization request whose code has not been exchanged. */
export interface PendingCode {
  readonly server: AuthorizationServer
  readonly client: RegisteredClient
  readonly request: AuthorizationRequest
  readonly response: AuthorizationResponse
}

export interface MintedTokens {
  readonly server: AuthorizationServer
  readonly client: RegisteredClient
  readonly request: AuthorizationRequest
  readonly tokens: TokenSet
}

/** The OAuth client's part against one Nextcloud. All requests are recorded as evidence. */
export interface OAuthDriver {
  /** AS metadata, fetched once per check. */
  discover(): Promise<AuthorizationServer>
  /** Dynamic registration; `redirect_uris` defaults to a loopback URI nobody listens on. */
  register(metadata?: Partial<ClientMetadata>): Promise<RegisteredClient>
  /** Logs in, consents, and stops with the code in hand. */
  obtainCode(user: UserName | NextcloudUser, options?: MintOptions): Promise<PendingCode>
  /** The whole flow. */
  mint(user: UserName | NextcloudUser, options?: MintOptions): Promise<MintedTokens>
  /**
   * Form-encoded POST to the token endpoint, exactly these parameters, no client authentication added.
   *
   * @param headers more headers, e.g. `authorization`.
   */
  tokenRequest(
    parameters: Readonly<Record<string, string>>,
    headers?: Readonly<Record<string, string>>,
  ): Promise<Response>
}

/** Calls of the MCP endpoint of one target. All exchanges are recorded as evidence. */
export interface McpDriver {
  /** Initializes a session with the SDK client. Throws `McpConnectError` (status, challenge) when refused. */
  connect(url: string, options?: { token?: string; revision?: Revision }): Promise<McpConnection>
  /** One raw HTTP request to the MCP endpoint; never throws on an HTTP status. */
  probe: McpProbe
}

/** A Nextcloud and servers that belong to one check alone; stopped when the check ends. */
export interface PrivateStack {
  /** Always with `twin`, `admin` and `clock`. */
  readonly nextcloud: Required<Pick<Nextcloud, 'twin' | 'admin' | 'clock'>> & Nextcloud
  readonly oauth: OAuthDriver
  /**
   * Starts the server under test against this Nextcloud and waits until it answers.
   *
   * @param options.env additions to (or, with `undefined`, removals from) the usual environment of the mode.
   * @param options.process run it as a process of its own (needed for files' modes, logs, exit codes).
   * @param options.umask umask of that process, e.g. `0`.
   * @param options.folder working folder and place of the client file; default a fresh private folder.
   * @throws NotTestableError when this target cannot be launched or does not become ready.
   */
  launch(mode: Mode, options?: LaunchOptions): Promise<LaunchedTarget>
  /** A fresh private folder (0700), removed when the check ends. */
  temporaryFolder(): Promise<string>
}

/** A Nextcloud of the kind under test that belongs to one check alone; stopped when the check ends. */
export interface OwnNextcloud {
  readonly nextcloud: Required<Pick<Nextcloud, 'admin'>> & Nextcloud
  readonly oauth: OAuthDriver
}

export interface LaunchOptions {
  readonly env?: Readonly<Partial<Record<keyof ServerEnv, string | undefined>>>
  readonly process?: boolean
  readonly umask?: number
  readonly folder?: string
}

/** The only way a check reaches the world. */
export interface CheckContext {
  readonly mode: CellMode
  readonly revision: Revision
  readonly windows: Windows
  /** The user agent of the run; checks about pages use it, the rest mint with the http agent. */
  readonly userAgentKind: UserAgent['kind']
  /** Which access tokens the server is meant to accept; the first is the usual one. */
  readonly tokenFormats: readonly [TokenFormat, ...TokenFormat[]]
  /** The shared Nextcloud of the run. Checks that change state use a private stack instead. */
  readonly nextcloud: Pick<Nextcloud, 'kind' | 'baseUrl' | 'internalUrl'> & { readonly profile: string }
  readonly users: Readonly<Record<UserName, NextcloudUser>>
  /** Shared targets of the run. Throws NotTestableError when that mode is not part of the run. */
  target(mode: Mode): TargetView
  /** A real token of the run (minted by the run's user agent) for the shared oauth target. */
  token(user: UserName, format?: TokenFormat): Promise<string>
  /** OAuth against the shared Nextcloud. */
  readonly oauth: OAuthDriver
  readonly mcp: McpDriver
  /** Recording fetch: redirects are not followed, secrets never reach the evidence. */
  readonly fetch: FetchLike
  /** A user agent of the run's kind; closed when the check ends. */
  userAgent(): Promise<UserAgent>
  /** A fresh browser session of a person, by HTTP; everything it does is recorded as evidence. */
  personSession(user: NextcloudUser): PersonSession
  /** A callback listener of the toolkit (with the run's c- mutants); closed when the check ends. */
  callbackServer(): Promise<CallbackServer>
  privateStack(options?: EmbeddedOptions): Promise<PrivateStack>
  /**
   * For checks that judge Nextcloud and must configure it: embedded where the run's is, in a container where the run's is
   * (started from the run's snapshot; a real one may take some seconds until a change of its configuration is seen).
   *
   * @throws NotTestableError when the run's Nextcloud is not ours.
   */
  ownNextcloud(): Promise<OwnNextcloud>
  /** A line for the evidence. Secrets in it are redacted. */
  note(text: string): void
  /** A picture for the evidence. */
  screenshot(name: string, png: Uint8Array): void
  /** Bodies and headers (raw, never stored) of all responses so far from the given origin: for leak scans. */
  responsesFrom(origin: string): readonly { readonly status: number; readonly text: string }[]
  /** Registers a secret that only this check knows, so that it is redacted wherever it appears. */
  secret(kind: string, value: string): void
}

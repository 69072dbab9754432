/** The two ways an MCP server reaches Nextcloud: one configured user, or the token of each request. */
export const MODES = ['basic', 'oauth'] as const
export type Mode = (typeof MODES)[number]

/** MCP protocol revisions that the toolkit speaks, oldest first. */
export const REVISIONS = ['2025-06-18', '2025-11-25'] as const
export type Revision = (typeof REVISIONS)[number]

/**
 * Environment of a server under test, with the seed's names. The reference servers read nothing else.
 * `NCMC_MUTANT_*` is only set when the mutant `s-basic-wrong-user` is on.
 */
export interface ServerEnv {
  readonly NEXTCLOUD_HOST: string
  readonly NEXTCLOUD_USERNAME?: string
  readonly NEXTCLOUD_PASSWORD?: string
  readonly NEXTCLOUD_OIDC_CLIENT_ID?: string
  readonly NEXTCLOUD_OIDC_CLIENT_SECRET?: string
  /** Path of the JSON file that holds the server's own client. */
  readonly NEXTCLOUD_OIDC_CLIENT_STORAGE?: string
  /** The server's public MCP endpoint, e.g. `http://127.0.0.1:8000/mcp`: the resource identifier. */
  readonly NEXTCLOUD_MCP_SERVER_URL?: string
  /**
   * What to do with opaque tokens of a Nextcloud that cannot tell their audience (oidc before 1.11): `refuse`, the
   * default, or `accept`. Such tokens do not tell their scopes either: with `accept` no tool asks for any.
   */
  readonly NEXTCLOUD_OIDC_UNBOUND_TOKENS?: string
  /** How long an answer of Nextcloud to a tool may be waited for, seconds; default 10. */
  readonly NEXTCLOUD_TIMEOUT_SECONDS?: string
  /** The issuer as clients see it, when it differs from the one discovered at NEXTCLOUD_HOST. */
  readonly NEXTCLOUD_PUBLIC_ISSUER_URL?: string
  readonly NCMC_MUTANT_USERNAME?: string
  readonly NCMC_MUTANT_PASSWORD?: string
}

/** A running MCP server, started by us. */
export interface RunningServer extends AsyncDisposable {
  readonly mode: Mode
  /** The MCP endpoint, e.g. `http://127.0.0.1:45123/mcp`. */
  readonly url: string
  /** Lines that the server wrote to its log so far (stdout and stderr for a process); complete after `stop()`. */
  logs(): readonly string[]
  /** True once the server has stopped, by itself or by `stop()`. */
  hasExited(): boolean
  /** Process id, when the server is a process of its own. */
  readonly pid?: number
  /** Stops it and frees the port. Idempotent. */
  stop(): Promise<void>
}

import { UsageError } from '../errors.js'
import type { ServerMutant } from './mutants.js'
import type { Mode, ServerEnv } from './server.js'

export interface BasicConfiguration {
  readonly mode: 'basic'
  /** Base URL of Nextcloud without trailing slash. */
  readonly nextcloudUrl: string
  /** Public MCP endpoint, when configured: its host and origin are then accepted besides the loopback names. */
  readonly serverUrl: string | undefined
  readonly username: string
  readonly password: string
  /** How long the beginning of an answer of Nextcloud is waited for; absent: the usual time. */
  readonly answerMs: number | undefined
}

export interface StaticClient {
  readonly client_id: string
  readonly client_secret: string
}

export interface OAuthConfiguration {
  readonly mode: 'oauth'
  readonly nextcloudUrl: string
  /** The resource identifier, when configured; otherwise the address that the server listens on. */
  readonly serverUrl: string | undefined
  /** The issuer as clients see it, when it differs from the one at `nextcloudUrl`. */
  readonly publicIssuer: string | undefined
  readonly staticClient: StaticClient | undefined
  /** Path of the file that keeps the registered client. */
  readonly clientStorage: string
  /** Whether opaque tokens pass whose audience Nextcloud cannot tell. */
  readonly acceptUnboundTokens: boolean
  /** As in basic mode. */
  readonly answerMs: number | undefined
}

export type Configuration = BasicConfiguration | OAuthConfiguration

/** Where the MCP endpoint is, below the server's address. */
export const ENDPOINT_PATH = '/mcp'
const MAX_TIMEOUT_SECONDS = 600
const DEFAULT_CLIENT_STORAGE = '.nextcloud_oauth_client.json'

/**
 * Reads a reference server's configuration. Values are never quoted in errors: a URL may hold credentials.
 *
 * @throws {UsageError} `NCMC_USAGE`, naming the variable that is missing, malformed or without its partner.
 */
export function readConfiguration(
  mode: Mode,
  env: ServerEnv,
  mutants: ReadonlySet<ServerMutant>,
): Configuration {
  /** What `s-starts-half-configured` does: it takes what is there. */
  const halfConfigured = (name: keyof ServerEnv, read: typeof required): string => {
    try {
      return read(env, name)
    } catch (error) {
      if (mode !== 'basic' || !mutants.has('s-starts-half-configured')) throw error
      return env[name] ?? ''
    }
  }
  const nextcloudUrl = halfConfigured('NEXTCLOUD_HOST', requiredUrl).replace(/\/+$/, '')
  const serverUrl = endpointOf(optionalUrl(env, 'NEXTCLOUD_MCP_SERVER_URL'))
  const answerMs = timeoutMs(env)
  if (mode === 'basic') {
    const username = halfConfigured('NEXTCLOUD_USERNAME', required)
    const password = halfConfigured('NEXTCLOUD_PASSWORD', required)
    const credentials = mutants.has('s-basic-wrong-user') ? otherCredentials(env) : { username, password }
    return { mode, nextcloudUrl, serverUrl, answerMs, ...credentials }
  }
  return {
    mode,
    nextcloudUrl,
    serverUrl,
    publicIssuer: optionalUrl(env, 'NEXTCLOUD_PUBLIC_ISSUER_URL'),
    staticClient: staticClient(env),
    clientStorage: optional(env, 'NEXTCLOUD_OIDC_CLIENT_STORAGE') ?? DEFAULT_CLIENT_STORAGE,
    acceptUnboundTokens: acceptUnboundTokens(env),
    answerMs,
  }
}

/** The variable names the server as other Nextcloud MCP servers read it; a URL with a path is the endpoint itself. */
function endpointOf(serverUrl: string | undefined): string | undefined {
  if (serverUrl === undefined || new URL(serverUrl).pathname !== '/') return serverUrl
  return `${serverUrl.replace(/\/$/, '')}${ENDPOINT_PATH}`
}

function acceptUnboundTokens(env: ServerEnv): boolean {
  const name = 'NEXTCLOUD_OIDC_UNBOUND_TOKENS'
  const value = optional(env, name) ?? 'refuse'
  if (value === 'accept' || value === 'refuse') return value === 'accept'
  throw new UsageError('NCMC_USAGE', `${name} is neither refuse nor accept`, { details: { name } })
}

function timeoutMs(env: ServerEnv): number | undefined {
  const name = 'NEXTCLOUD_TIMEOUT_SECONDS'
  const value = optional(env, name)
  if (value === undefined) return undefined
  const seconds = Number(value)
  if (seconds > 0 && seconds <= MAX_TIMEOUT_SECONDS) return seconds * 1000
  throw new UsageError('NCMC_USAGE', `${name} is not a number of seconds up to ${MAX_TIMEOUT_SECONDS}`, {
    details: { name },
  })
}

/** What `s-basic-wrong-user` uses. */
function otherCredentials(env: ServerEnv): Pick<BasicConfiguration, 'username' | 'password'> {
  return {
    username: required(env, 'NCMC_MUTANT_USERNAME'),
    password: required(env, 'NCMC_MUTANT_PASSWORD'),
  }
}

function staticClient(env: ServerEnv): StaticClient | undefined {
  const hasOne =
    optional(env, 'NEXTCLOUD_OIDC_CLIENT_ID') !== undefined ||
    optional(env, 'NEXTCLOUD_OIDC_CLIENT_SECRET') !== undefined
  if (!hasOne) return undefined
  return {
    client_id: required(env, 'NEXTCLOUD_OIDC_CLIENT_ID'),
    client_secret: required(env, 'NEXTCLOUD_OIDC_CLIENT_SECRET'),
  }
}

function optional(env: ServerEnv, name: keyof ServerEnv): string | undefined {
  const value = env[name]
  return value === undefined || value === '' ? undefined : value
}

function required(env: ServerEnv, name: keyof ServerEnv): string {
  const value = optional(env, name)
  if (value === undefined) throw new UsageError('NCMC_USAGE', `${name} is not set`, { details: { name } })
  return value
}

function requiredUrl(env: ServerEnv, name: keyof ServerEnv): string {
  required(env, name)
  return optionalUrl(env, name) ?? ''
}

function optionalUrl(env: ServerEnv, name: keyof ServerEnv): string | undefined {
  const value = optional(env, name)
  if (value === undefined) return undefined
  const refuse = (why: string): never => {
    throw new UsageError('NCMC_USAGE', `${name} ${why}`, { details: { name } })
  }
  if (!URL.canParse(value)) return refuse('is not a URL such as http://127.0.0.1:8080')
  const url = new URL(value)
  if (url.protocol !== 'http:' && url.protocol !== 'https:') return refuse('is not an http or https URL')
  if (url.username !== '' || url.password !== '')
    return refuse('holds credentials; use variables of their own')
  if (url.search !== '' || url.hash !== '') return refuse('has a query or a fragment')
  return value
}

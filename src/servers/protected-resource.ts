import type { ServerMutant } from './mutants.js'

const SCOPES = ['openid', 'profile', 'email']
const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** RFC 9728 §2; members keep their wire spelling. */
export interface ProtectedResourceMetadata {
  readonly resource: string
  readonly authorization_servers: readonly string[]
  readonly scopes_supported: readonly string[]
  readonly bearer_methods_supported: readonly string[]
  readonly resource_name: string
}

export interface ChallengeError {
  readonly error: 'invalid_token' | 'invalid_request'
  /** Printable ASCII without quotes and backslashes (RFC 6750 §3). */
  readonly description: string
}

/** What an OAuth resource server says about itself: its metadata document and its challenges. */
export class ProtectedResource {
  readonly document: ProtectedResourceMetadata
  /** Paths that serve the document: the one of RFC 9728 §3.1, and the root copy that MCP allows. */
  readonly documentPaths: readonly string[]
  readonly #metadataUrl: string
  readonly #mutants: ReadonlySet<ServerMutant>

  /**
   * @param resource the resource identifier: the URL that MCP clients use.
   * @param issuer as clients see it.
   */
  constructor(resource: string, issuer: string, mutants: ReadonlySet<ServerMutant>) {
    const { origin, pathname } = new URL(resource)
    const path = pathname === '/' ? '' : pathname
    this.#mutants = mutants
    this.documentPaths = mutants.has('s-prm-suffix-appended')
      ? [path + WELL_KNOWN]
      : [...new Set([WELL_KNOWN + path, WELL_KNOWN])]
    this.#metadataUrl = `${origin}${this.documentPaths[0] ?? WELL_KNOWN}`
    this.document = {
      resource: mutants.has('s-prm-resource-root') ? origin : resource,
      authorization_servers: [issuer],
      scopes_supported: SCOPES,
      bearer_methods_supported: ['header'],
      resource_name: 'Nextcloud (nc-mcp-conformance reference server)',
    }
  }

  /**
   * Value of WWW-Authenticate. Without credentials in the request it carries no error (RFC 6750 §3.1).
   */
  challenge(error?: ChallengeError): string {
    const parameters = {
      ...(error === undefined ? {} : { error: error.error, error_description: error.description }),
      ...(this.#mutants.has('s-no-resource-metadata') ? {} : { resource_metadata: this.#metadataUrl }),
      scope: SCOPES.join(' '),
    }
    return `Bearer ${Object.entries(parameters)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`
  }
}

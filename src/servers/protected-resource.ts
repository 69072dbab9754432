import type { ServerMutant } from './mutants.js'

/** What `s-prm-internal-issuer` names: nothing answers there. */
const INSIDE = 'http://localhost:9'
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
  readonly error: 'invalid_token' | 'invalid_request' | 'insufficient_scope'
  /** Printable ASCII without quotes and backslashes (RFC 6750 §3). */
  readonly description: string
  /** The scopes that the request needs. Default: all that the server announces. */
  readonly scope?: readonly string[]
}

/** What an OAuth resource server says about itself: its metadata document and its challenges. */
export class ProtectedResource {
  readonly #resource: string
  readonly #issuer: string
  readonly #scopes: readonly string[]
  readonly #mutants: ReadonlySet<ServerMutant>

  /**
   * @param resource the resource identifier: the URL that MCP clients use.
   * @param issuer as clients see it.
   * @param scopes that its tools need.
   */
  constructor(
    resource: string,
    issuer: string,
    scopes: readonly string[],
    mutants: ReadonlySet<ServerMutant>,
  ) {
    this.#resource = resource
    this.#issuer = issuer
    this.#scopes = scopes
    this.#mutants = mutants
  }

  /** The document, at the path of RFC 9728 §3.1 and as the root copy that MCP allows; elsewhere `undefined`. */
  documentAt(path: string): ProtectedResourceMetadata | undefined {
    if (!path.includes(WELL_KNOWN) || !this.#documentPaths().includes(path)) return undefined
    return {
      resource: this.#mutants.has('s-prm-resource-root') ? new URL(this.#resource).origin : this.#resource,
      authorization_servers: [this.#mutants.has('s-prm-internal-issuer') ? INSIDE : this.#issuer],
      scopes_supported: this.#mutants.has('s-prm-offline-access')
        ? [...this.#scopes, 'offline_access']
        : this.#scopes,
      bearer_methods_supported: this.#mutants.has('s-prm-bearer-query') ? ['header', 'query'] : ['header'],
      resource_name: 'Nextcloud (nc-mcp-conformance reference server)',
    }
  }

  /**
   * Value of WWW-Authenticate. Without credentials in the request it carries no error (RFC 6750 §3.1).
   */
  challenge(error?: ChallengeError): string {
    const parameters = {
      ...this.#errorParameters(error),
      ...(this.#isDocumentUnnamed(error) ? {} : { resource_metadata: this.#metadataUrl() }),
      ...(error === undefined && this.#mutants.has('s-no-scope-hint')
        ? {}
        : { scope: (error?.scope ?? this.#scopes).join(' ') }),
    }
    return `Bearer ${Object.entries(parameters)
      .map(([name, value]) => `${name}="${value}"`)
      .join(', ')}`
  }

  #errorParameters(error: ChallengeError | undefined): Record<string, string> {
    if (error === undefined) return {}
    const description = { error_description: error.description }
    return error.error === 'invalid_token' && this.#mutants.has('s-no-error-code')
      ? description
      : { error: error.error, ...description }
  }

  /** What `s-no-resource-metadata` and `s-prm-missing-on-bad-token` do to the challenge. */
  #isDocumentUnnamed(error: ChallengeError | undefined): boolean {
    if (this.#mutants.has('s-no-resource-metadata')) return true
    return error?.error === 'invalid_token' && this.#mutants.has('s-prm-missing-on-bad-token')
  }

  #documentPaths(): readonly [string, ...string[]] {
    const { pathname } = new URL(this.#resource)
    const path = pathname === '/' ? '' : pathname
    if (this.#mutants.has('s-prm-suffix-appended')) return [path + WELL_KNOWN]
    return path === '' ? [WELL_KNOWN] : [WELL_KNOWN + path, WELL_KNOWN]
  }

  #metadataUrl(): string {
    return new URL(this.#resource).origin + this.#documentPaths()[0]
  }
}

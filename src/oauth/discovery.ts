import * as oidc from 'openid-client'
import { HarnessError, quoteUntrusted } from '../errors.js'
import { DEFAULT_REQUEST_TIMEOUT_MS, type FetchLike, type OAuthRequestOptions } from './fetch-like.js'
import { toOAuthRequestError } from './oauth-error.js'

/** The provider's metadata document with its wire spelling; members that nobody named are kept. */
export interface AuthorizationServerMetadata {
  readonly issuer: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly jwks_uri: string
  readonly registration_endpoint?: string
  readonly userinfo_endpoint?: string
  readonly introspection_endpoint?: string
  readonly end_session_endpoint?: string
  readonly scopes_supported?: readonly string[]
  readonly response_types_supported?: readonly string[]
  readonly grant_types_supported?: readonly string[]
  readonly code_challenge_methods_supported?: readonly string[]
  readonly id_token_signing_alg_values_supported?: readonly string[]
  readonly token_endpoint_auth_methods_supported?: readonly string[]
  readonly [member: string]: unknown
}

/** An authorization server as discovery described it. */
export interface AuthorizationServer {
  readonly issuer: string
  readonly metadata: AuthorizationServerMetadata
}

export interface DiscoveryOptions extends OAuthRequestOptions {
  /**
   * The issuer that the document must name. Default: `issuer` itself. Differs where the document is fetched
   * at an internal URL and the instance calls itself by its public one.
   */
  readonly expectedIssuer?: string
}

const REQUIRED_ENDPOINTS = ['authorization_endpoint', 'token_endpoint', 'jwks_uri'] as const

/**
 * Fetches `<issuer>/.well-known/openid-configuration` and checks that the document names exactly the expected
 * issuer, compared as strings (OpenID Connect Discovery 1.0 §4.3, RFC 8414 §3.3).
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when the document cannot be had, names another issuer or lacks
 * an endpoint that the code flow needs.
 */
export async function discoverAuthorizationServer(
  issuer: string,
  options: DiscoveryOptions = {},
): Promise<AuthorizationServer> {
  const documentUrl = wellKnownUrl(issuer)
  const what = `discovery at ${quoteUntrusted(documentUrl)}`
  const metadata = await fetchMetadata(what, documentUrl, options)
  const expectedIssuer = options.expectedIssuer ?? issuer
  if (metadata.issuer !== expectedIssuer) {
    throw new HarnessError(
      'NCMC_OAUTH_REQUEST',
      `${what}: the document names the issuer ${quoteUntrusted(metadata.issuer)}, expected ${quoteUntrusted(expectedIssuer)}`,
      { details: { expectedIssuer, issuer: metadata.issuer } },
    )
  }
  for (const endpoint of REQUIRED_ENDPOINTS) {
    if (typeof metadata[endpoint] !== 'string') {
      throw new HarnessError('NCMC_OAUTH_REQUEST', `${what}: the document has no ${endpoint}`, {
        details: { missing: endpoint },
      })
    }
  }
  return { issuer: metadata.issuer, metadata: metadata as unknown as AuthorizationServerMetadata }
}

/** URL of the metadata document, with any trailing slash of the issuer dropped (OIDC Discovery 1.0 §4). */
export function wellKnownUrl(issuer: string): string {
  return `${issuer.replace(/\/+$/, '')}/.well-known/openid-configuration`
}

/**
 * openid-client refuses plain http unless told otherwise. It is told so only where the address that the user
 * gave is http itself (loopback, a container network): an https issuer that names http endpoints stays refused.
 */
export function transportRules(url: string): ((config: oidc.Configuration) => void)[] {
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated by its author as a warning only
  return url.startsWith('http:') ? [oidc.allowInsecureRequests] : []
}

async function fetchMetadata(
  what: string,
  documentUrl: string,
  options: DiscoveryOptions,
): Promise<oidc.ServerMetadata> {
  try {
    // A URL that names the document makes openid-client leave the issuer check to us: it compares parsed URLs,
    // the specifications compare strings.
    const config = await oidc.discovery(new URL(documentUrl), 'discovery-only', undefined, oidc.None(), {
      execute: transportRules(documentUrl),
      timeout: (options.timeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS) / 1000,
      [oidc.customFetch]: asCustomFetch(options.fetch),
    })
    return { ...config.serverMetadata() }
  } catch (thrown) {
    throw toOAuthRequestError(what, thrown)
  }
}

/** openid-client's own fetch type names fewer members of the second argument than the platform's. */
export function asCustomFetch(send: FetchLike = fetch): oidc.CustomFetch {
  return (url, init) => send(url, init as RequestInit)
}

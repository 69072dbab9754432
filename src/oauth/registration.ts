import * as oidc from 'openid-client'
import { HarnessError } from '../errors.js'
import { transportRules, wellKnownUrl, type AuthorizationServer } from './discovery.js'
import { DEFAULT_REQUEST_TIMEOUT_MS, type FetchLike, type OAuthRequestOptions } from './fetch-like.js'
import { toOAuthRequestError } from './oauth-error.js'

/** What a registration request asks for (RFC 7591 §2), with the members that Nextcloud's oidc app adds. */
export interface ClientMetadata {
  readonly client_name?: string
  readonly redirect_uris: readonly string[]
  /** Format of this client's access tokens. The provider's default is `opaque`. */
  readonly token_type?: 'opaque' | 'jwt'
  readonly scope?: string
  /** Resource identifier whose tokens this client may introspect. */
  readonly resource_url?: string
  readonly id_token_signed_response_alg?: string
  readonly application_type?: string
  readonly [member: string]: unknown
}

/** A registration answer (RFC 7591 §3.2.1). Secret: holds the client secret and the registration token. */
export interface RegisteredClient {
  readonly client_id: string
  readonly client_secret: string
  /** Seconds since the epoch. */
  readonly client_id_issued_at?: number
  /** Seconds since the epoch; 0 means never. */
  readonly client_secret_expires_at?: number
  readonly registration_access_token?: string
  readonly registration_client_uri?: string
  readonly redirect_uris: readonly string[]
  readonly token_type?: 'opaque' | 'jwt'
  readonly scope?: string
  readonly resource_url?: string
  readonly id_token_signed_response_alg?: string
  readonly [member: string]: unknown
}

/**
 * Registers a client dynamically (RFC 7591 §3).
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when the server has no registration endpoint, refuses, or does
 * not answer with 201 and a confidential client.
 */
export async function registerClient(
  server: AuthorizationServer,
  metadata: ClientMetadata,
  options: OAuthRequestOptions = {},
): Promise<RegisteredClient> {
  const what = 'the registration request'
  if (server.metadata.registration_endpoint === undefined) {
    throw new HarnessError('NCMC_OAUTH_REQUEST', `${what}: the issuer offers no registration_endpoint`)
  }
  const documentUrl = wellKnownUrl(server.issuer)
  try {
    const config = await oidc.dynamicClientRegistration(
      new URL(documentUrl),
      { ...metadata, redirect_uris: [...metadata.redirect_uris] },
      undefined,
      {
        execute: transportRules(documentUrl),
        timeout: (options.timeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS) / 1000,
        [oidc.customFetch]: answeringDiscovery(documentUrl, server, options.fetch ?? fetch),
      },
    )
    const { client_id, client_secret, ...answer } = config.clientMetadata()
    if (typeof client_secret !== 'string') {
      throw new HarnessError('NCMC_OAUTH_REQUEST', `${what}: the answer has no client_secret`)
    }
    const redirectUris = answer['redirect_uris']
    return {
      ...answer,
      client_id,
      client_secret,
      redirect_uris: Array.isArray(redirectUris) ? redirectUris.map(String) : metadata.redirect_uris,
    }
  } catch (thrown) {
    throw toOAuthRequestError(what, thrown)
  }
}

/**
 * Deletes a dynamically registered client (RFC 7592 §2.3). Does nothing for a client that came without
 * a `registration_client_uri`.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when the server does not answer with 204.
 */
export async function deleteClient(
  client: RegisteredClient,
  options: OAuthRequestOptions = {},
): Promise<void> {
  if (client.registration_client_uri === undefined) return
  const what = 'the client deletion'
  let status: number
  try {
    const response = await (options.fetch ?? fetch)(client.registration_client_uri, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${client.registration_access_token ?? ''}` },
      redirect: 'manual',
      signal: AbortSignal.timeout(options.timeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS),
    })
    await response.text()
    status = response.status
  } catch (thrown) {
    throw toOAuthRequestError(what, thrown)
  }
  if (status !== 204) {
    throw new HarnessError('NCMC_OAUTH_REQUEST', `${what} was refused (status ${status})`, {
      details: { status },
    })
  }
}

/** openid-client's registration always discovers first; the document is at hand, so that request stays here. */
function answeringDiscovery(
  documentUrl: string,
  server: AuthorizationServer,
  send: FetchLike,
): oidc.CustomFetch {
  return async (url, init) =>
    url === documentUrl ? Response.json(server.metadata) : send(url, init as RequestInit)
}

import { HarnessError } from '../errors.js'
import type { ConsentDecision, UserAgent, VisitedPage } from '../user-agent/user-agent.js'
import { CallbackServer } from './callback-server.js'
import {
  buildAuthorizationRequest,
  exchangeCode,
  obtainAuthorizationResponse,
  type TokenSet,
} from './code-flow.js'
import { discoverAuthorizationServer, type AuthorizationServer } from './discovery.js'
import type { FetchLike } from './fetch-like.js'
import { waitUntilClientVisible } from './propagation.js'
import { registerClient, type RegisteredClient } from './registration.js'

export interface MintInput {
  /** Base URL of the issuer, discovered first; or a server that was discovered before. */
  readonly issuer?: string
  readonly server?: AuthorizationServer
  /** Default: one is registered, and left registered. */
  readonly client?: RegisteredClient
  /** Access token format of the client that is registered. Default `opaque`. */
  readonly tokenFormat?: 'opaque' | 'jwt'
  readonly user: { readonly userId: string; readonly password: string }
  readonly userAgent: UserAgent
  /** Default `openid profile email`. */
  readonly scope?: string
  readonly resource?: string
  readonly consent?: ConsentDecision
  /** Default: a listener of its own, for as long as it takes. */
  readonly callback?: CallbackServer
  readonly fetch?: FetchLike
  /** Upper bound for the visit, ms. Default 30 000. */
  readonly timeoutMs?: number
}

export interface MintResult {
  readonly tokens: TokenSet
  readonly client: RegisteredClient
  readonly pages: readonly VisitedPage[]
}

/**
 * Gets real tokens for a user from end to end: discovery, registration (waiting until the client can be used),
 * login and consent by the user agent, code exchange.
 *
 * @throws {HarnessError} as the parts do; `NCMC_OAUTH_REQUEST` also when a fresh client does not become usable.
 */
export async function mintTokens(input: MintInput): Promise<MintResult> {
  const network = input.fetch === undefined ? {} : { fetch: input.fetch }
  const server = input.server ?? (await discover(input.issuer, network))
  const callback = input.callback ?? (await CallbackServer.start())
  try {
    const client = input.client ?? (await registerUsableClient(server, callback.redirectUri, input, network))
    const request = await buildAuthorizationRequest(server, client, {
      redirectUri: redirectUriFor(client, callback.redirectUri),
      ...(input.scope === undefined ? {} : { scope: input.scope }),
      ...(input.resource === undefined ? {} : { resource: input.resource }),
    })
    const response = await obtainAuthorizationResponse(request, {
      userAgent: input.userAgent,
      user: input.user,
      ...(input.consent === undefined ? {} : { consent: input.consent }),
      ...(request.redirectUri === callback.redirectUri ? { callback } : {}),
      ...(input.timeoutMs === undefined ? {} : { timeoutMs: input.timeoutMs }),
    })
    const tokens = await exchangeCode(server, client, request, response.callbackUrl, network)
    return { tokens, client, pages: response.pages }
  } finally {
    if (input.callback === undefined) await callback.close()
  }
}

async function discover(
  issuer: string | undefined,
  network: { readonly fetch?: FetchLike },
): Promise<AuthorizationServer> {
  if (issuer === undefined) throw new HarnessError('NCMC_INTERNAL', 'minting needs an issuer or a server')
  return discoverAuthorizationServer(issuer, network)
}

/** A client of ours is registered for our listener; a given one keeps its own redirect URI. */
function redirectUriFor(client: RegisteredClient, listenerUri: string): string {
  return client.redirect_uris.includes(listenerUri) ? listenerUri : (client.redirect_uris[0] ?? listenerUri)
}

async function registerUsableClient(
  server: AuthorizationServer,
  redirectUri: string,
  input: MintInput,
  network: { readonly fetch?: FetchLike },
): Promise<RegisteredClient> {
  const client = await registerClient(
    server,
    {
      client_name: 'nc-mcp-conformance',
      redirect_uris: [redirectUri],
      ...(input.tokenFormat === undefined ? {} : { token_type: input.tokenFormat }),
      ...(input.scope === undefined ? {} : { scope: input.scope }),
    },
    network,
  )
  // Providers without client management (RFC 7592) give no way to wait; the flow then shows what happens.
  if (client.registration_client_uri === undefined) return client
  const { visible, attempts, elapsedMs } = await waitUntilClientVisible(client, network)
  if (!visible) {
    throw new HarnessError(
      'NCMC_OAUTH_REQUEST',
      `the registered client was still unknown after ${attempts} reads in ${elapsedMs} ms`,
      { details: { attempts, elapsedMs } },
    )
  }
  return client
}

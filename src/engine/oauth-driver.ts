import type {
  MintedTokens,
  MintOptions,
  OAuthDriver,
  PendingCode,
  TokenFormat,
  UserName,
} from '../catalogue/context.js'
import type { Redactor } from '../evidence/redactor.js'
import type { NextcloudUser } from '../nextcloud/nextcloud.js'
import { buildAuthorizationRequest, exchangeCode, obtainAuthorizationResponse } from '../oauth/code-flow.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import { waitUntilClientVisible } from '../oauth/propagation.js'
import { registerClient, type ClientMetadata, type RegisteredClient } from '../oauth/registration.js'
import type { UserAgent } from '../user-agent/user-agent.js'
import { discoverLeniently } from './discover.js'

/** A loopback redirect URI that nobody listens on: the http agent stops before it. */
const SILENT_REDIRECT_URI = 'http://127.0.0.1:9/callback'

export interface OAuthDriverInput {
  readonly baseUrl: string
  readonly users: Readonly<Record<UserName, NextcloudUser>>
  /** Recording fetch. */
  readonly fetch: FetchLike
  readonly redactor: Redactor
  /** The http agent that logs in where the caller names no other; its pages are not part of the evidence. */
  readonly httpAgent: () => Promise<UserAgent>
  /** Resource identifier that tokens are asked for by default; `undefined` sends none. */
  readonly defaultResource: () => string | undefined
  /** Format of tokens whose caller names none. */
  readonly defaultFormat: TokenFormat
  /** How far the instance's clock is ahead of ours, seconds; private stacks move it. Default 0. */
  readonly clockSkewSeconds?: () => number
}

/** Makes the OAuth client of a check against one Nextcloud. */
export function createOAuthDriver(input: OAuthDriverInput): OAuthDriver {
  const { redactor } = input
  let server: Promise<AuthorizationServer> | undefined
  const clients = new Map<string, Promise<RegisteredClient>>()
  const visible = new Set<string>()

  const discover = (): Promise<AuthorizationServer> => {
    server ??= discoverLeniently(input.baseUrl, input.fetch)
    return server
  }

  const register = async (metadata: Partial<ClientMetadata> = {}): Promise<RegisteredClient> => {
    const client = await registerClient(
      await discover(),
      { client_name: 'nc-mcp-conformance', redirect_uris: [SILENT_REDIRECT_URI], ...metadata },
      { fetch: input.fetch },
    )
    redactor.learn('client_secret', client.client_secret)
    if (client.registration_access_token !== undefined) {
      redactor.learn('registration_access_token', client.registration_access_token)
    }
    return client
  }

  const sharedClient = (format: TokenFormat, redirectUri: string): Promise<RegisteredClient> => {
    const key = `${format} ${redirectUri}`
    const known = clients.get(key) ?? register({ token_type: format, redirect_uris: [redirectUri] })
    clients.set(key, known)
    return known
  }

  // How soon a fresh client works is judged by the race suite; every other flow waits until it does.
  const waitOnce = async (client: RegisteredClient): Promise<void> => {
    if (visible.has(client.client_id)) return
    visible.add(client.client_id)
    await waitUntilClientVisible(client, { fetch: input.fetch })
  }

  const obtainCode = async (
    who: UserName | NextcloudUser,
    options: MintOptions = {},
  ): Promise<PendingCode> => {
    const user = typeof who === 'string' ? input.users[who] : who
    redactor.learnCredentials(user.userId, user.password)
    const redirectUri =
      options.client?.redirect_uris[0] ?? options.callback?.redirectUri ?? SILENT_REDIRECT_URI
    const client = options.client ?? (await sharedClient(options.format ?? input.defaultFormat, redirectUri))
    const authorizationServer = await discover()
    await waitOnce(client)
    const resource =
      options.resource === undefined ? input.defaultResource() : (options.resource ?? undefined)
    const request = await buildAuthorizationRequest(authorizationServer, client, {
      redirectUri,
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      ...(resource === undefined ? {} : { resource }),
    })
    redactor.learn('code_verifier', request.codeVerifier)
    const response = await obtainAuthorizationResponse(request, {
      userAgent: options.userAgent ?? (await input.httpAgent()),
      user,
      ...(options.consent === undefined ? {} : { consent: options.consent }),
      ...(options.callback === undefined ? {} : { callback: options.callback }),
    })
    redactor.learn('code', response.code)
    return { server: authorizationServer, client, request, response }
  }

  const mint = async (who: UserName | NextcloudUser, options: MintOptions = {}): Promise<MintedTokens> => {
    const pending = await obtainCode(who, options)
    const tokens = await exchangeCode(
      pending.server,
      pending.client,
      pending.request,
      pending.response.callbackUrl,
      {
        fetch: input.fetch,
      },
    )
    for (const member of ['access_token', 'refresh_token', 'id_token'] as const) {
      const value = tokens[member]
      if (value !== undefined) redactor.learn(member, value)
    }
    return { server: pending.server, client: pending.client, request: pending.request, tokens }
  }

  const tokenRequest: OAuthDriver['tokenRequest'] = async (parameters, headers = {}) => {
    const { metadata } = await discover()
    return input.fetch(metadata.token_endpoint, {
      method: 'POST',
      headers: { ...headers },
      body: new URLSearchParams({ ...parameters }),
    })
  }

  return { discover, register, obtainCode, mint, tokenRequest }
}

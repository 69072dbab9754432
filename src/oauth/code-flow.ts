import * as oidc from 'openid-client'
import { HarnessError, quoteUntrusted } from '../errors.js'
import type { ConsentDecision, UserAgent, VisitedPage } from '../user-agent/user-agent.js'
import type { CallbackServer } from './callback-server.js'
import { asCustomFetch, transportRules, type AuthorizationServer } from './discovery.js'
import { DEFAULT_REQUEST_TIMEOUT_MS, type OAuthRequestOptions } from './fetch-like.js'
import { toOAuthRequestError } from './oauth-error.js'
import type { RegisteredClient } from './registration.js'

/** An authorization request with what its answer is checked against. Secret: holds the code verifier. */
export interface AuthorizationRequest {
  readonly url: string
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
  readonly redirectUri: string
  readonly scope: string
  /** Resource identifier that the token is asked for (RFC 8707). */
  readonly resource?: string
}

export interface AuthorizationRequestInput {
  readonly redirectUri: string
  /** Default `openid profile email`. */
  readonly scope?: string
  readonly resource?: string
  /** More parameters of the authorization request, e.g. `prompt`; they win over ours. */
  readonly extra?: Readonly<Record<string, string>>
}

/** A code, and how it was come by. Secret. */
export interface AuthorizationResponse {
  readonly callbackUrl: string
  readonly code: string
  readonly state: string
  readonly pages: readonly VisitedPage[]
}

/** The token endpoint's answer with wire spelling. Secret. */
export interface TokenSet {
  readonly access_token: string
  readonly token_type: string
  /** Seconds. */
  readonly expires_in?: number
  readonly id_token?: string
  readonly refresh_token?: string
  readonly scope?: string
  /** When the answer arrived, milliseconds since the epoch. */
  readonly obtainedAtMs: number
}

export interface AuthorizationVisitInput {
  readonly userAgent: UserAgent
  readonly user: { readonly userId: string; readonly password: string }
  /** Default `allow`. */
  readonly consent?: ConsentDecision
  /** The listener at the request's redirect URI. Browsers need one; the http agent stops before it. */
  readonly callback?: CallbackServer
  /** Upper bound for the visit, ms. Default 30 000. */
  readonly timeoutMs?: number
}

export interface TokenRequestOptions extends OAuthRequestOptions {
  /** Seconds that the issuer's clock is ahead of ours; negative when it is behind. Default 0. */
  readonly clockSkewSeconds?: number
}

const DEFAULT_SCOPE = 'openid profile email'
const DEFAULT_VISIT_TIMEOUT_MS = 30_000

/** Builds an authorization request with PKCE S256 (RFC 7636), a random state and a random nonce. */
export async function buildAuthorizationRequest(
  server: AuthorizationServer,
  client: RegisteredClient,
  input: AuthorizationRequestInput,
): Promise<AuthorizationRequest> {
  const codeVerifier = oidc.randomPKCECodeVerifier()
  const state = oidc.randomState()
  const nonce = oidc.randomNonce()
  const scope = input.scope ?? DEFAULT_SCOPE
  const url = oidc.buildAuthorizationUrl(configure(server, client, {}), {
    redirect_uri: input.redirectUri,
    scope,
    state,
    nonce,
    code_challenge: await oidc.calculatePKCECodeChallenge(codeVerifier),
    code_challenge_method: 'S256',
    ...(input.resource === undefined ? {} : { resource: input.resource }),
    ...input.extra,
  })
  return {
    url: url.href,
    state,
    nonce,
    codeVerifier,
    redirectUri: input.redirectUri,
    scope,
    ...(input.resource === undefined ? {} : { resource: input.resource }),
  }
}

/**
 * Sends the user through the authorization request and returns the code.
 *
 * @throws {HarnessError} `NCMC_FLOW_FAILED` with `details` `{ error?, pages: [{ kind, url, title }] }` when the
 * answer is an error or never reaches the client, `NCMC_FLOW_TIMEOUT`, and whatever the user agent throws.
 */
export async function obtainAuthorizationResponse(
  request: AuthorizationRequest,
  input: AuthorizationVisitInput,
): Promise<AuthorizationResponse> {
  const timeoutMs = input.timeoutMs ?? DEFAULT_VISIT_TIMEOUT_MS
  const pending = input.callback?.expect(request.state, { timeoutMs })
  try {
    const visit = await input.userAgent.authorize({
      authorizationUrl: request.url,
      redirectUri: request.redirectUri,
      userId: input.user.userId,
      password: input.user.password,
      consent: input.consent ?? 'allow',
      timeoutMs,
    })
    if (visit.callbackUrl === null) {
      const text = visit.lastPageText === undefined ? '' : `: ${quoteUntrusted(visit.lastPageText)}`
      throw flowFailed(`the visit ended at ${describeLastPage(visit.pages)}${text}`, visit.pages)
    }
    const reachedListener = pending !== undefined && input.userAgent.kind === 'browser'
    const callbackUrl = reachedListener ? await pending.response : new URL(visit.callbackUrl)
    return readResponse(request, callbackUrl, visit.pages)
  } finally {
    pending?.cancel()
  }
}

/**
 * Exchanges the code for tokens (RFC 6749 §4.1.3) with PKCE and `resource`; state, nonce, the ID token's claims
 * and its signature are checked.
 *
 * @param callbackUrl the full URL of the authorization response.
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` with `details` `{ error?, status?, code? }`.
 */
export async function exchangeCode(
  server: AuthorizationServer,
  client: RegisteredClient,
  request: AuthorizationRequest,
  callbackUrl: string,
  options: TokenRequestOptions = {},
): Promise<TokenSet> {
  try {
    const answer = await oidc.authorizationCodeGrant(
      configure(server, client, options),
      new URL(callbackUrl),
      {
        pkceCodeVerifier: request.codeVerifier,
        expectedState: request.state,
        ...(request.scope.split(' ').includes('openid')
          ? { expectedNonce: request.nonce, idTokenExpected: true }
          : {}),
      },
      request.resource === undefined ? {} : { resource: request.resource },
    )
    return toTokenSet(answer)
  } catch (thrown) {
    throw toOAuthRequestError('the token request for the code', thrown)
  }
}

/**
 * Trades a refresh token for new tokens (RFC 6749 §6).
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` with `details` `{ error?, status?, code? }`.
 */
export async function refreshTokens(
  server: AuthorizationServer,
  client: RegisteredClient,
  refreshToken: string,
  options: TokenRequestOptions = {},
): Promise<TokenSet> {
  try {
    return toTokenSet(await oidc.refreshTokenGrant(configure(server, client, options), refreshToken))
  } catch (thrown) {
    throw toOAuthRequestError('the token request for the refresh token', thrown)
  }
}

function configure(
  server: AuthorizationServer,
  client: RegisteredClient,
  options: TokenRequestOptions,
): oidc.Configuration {
  const algorithm = client.id_token_signed_response_alg
  const config = new oidc.Configuration(
    server.metadata as unknown as oidc.ServerMetadata,
    client.client_id,
    {
      client_secret: client.client_secret,
      ...(algorithm === undefined ? {} : { id_token_signed_response_alg: algorithm }),
      [oidc.clockSkew]: options.clockSkewSeconds ?? 0,
    },
    oidc.ClientSecretPost(client.client_secret),
  )
  config.timeout = (options.timeoutMs ?? DEFAULT_REQUEST_TIMEOUT_MS) / 1000
  config[oidc.customFetch] = asCustomFetch(options.fetch)
  for (const allow of transportRules(server.issuer)) allow(config)
  // HMAC-signed ID tokens have no public key; the token endpoint's own authentication stands for them.
  if (algorithm?.startsWith('HS') !== true) oidc.enableNonRepudiationChecks(config)
  return config
}

function toTokenSet(answer: oidc.TokenEndpointResponse): TokenSet {
  return {
    access_token: answer.access_token,
    token_type: answer.token_type,
    ...(answer.expires_in === undefined ? {} : { expires_in: answer.expires_in }),
    ...(answer.id_token === undefined ? {} : { id_token: answer.id_token }),
    ...(answer.refresh_token === undefined ? {} : { refresh_token: answer.refresh_token }),
    ...(answer.scope === undefined ? {} : { scope: answer.scope }),
    obtainedAtMs: Date.now(),
  }
}

function readResponse(
  request: AuthorizationRequest,
  callbackUrl: URL,
  pages: readonly VisitedPage[],
): AuthorizationResponse {
  const { searchParams } = callbackUrl
  const error = searchParams.get('error')
  if (error !== null) {
    const description = searchParams.get('error_description')
    const text = description === null ? '' : ` ${quoteUntrusted(description)}`
    throw flowFailed(
      `the authorization response is the error ${quoteUntrusted(error, 80)}${text}`,
      pages,
      error,
    )
  }
  const state = searchParams.get('state')
  if (state !== request.state) throw flowFailed('the authorization response carries another state', pages)
  const code = searchParams.get('code') ?? ''
  if (code === '') throw flowFailed('the authorization response carries no code', pages)
  return { callbackUrl: callbackUrl.href, code, state, pages }
}

function flowFailed(reason: string, pages: readonly VisitedPage[], error?: string): HarnessError {
  return new HarnessError('NCMC_FLOW_FAILED', `no authorization code: ${reason}`, {
    details: {
      ...(error === undefined ? {} : { error: error.slice(0, 200) }),
      pages: pages.map(({ kind, url, title }) => ({ kind, url, title })),
    },
  })
}

function describeLastPage(pages: readonly VisitedPage[]): string {
  const page = pages.at(-1)
  return page === undefined ? 'no page' : `the ${page.kind} page ${quoteUntrusted(page.url)}`
}

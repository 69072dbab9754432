import { HarnessError } from '../errors.js'
import { buildAuthorizationRequest, type AuthorizationRequest } from '../oauth/code-flow.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import type { RegisteredClient } from '../oauth/registration.js'
import type { PersonSession } from '../user-agent/person-session.js'
import { textOfPage } from './answer-text.js'
import type { Step } from './model.js'
import { refusalBy, type Answer, type StepOutcome, type Wire } from './wire.js'

/** Nobody listens there, and nobody is asked: visits end before the redirect is followed. */
export const REDIRECT_URI = 'http://127.0.0.1:9/race/callback'

/** What the client of a trial asks for. HMAC-signed ID tokens spare thousands of RSA signatures that nobody reads. */
export const CLIENT_METADATA = {
  client_name: 'nc-mcp-conformance race',
  redirect_uris: [REDIRECT_URI],
  id_token_signed_response_alg: 'HS256',
}

/** The authorization requests of a laboratory, made once: they differ in their client alone. Secret. */
export interface AuthorizationRequests {
  readonly loggedIn: AuthorizationRequest
  /** With `prompt=none`. */
  readonly loggedOut: AuthorizationRequest
}

const ANY_CLIENT: RegisteredClient = { client_id: '-', client_secret: '-', redirect_uris: [REDIRECT_URI] }

/**
 * With PKCE, state and nonce, which all trials share: what is measured does not depend on them.
 *
 * @param resource resource identifier that tokens are asked for (RFC 8707). Default: none.
 */
export async function prepareAuthorization(
  server: AuthorizationServer,
  resource?: string,
): Promise<AuthorizationRequests> {
  const redirect = { redirectUri: REDIRECT_URI, ...(resource === undefined ? {} : { resource }) }
  return {
    loggedIn: await buildAuthorizationRequest(server, ANY_CLIENT, redirect),
    loggedOut: await buildAuthorizationRequest(server, ANY_CLIENT, {
      ...redirect,
      extra: { prompt: 'none' },
    }),
  }
}

function urlFor({ url }: AuthorizationRequest, client: RegisteredClient): string {
  const own = new URL(url)
  own.searchParams.set('client_id', client.client_id)
  return own.href
}

/** A code with the request that it answers. Secret. */
export interface IssuedCode {
  readonly code: string
  readonly request: AuthorizationRequest
}

/** RFC 7591 §3. */
export async function register(
  wire: Wire,
  server: AuthorizationServer,
): Promise<StepOutcome<RegisteredClient>> {
  const endpoint = server.metadata.registration_endpoint
  if (endpoint === undefined) {
    throw new HarnessError(
      'NCMC_NEXTCLOUD_UNSUITABLE',
      'the Nextcloud offers no registration_endpoint; switch dynamic client registration on in its oidc app',
    )
  }
  const answer = await wire.send('register', endpoint, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(CLIENT_METADATA),
  })
  const client = answer.status === 201 ? clientOf(answer) : undefined
  return client === undefined ? refused(answer) : { ok: true, value: client }
}

/** Reads the client's configuration (RFC 7592 §2.1). */
export async function readClient(wire: Wire, client: RegisteredClient): Promise<StepOutcome<undefined>> {
  const answer = await wire.send('read-client', client.registration_client_uri ?? '', {
    headers: {
      authorization: `Bearer ${client.registration_access_token ?? ''}`,
      accept: 'application/json',
    },
  })
  return answer.status === 200 && answer.json['client_id'] === client.client_id ? DONE : refused(answer)
}

/** `prompt=none` without a session: a known client gets `login_required` at its redirect URI (OIDC Core §3.1.2.6). */
export async function authorizeLoggedOut(
  wire: Wire,
  { loggedOut }: AuthorizationRequests,
  client: RegisteredClient,
): Promise<StepOutcome<undefined>> {
  const url = urlFor(loggedOut, client)
  const answer = await wire.send('authorize-logged-out', url, { headers: { accept: 'text/html' } })
  const known = answer.location?.href.startsWith(REDIRECT_URI) === true
  if (known && answer.location.searchParams.get('error') === 'login_required') return DONE
  wire.judge(false)
  return refused(answer)
}

/**
 * A person who is logged in goes through the authorization request (RFC 6749 §4.1.1) and consents.
 *
 * @param step what its requests are in the timeline.
 */
export async function authorizeLoggedIn(
  wire: Wire,
  { loggedIn: request }: AuthorizationRequests,
  client: RegisteredClient,
  person: PersonSession,
  step: Extract<Step, 'authorize-logged-in' | 'session'> = 'authorize-logged-in',
): Promise<StepOutcome<IssuedCode>> {
  try {
    const visit = await person.visit(urlFor(request, client), {
      stopAt: ['login'],
      fetch: wire.fetchAs(step),
    })
    if (visit.callbackUrl?.startsWith(REDIRECT_URI) === true) {
      const { searchParams } = new URL(visit.callbackUrl)
      const code = searchParams.get('code')
      if (code !== null) return { ok: true, value: { code, request } }
      wire.judge(false)
      return {
        ok: false,
        answer: { status: visit.lastPageStatus ?? null, error: searchParams.get('error') ?? '' },
      }
    }
    wire.judge(false)
    if (visit.pages.at(-1)?.kind === 'login') {
      return { ok: false, answer: { status: visit.lastPageStatus ?? null, error: 'the login page' } }
    }
    const description = textOfPage(visit.lastPageText ?? '')
    return { ok: false, answer: { status: visit.lastPageStatus ?? null, description } }
  } catch (error) {
    if (!(error instanceof HarnessError)) throw error
    return { ok: false, answer: { status: null, error: wire.entries.at(-1)?.note ?? 'no answer' } }
  }
}

/** Exchanges the code (RFC 6749 §4.1.3). The value is the access token. */
export async function exchange(
  wire: Wire,
  server: AuthorizationServer,
  client: RegisteredClient,
  { code, request }: IssuedCode,
): Promise<StepOutcome<string>> {
  const answer = await wire.send('token', server.metadata.token_endpoint, {
    method: 'POST',
    headers: { accept: 'application/json' },
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code,
      redirect_uri: request.redirectUri,
      code_verifier: request.codeVerifier,
      client_id: client.client_id,
      client_secret: client.client_secret,
    }),
  })
  const token = answer.json['access_token']
  return answer.status === 200 && typeof token === 'string' ? { ok: true, value: token } : refused(answer)
}

/** OIDC Core §5.3: what a server of opaque tokens validates them by. */
export async function userinfo(
  wire: Wire,
  server: AuthorizationServer,
  token: string,
): Promise<StepOutcome<undefined>> {
  const answer = await wire.send('userinfo', server.metadata.userinfo_endpoint ?? '', {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json' },
  })
  return answer.status === 200 && typeof answer.json['sub'] === 'string' ? DONE : refused(answer)
}

/** The token on one of Nextcloud's own APIs. */
export async function callApi(wire: Wire, baseUrl: string, token: string): Promise<StepOutcome<undefined>> {
  const answer = await wire.send('api', `${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
    headers: { authorization: `Bearer ${token}`, accept: 'application/json', 'ocs-apirequest': 'true' },
  })
  return answer.status === 200 ? DONE : refused(answer)
}

/** Whether the discovery document answers; it says nothing about any client. */
export async function discoveryAnswers(wire: Wire, documentUrl: string): Promise<boolean> {
  const answer = await wire.send('discovery', documentUrl, { headers: { accept: 'application/json' } })
  return answer.status === 200 && typeof answer.json['issuer'] === 'string'
}

const DONE = { ok: true, value: undefined } as const

function refused(answer: Answer): StepOutcome<never> {
  return { ok: false, answer: refusalBy(answer) }
}

function clientOf({ json }: Answer): RegisteredClient | undefined {
  const { client_id: id, client_secret: secret } = json
  return typeof id === 'string' && typeof secret === 'string'
    ? { ...json, client_id: id, client_secret: secret, redirect_uris: [REDIRECT_URI] }
    : undefined
}

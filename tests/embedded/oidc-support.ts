import { createHash, randomBytes } from 'node:crypto'
import type { Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../src/nextcloud/embedded/context.js'
import { createContext } from '../../src/nextcloud/embedded/create-context.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { createEmbeddedApp } from '../../src/nextcloud/embedded/server.js'

export const ORIGIN = 'http://cloud.test'
export const CALLBACK = 'http://127.0.0.1:9399/callback'
const OIDC = `${ORIGIN}/index.php/apps/oidc`

export interface Client {
  readonly client_id: string
  readonly client_secret: string
  readonly registration_access_token: string
  readonly registration_client_uri: string
}

export interface Tokens {
  readonly access_token: string
  readonly id_token: string
  readonly refresh_token?: string
  readonly expires_in: number
}

/** An embedded Nextcloud without a socket and a user agent with a cookie jar. */
export class TestCloud {
  readonly ctx: EmbeddedContext
  readonly app: Hono<EmbeddedEnv>
  readonly #cookies = new Map<string, string>()
  /** Of the profiles that demand PKCE; sent where a test says nothing else. */
  readonly #pkce = pkce()

  constructor(options: EmbeddedOptions = {}) {
    const users = ['alice', 'bob'].map((userId) => ({
      userId,
      password: `${userId}-password`,
      displayName: userId === 'bob' ? 'Bob Ross Builder' : 'Alice',
      email: `${userId}@example.com`,
    }))
    this.ctx = createContext({ consent: false, ...options }, users)
    this.app = createEmbeddedApp(this.ctx)
  }

  /** Sends a request with the jar's cookies and keeps the new ones. */
  async send(url: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    const cookies = Array.from(this.#cookies, ([name, value]) => `${name}=${value}`).join('; ')
    if (cookies !== '') headers.set('cookie', cookies)
    const response = await this.app.request(new URL(url, ORIGIN).href, { ...init, headers })
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      if (value === '' || value === 'deleted') this.#cookies.delete(name)
      else this.#cookies.set(name, value)
    }
    return response
  }

  /** Sends a request that belongs to no browser. */
  async sendBare(url: string, init: RequestInit = {}): Promise<Response> {
    return this.app.request(new URL(url, ORIGIN).href, init)
  }

  form(path: string, fields: Record<string, string>, headers: Record<string, string> = {}) {
    return this.sendBare(`${OIDC}${path}`, { method: 'POST', body: new URLSearchParams(fields), headers })
  }

  async register(metadata: Record<string, unknown> = {}): Promise<Client> {
    const response = await this.registerResponse(metadata)
    return (await response.json()) as Client
  }

  registerResponse(metadata: Record<string, unknown> = {}): Promise<Response> {
    return this.sendBare(`${OIDC}/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ redirect_uris: [CALLBACK], ...metadata }),
    })
  }

  async login(userId = 'alice', loginUrl = '/index.php/login'): Promise<Response> {
    const page = await (await this.send(loginUrl)).text()
    const redirectUrl = new URL(loginUrl, ORIGIN).searchParams.get('redirect_url')
    return this.send(loginUrl, {
      method: 'POST',
      headers: { origin: ORIGIN },
      body: new URLSearchParams({
        user: userId,
        password: `${userId}-password`,
        requesttoken: requestToken(page),
        timezone: 'UTC',
        timezone_offset: '0',
        ...(redirectUrl === null ? {} : { redirect_url: redirectUrl }),
      }),
    })
  }

  authorize(client: Client, parameters: Record<string, string> = {}): Promise<Response> {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: CALLBACK,
      scope: 'openid profile email',
      state: 'st-1',
      ...(this.ctx.profile.quirks.weakPkce ? {} : this.#pkce.parameters),
      ...parameters,
    })
    return this.send(`${OIDC}/authorize?${query.toString()}`)
  }

  async code(client: Client, parameters: Record<string, string> = {}): Promise<string> {
    return callbackOf(await this.authorize(client, parameters)).get('code') ?? ''
  }

  token(client: Client, fields: Record<string, string>): Promise<Response> {
    const { client_id, client_secret } = client
    return this.form('/token', { client_id, client_secret, ...fields })
  }

  exchange(client: Client, code: string, fields: Record<string, string> = {}): Promise<Response> {
    const bound = this.ctx.profile.quirks.weakPkce
      ? {}
      : { redirect_uri: CALLBACK, code_verifier: this.#pkce.verifier }
    return this.token(client, { grant_type: 'authorization_code', code, ...bound, ...fields })
  }

  refresh(client: Client, refreshToken: string): Promise<Response> {
    return this.token(client, { grant_type: 'refresh_token', refresh_token: refreshToken })
  }

  /** Logs in unless done, authorizes and exchanges. */
  async tokens(client: Client, parameters: Record<string, string> = {}): Promise<Tokens> {
    const code = await this.code(client, parameters)
    return (await (await this.exchange(client, code)).json()) as Tokens
  }

  userinfo(accessToken: string): Promise<Response> {
    return this.sendBare(`${OIDC}/userinfo`, { headers: { authorization: `Bearer ${accessToken}` } })
  }

  introspect(client: Client, accessToken: string): Promise<Response> {
    const { client_id, client_secret } = client
    return this.form('/introspect', { client_id, client_secret, token: accessToken })
  }

  configure(client: Client, method: string, token: string, body?: unknown): Promise<Response> {
    return this.sendBare(client.registration_client_uri, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    })
  }
}

export async function loggedInCloud(options: EmbeddedOptions = {}): Promise<TestCloud> {
  const cloud = new TestCloud(options)
  await cloud.login()
  return cloud
}

export function location(response: Response): string {
  return response.headers.get('location') ?? ''
}

/** Response parameters of a redirect to the callback, from the query or the fragment. */
export function callbackOf(response: Response): URLSearchParams {
  const url = new URL(location(response), ORIGIN)
  return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1))
}

export function requestToken(html: string): string {
  return /data-requesttoken="([^"]+)"/.exec(html)?.[1] ?? ''
}

export async function oauthErrorOf(response: Response): Promise<[number, string, string]> {
  const body = (await response.json()) as { error: string; error_description: string }
  return [response.status, body.error, body.error_description]
}

export async function json(response: Response): Promise<Record<string, unknown>> {
  return (await response.json()) as Record<string, unknown>
}

export interface Pkce {
  readonly verifier: string
  readonly parameters: { code_challenge: string; code_challenge_method: string }
}

export function pkce(): Pkce {
  const verifier = randomBytes(32).toString('base64url')
  const code_challenge = createHash('sha256').update(verifier).digest('base64url')
  return { verifier, parameters: { code_challenge, code_challenge_method: 'S256' } }
}

import type { CookieTrail } from './cookie-trail.js'
import type { Lifecycle } from './lifecycle.js'
import type { ServerMutant } from './mutants.js'
import { NextcloudFailure, NextcloudStatusError } from './nextcloud-errors.js'

export type Credentials =
  | { readonly scheme: 'basic'; readonly username: string; readonly password: string }
  | { readonly scheme: 'bearer'; readonly token: string; readonly userId: string }
  /** What `s-basic-forwards-authorization` uses. */
  | { readonly scheme: 'forwarded'; readonly authorization: string }
  | { readonly scheme: 'none' }

export interface NextcloudClientOptions {
  /** Base URL without trailing slash. */
  readonly baseUrl: string
  /** Asked for every request, so that it can only be the credentials of the request that is served. */
  readonly credentials: () => Promise<Credentials>
  readonly mutants: ReadonlySet<ServerMutant>
  readonly lifecycle: Lifecycle
  /** Serves a mutant only. */
  readonly cookies?: CookieTrail
  /** Ends the request when the MCP client cancels its call. */
  readonly signal?: AbortSignal
}

export interface NextcloudRequest {
  /** Default `GET`; WebDAV methods too. */
  readonly method?: string
  /** Path from the base URL, percent-encoded, with query. */
  readonly path: string
  readonly json?: unknown
  /** Sent as it is; give its type in `headers`. */
  readonly body?: string | Buffer
  readonly headers?: Readonly<Record<string, string>>
}

export interface NextcloudResponse {
  /** 2xx */
  readonly status: number
  readonly headers: Headers
  readonly body: Buffer
}

/** From the request to the head of the answer, and a second more for each MiB that is sent. */
const ANSWER_MS = 10_000
const UPLOAD_MS_PER_MIB = 1_000
/** For the body of an answer that has begun. */
const DOWNLOAD_MS = 60_000
const REFUSED = {
  basic:
    'Nextcloud refused the configured credentials (HTTP 401): check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD',
  bearer:
    'Nextcloud refused the credentials of this request (HTTP 401): the access token is not accepted there',
  forwarded: 'Nextcloud refused the credentials of the client (HTTP 401)',
  none: 'Nextcloud asks for credentials (HTTP 401)',
}

/**
 * Calls Nextcloud's APIs with Basic or Bearer credentials. Keeps no cookies (a session cookie would be a
 * second way to be a user), follows no redirects (they would carry the credentials elsewhere), retries
 * nothing. No error text holds a credential or an internal URL.
 */
export class NextcloudClient {
  readonly #options: NextcloudClientOptions
  /** Canonical ids by login name; shared with the clients that `withSignal` makes. */
  readonly #userIds: Map<string, string>

  constructor(options: NextcloudClientOptions, userIds = new Map<string, string>()) {
    this.#options = options
    this.#userIds = userIds
  }

  /** Path of the base URL, without trailing slash: empty unless Nextcloud is in a folder of its host. */
  get basePath(): string {
    return new URL(this.#options.baseUrl).pathname.replace(/\/+$/, '')
  }

  /** The same client, whose requests end when `signal` does. */
  withSignal(signal: AbortSignal): NextcloudClient {
    return new NextcloudClient({ ...this.#options, signal }, this.#userIds)
  }

  /**
   * One request; at most 10 s (and a second for each MiB sent) until the answer begins, and a minute for its body.
   *
   * @throws {NextcloudStatusError} for a status outside 2xx that a tool may word (403, 404, 409, 412, 413, 5xx …).
   * @throws {NextcloudFailure} when the answer means the same for every tool: not reachable, too slow,
   * credentials refused, rate limited, unavailable, redirected.
   */
  async request(request: NextcloudRequest): Promise<NextcloudResponse> {
    const { baseUrl, mutants, lifecycle, signal, cookies } = this.#options
    const credentials = await this.#options.credentials()
    const timeout = new AbortController()
    let timer = setTimeout(() => timeout.abort(), answerMs(request))
    const headers = new Headers({
      Accept: 'application/json',
      ...request.headers,
      ...authorizationOf(credentials),
    })
    // Without it Nextcloud's Notes API refuses bearer tokens ("CORS requires basic auth").
    headers.set('OCS-APIRequest', 'true')
    if (request.json !== undefined) headers.set('Content-Type', 'application/json')
    const userId = credentials.scheme === 'bearer' ? credentials.userId : ''
    const foreign = cookies?.ofAnother(userId)
    if (foreign !== undefined && mutants.has('s-shared-cookie-jar')) headers.set('Cookie', foreign)
    const fail = (reason: string): NextcloudFailure =>
      new NextcloudFailure(
        mutants.has('s-password-in-error') ? reason + urlWithCredentials(baseUrl, credentials) : reason,
      )
    try {
      const response = await fetch(baseUrl + request.path, {
        method: request.method ?? 'GET',
        headers,
        redirect: 'manual',
        signal: signal === undefined ? timeout.signal : AbortSignal.any([signal, timeout.signal]),
        ...(request.json === undefined ? {} : { body: JSON.stringify(request.json) }),
        ...(request.body === undefined ? {} : { body: request.body as NonNullable<RequestInit['body']> }),
      })
      cookies?.remember(userId, response.headers.getSetCookie())
      clearTimeout(timer)
      timer = setTimeout(() => timeout.abort(), DOWNLOAD_MS)
      const body = Buffer.from(await response.arrayBuffer())
      if (response.ok) return { status: response.status, headers: response.headers, body }
      if (response.status === 401) {
        if (credentials.scheme === 'bearer' && mutants.has('s-upstream-401-as-empty'))
          return { status: 200, headers: response.headers, body: Buffer.from('[]') }
        if (mutants.has('s-crash-on-401')) lifecycle.die('Nextcloud answered 401')
        throw fail(REFUSED[credentials.scheme])
      }
      if (response.status === 429)
        throw fail('Nextcloud has rate limited this server (HTTP 429): try again later')
      if (response.status === 503) throw fail('Nextcloud is unavailable (HTTP 503): it may be in maintenance')
      if (response.status < 400) throw fail('Nextcloud redirected the request: check NEXTCLOUD_HOST')
      throw new NextcloudStatusError(response.status, response.statusText)
    } catch (error) {
      if (error instanceof NextcloudFailure || error instanceof NextcloudStatusError) throw error
      if (timeout.signal.aborted) throw fail('Nextcloud did not answer in time')
      if (signal?.aborted === true) throw fail('The call was cancelled')
      if (mutants.has('s-dies-when-nextcloud-down')) lifecycle.die('Nextcloud is not reachable')
      throw fail('Nextcloud is not reachable')
    } finally {
      clearTimeout(timer)
    }
  }

  /**
   * A request whose answer is JSON.
   *
   * @throws {NextcloudFailure} also when the answer is something else, such as an HTML page.
   */
  async requestJson(
    request: NextcloudRequest,
  ): Promise<{ readonly headers: Headers; readonly json: unknown }> {
    const { headers, body } = await this.request(request)
    try {
      return { headers, json: JSON.parse(body.toString('utf8')) }
    } catch {
      throw new NextcloudFailure('Nextcloud gave an answer that is no JSON')
    }
  }

  /** The canonical user id, which WebDAV paths need; a login name may differ from it (letter case, email). */
  async userId(): Promise<string> {
    const { mutants } = this.#options
    const credentials = await this.#options.credentials()
    if (credentials.scheme === 'bearer') return credentials.userId
    const loginName = credentials.scheme === 'basic' ? credentials.username : ''
    if (mutants.has('s-login-name-in-paths')) return loginName
    const known = this.#userIds.get(loginName)
    if (known !== undefined) return known
    const { json } = await this.requestJson({ path: '/ocs/v2.php/cloud/user?format=json' })
    const id = (json as { ocs?: { data?: { id?: unknown } } } | null)?.ocs?.data?.id
    if (typeof id !== 'string') throw new NextcloudFailure('Nextcloud did not tell the user id')
    this.#userIds.set(loginName, id)
    return id
  }
}

function answerMs({ body }: NextcloudRequest): number {
  return ANSWER_MS + (Buffer.byteLength(body ?? '') / 2 ** 20) * UPLOAD_MS_PER_MIB
}

function authorizationOf(credentials: Credentials): Record<string, string> {
  if (credentials.scheme === 'none') return {}
  if (credentials.scheme === 'forwarded') return { Authorization: credentials.authorization }
  if (credentials.scheme === 'bearer') return { Authorization: `Bearer ${credentials.token}` }
  const pair = Buffer.from(`${credentials.username}:${credentials.password}`).toString('base64')
  return { Authorization: `Basic ${pair}` }
}

/** What `s-password-in-error` leaks. */
function urlWithCredentials(baseUrl: string, credentials: Credentials): string {
  if (credentials.scheme !== 'basic') return ''
  return ` (${baseUrl.replace('://', `://${credentials.username}:${credentials.password}@`)})`
}

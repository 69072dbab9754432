import { parse, type HTMLElement } from 'node-html-parser'
import { CookieJar } from 'tough-cookie'
import type { FetchLike } from '../oauth/fetch-like.js'
import { shortenText } from './pages.js'
import { unreachable } from './visit-errors.js'

/** An answer as the driver needs it. */
export interface HttpAnswer {
  readonly url: string
  readonly status: number
  /** Absolute target of a redirect; absent on pages. */
  readonly location?: string
  readonly body: string
}

export interface HttpForm {
  readonly fields: Readonly<Record<string, string>>
  readonly headers: Readonly<Record<string, string>>
}

/** One visit's browser-like state: cookies, no redirects followed by itself, one deadline for everything. */
export class HttpSession {
  // Container host names are single labels, which the public suffix rules would refuse.
  #jar = new CookieJar(undefined, { rejectPublicSuffixes: false, looseMode: true })
  readonly #fetch: FetchLike
  readonly #signal: AbortSignal

  constructor(send: FetchLike, signal: AbortSignal) {
    this.#fetch = send
    this.#signal = signal
  }

  /** The same cookies and deadline, another way to send. */
  sentBy(send: FetchLike): HttpSession {
    const other = new HttpSession(send, this.#signal)
    other.#jar = this.#jar
    return other
  }

  get(url: string): Promise<HttpAnswer> {
    return this.#send(url, { headers: { accept: 'text/html' } })
  }

  post(url: string, form: HttpForm): Promise<HttpAnswer> {
    return this.#send(url, { method: 'POST', headers: form.headers, body: new URLSearchParams(form.fields) })
  }

  async #send(url: string, init: RequestInit): Promise<HttpAnswer> {
    const headers = new Headers(init.headers)
    const cookie = await this.#jar.getCookieString(url)
    if (cookie !== '') headers.set('cookie', cookie)
    try {
      const response = await this.#fetch(url, { ...init, headers, redirect: 'manual', signal: this.#signal })
      for (const line of response.headers.getSetCookie()) {
        await this.#jar.setCookie(line, url, { ignoreError: true })
      }
      const body = await response.text()
      const location = response.headers.get('location')
      const isRedirect = response.status >= 300 && response.status < 400 && location !== null
      return {
        url,
        status: response.status,
        body,
        ...(isRedirect && URL.canParse(location, url) ? { location: new URL(location, url).href } : {}),
      }
    } catch (thrown) {
      // The visit itself knows why its signal was aborted.
      if (this.#signal.aborted) throw thrown
      throw unreachable(url, networkReason(thrown))
    }
  }
}

/** A page of Nextcloud, as far as a driver without scripts can see it. */
export class HttpPage {
  readonly #root: HTMLElement

  constructor(html: string) {
    this.#root = parse(html, { blockTextElements: { script: false, noscript: false, style: false } })
  }

  get title(): string {
    return shortenText(this.#root.querySelector('title')?.text ?? '')
  }

  get text(): string {
    return shortenText((this.#root.querySelector('body') ?? this.#root).structuredText)
  }

  /** Nextcloud's CSRF token of this page; empty when the page has none. */
  get requestToken(): string {
    return this.#root.querySelector('head')?.getAttribute('data-requesttoken') ?? ''
  }

  /** Attribute of the first element that matches, decoded. */
  attribute(selector: string, name: string): string | undefined {
    return this.#root.querySelector(selector)?.getAttribute(name)
  }
}

function networkReason(thrown: unknown): string {
  if (!(thrown instanceof Error)) return 'unknown reason'
  return thrown.cause instanceof Error ? thrown.cause.message : thrown.message
}

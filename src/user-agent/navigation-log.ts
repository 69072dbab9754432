import type { Page, Request, Response } from 'playwright'
import { reachesRedirectUri, withoutParameters } from './pages.js'

/** What happened to the main frame of a page. */
export type Navigation =
  | {
      /** A document is there, parsed, its scripts run. */
      readonly type: 'document'
      readonly url: string
      /** Absent where the browser shows something without an HTTP answer. */
      readonly status?: number
      readonly method?: string
    }
  | { readonly type: 'failed'; readonly url: string; readonly reason: string }
  | { readonly type: 'closed'; readonly reason: string }

/**
 * The main frame's navigations in order, redirects left out, and the authorization response as soon as the
 * browser is sent to it. Requests of scripts are not navigations: a code that a background fetch threw away
 * never counts.
 */
export class NavigationLog {
  readonly #page: Page
  readonly #redirectUri: string
  readonly #queue: Navigation[] = []
  #wake: (() => void) | undefined
  #callbackUrl: string | undefined
  #lastAnswer: Response | undefined

  constructor(page: Page, redirectUri: string) {
    this.#page = page
    this.#redirectUri = redirectUri
    page.on('request', (request) => {
      if (this.#isNavigation(request)) this.#noteCallback(request.url())
    })
    page.on('response', (response) => {
      if (this.#isNavigation(response.request())) this.#onResponse(response)
    })
    page.on('domcontentloaded', () => {
      this.#onDocument(page.url())
    })
    page.on('requestfailed', (request) => {
      if (this.#isNavigation(request)) this.#onFailure(request)
    })
    page.on('crash', () => {
      this.#push({ type: 'closed', reason: 'the page crashed' })
    })
    page.on('close', () => {
      this.#push({ type: 'closed', reason: 'the browser stopped' })
    })
  }

  /** Full URL of the authorization response, once the browser was sent to it. Secret. */
  get callbackUrl(): string | undefined {
    return this.#callbackUrl
  }

  /** The next navigation that nobody has taken yet. One reader only. */
  async next(): Promise<Navigation> {
    for (;;) {
      const navigation = this.#queue.shift()
      if (navigation !== undefined) return navigation
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    }
  }

  #isNavigation(request: Request): boolean {
    return request.isNavigationRequest() && request.frame() === this.#page.mainFrame()
  }

  #onResponse(response: Response): void {
    this.#lastAnswer = response
    const status = response.status()
    const location = response.headers()['location']
    // The header still has the fragment, which the request that follows it has not.
    if (status >= 300 && status < 400 && location !== undefined && URL.canParse(location, response.url())) {
      this.#noteCallback(new URL(location, response.url()).href)
    }
  }

  #onDocument(url: string): void {
    // The browser's own pages: an empty one at the start, an error page whose failure is reported by itself.
    if (!/^https?:/.test(url)) return
    const answer = this.#lastAnswer
    const isItsAnswer = answer !== undefined && withoutParameters(answer.url()) === withoutParameters(url)
    this.#push({
      type: 'document',
      url,
      ...(isItsAnswer ? { status: answer.status(), method: answer.request().method() } : {}),
    })
  }

  #onFailure(request: Request): void {
    const reason = request.failure()?.errorText ?? 'unknown reason'
    // A navigation that another one replaced; the other one is reported for itself.
    if (reason === 'net::ERR_ABORTED' && !reachesRedirectUri(request.url(), this.#redirectUri)) return
    this.#push({ type: 'failed', url: request.url(), reason })
  }

  #noteCallback(url: string): void {
    if (reachesRedirectUri(url, this.#redirectUri)) this.#callbackUrl ??= url
  }

  #push(navigation: Navigation): void {
    this.#queue.push(navigation)
    this.#wake?.()
  }
}

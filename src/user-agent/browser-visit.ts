import type { Page } from 'playwright'
import { HarnessError } from '../errors.js'
import { NavigationLog, type Navigation } from './navigation-log.js'
import {
  MAX_ANSWERS_PER_PAGE,
  pageKindOf,
  reachesRedirectUri,
  shortenText,
  withoutParameters,
} from './pages.js'
import type { AuthorizeInput, AuthorizeVisit, VisitedPage } from './user-agent.js'
import {
  DEFAULT_VISIT_TIMEOUT_MS,
  isSecondFactor,
  LOGIN_REFUSED,
  loginFailed,
  requireOwnOrigin,
  unreachable,
  visitTimedOut,
} from './visit-errors.js'

type Document = Extract<Navigation, { type: 'document' }>

/**
 * One authorization visit on a fresh page. It reacts to the documents that the page's main frame receives;
 * nothing waits for quiet networks or fixed times.
 */
export class BrowserVisit {
  readonly #page: Page
  readonly #input: AuthorizeInput
  readonly #log: NavigationLog
  readonly #pages: VisitedPage[] = []
  readonly #answered = { login: 0, consent: 0 }

  constructor(page: Page, input: AuthorizeInput) {
    this.#page = page
    this.#input = input
    this.#log = new NavigationLog(page, input.redirectUri)
  }

  /** Ends by the authorization response, by a page that leads nowhere, or by the time limit. */
  async run(): Promise<AuthorizeVisit> {
    const timeoutMs = this.#input.timeoutMs ?? DEFAULT_VISIT_TIMEOUT_MS
    this.#page.setDefaultTimeout(timeoutMs)
    let timer: NodeJS.Timeout | undefined
    const timeUp = new Promise<AuthorizeVisit>((resolve, reject) => {
      timer = setTimeout(() => {
        const { callbackUrl } = this.#log
        // The response is there; only the page behind it is slow.
        if (callbackUrl !== undefined) resolve({ callbackUrl, pages: this.#pages })
        else reject(visitTimedOut(this.#input, this.#pages))
      }, timeoutMs)
    })
    try {
      const walk = this.#walk()
      // When the time limit wins, closing the context makes the walk fail as well; nobody waits for it then.
      walk.catch(() => undefined)
      return await Promise.race([walk, timeUp])
    } finally {
      clearTimeout(timer)
    }
  }

  async #walk(): Promise<AuthorizeVisit> {
    // How the navigation went is read from the log, where redirects and failures have their place in the order.
    this.#page.goto(this.#input.authorizationUrl, { waitUntil: 'commit' }).catch(() => undefined)
    for (;;) {
      const navigation = await this.#log.next()
      if (navigation.type === 'closed') {
        throw new HarnessError(
          'NCMC_BROWSER_FAILED',
          `the authorization visit ended early: ${navigation.reason}`,
        )
      }
      if (navigation.type === 'failed') {
        const { callbackUrl } = this.#log
        if (callbackUrl !== undefined) return { callbackUrl, pages: this.#pages }
        throw unreachable(navigation.url, navigation.reason)
      }
      const ended = await this.#handle(navigation)
      if (ended !== undefined) return ended
    }
  }

  async #handle(document: Document): Promise<AuthorizeVisit | undefined> {
    const { callbackUrl } = this.#log
    if (callbackUrl !== undefined && reachesRedirectUri(document.url, this.#input.redirectUri)) {
      await this.#record('callback', document)
      return { callbackUrl, pages: this.#pages, ...statusOf(document) }
    }
    this.#refuseFailedLogin(document)
    const kind = pageKindOf(document.url, document.status ?? 200)
    if (kind === 'redirect') {
      // Its script is leaving already: there is no moment for a title or a picture.
      this.#pages.push({ kind, url: withoutParameters(document.url), title: '' })
      return undefined
    }
    if ((kind === 'login' || kind === 'consent') && this.#answered[kind] < MAX_ANSWERS_PER_PAGE) {
      this.#answered[kind] += 1
      await (kind === 'login' ? this.#logIn(document) : this.#answerConsent(document))
      return undefined
    }
    await this.#record(kind, document)
    const text = await this.#page.locator('body').innerText()
    return {
      callbackUrl: null,
      pages: this.#pages,
      lastPageText: shortenText(text),
      ...statusOf(document),
    }
  }

  /** Nextcloud shows the login page again, with the user's name in the URL, when it refuses the password. */
  #refuseFailedLogin(document: Document): void {
    if (isSecondFactor(document.url))
      throw loginFailed(this.#input.userId, 'Nextcloud asks for a second factor')
    if (this.#answered.login === 0) return
    const { pathname, searchParams } = new URL(document.url)
    if (!pathname.endsWith('/login')) return
    if (document.method === 'POST' || searchParams.has('user') || searchParams.has('direct')) {
      throw loginFailed(this.#input.userId, LOGIN_REFUSED, document.status)
    }
  }

  async #logIn(document: Document): Promise<void> {
    requireOwnOrigin(document.url, this.#input)
    // The form of a real Nextcloud appears by script; the picture is taken before the password is typed.
    await this.#page.locator('#user').fill(this.#input.userId)
    await this.#record('login', document)
    const password = this.#page.locator('#password')
    await password.fill(this.#input.password)
    await password.press('Enter', { noWaitAfter: true })
  }

  async #answerConsent(document: Document): Promise<void> {
    // Labels are translated, classes are not.
    const button = this.#input.consent === 'deny' ? 'button.secondary' : 'button.primary'
    const target = this.#page.locator(`#oidc-consent-container ${button}:enabled`).first()
    await target.waitFor()
    await this.#record('consent', document)
    // The keyboard presses a button at once; a click would wait for two frames to see that it does not move.
    await target.press('Enter', { noWaitAfter: true })
  }

  async #record(kind: VisitedPage['kind'], document: Document): Promise<void> {
    // Playwright's own title() can answer with the whole URL while a page loads, and that holds the code.
    const [title, screenshot] = await Promise.all([
      this.#page.evaluate('document.title'),
      this.#takePicture(),
    ])
    this.#pages.push({
      kind,
      url: withoutParameters(document.url),
      title: shortenText(String(title)),
      ...(screenshot === undefined ? {} : { screenshot }),
    })
  }

  /** A picture is evidence, not a step: Chromium sometimes has nothing to capture yet, and the visit goes on. */
  #takePicture(): Promise<Uint8Array | undefined> {
    return this.#page.screenshot({ caret: 'initial' }).catch(() => undefined)
  }
}

function statusOf(document: Document): Pick<AuthorizeVisit, 'lastPageStatus'> {
  return document.status === undefined ? {} : { lastPageStatus: document.status }
}

import type { Browser, BrowserContextOptions, Page } from 'playwright'

/**
 * Keeps one page in a context of its own ready: opening one takes Chromium about as long as a third of a whole
 * visit, and that time passes while the visit before is still going on.
 */
export class SparePage {
  readonly #browser: Browser
  readonly #contextOptions: BrowserContextOptions
  #spare: Promise<Page>

  constructor(browser: Browser, contextOptions: BrowserContextOptions) {
    this.#browser = browser
    this.#contextOptions = contextOptions
    this.#spare = this.#open()
  }

  /** A page that nobody used before, in a fresh context that the caller closes. Rejects when the browser is gone. */
  async take(): Promise<Page> {
    const taken = this.#spare
    this.#spare = this.#open()
    const page = await taken
    return page.isClosed() ? this.#open() : page
  }

  #open(): Promise<Page> {
    const opened = this.#browser.newContext(this.#contextOptions).then((context) => context.newPage())
    // Whoever takes the page sees the failure; a spare that nobody takes must not end the process.
    opened.catch(() => undefined)
    return opened
  }
}

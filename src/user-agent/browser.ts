import { chromium, type Browser } from 'playwright'
import { HarnessError, quoteUntrusted } from '../errors.js'
import { BrowserVisit } from './browser-visit.js'
import { browserArguments, resolveBrowser } from './resolve-browser.js'
import { SparePage } from './spare-page.js'
import type { AuthorizeInput, AuthorizeVisit, UserAgent } from './user-agent.js'

export interface BrowserUserAgentOptions {
  /** Default: found by `resolveBrowser`. */
  readonly executablePath?: string
  /** Default true. */
  readonly headless?: boolean
  /** Language of the pages, e.g. `de-DE`. Default: the browser's. */
  readonly locale?: string
  /** Receives the lines of a browser installation. */
  readonly onProgress?: (line: string) => void
}

/** Quick to draw and to encode: a visit takes up to four screenshots. */
const VIEWPORT = { width: 800, height: 600 } as const

/**
 * Starts one Chromium; each visit gets a fresh context, so many visits can run at once. The browser itself
 * requests the redirect URI: something should listen there.
 *
 * @throws {HarnessError} `NCMC_BROWSER_MISSING`, or `NCMC_BROWSER_FAILED` when it does not start.
 */
export async function createBrowserUserAgent(options: BrowserUserAgentOptions = {}): Promise<UserAgent> {
  const browser = await launch(options)
  const pages = new SparePage(browser, {
    viewport: VIEWPORT,
    ...(options.locale === undefined ? {} : { locale: options.locale }),
  })
  const close = (): Promise<void> => browser.close()
  return {
    kind: 'browser',
    version: `Chromium ${browser.version()}`,
    authorize: (input) => visit(browser, pages, input),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function launch(options: BrowserUserAgentOptions): Promise<Browser> {
  const { executablePath, args } =
    options.executablePath === undefined
      ? await resolveBrowser(options.onProgress === undefined ? {} : { onProgress: options.onProgress })
      : { executablePath: options.executablePath, args: browserArguments() }
  try {
    // Signals are the command line's business: it closes the agent with everything else.
    return await chromium.launch({
      executablePath,
      args: [...args],
      headless: options.headless ?? true,
      handleSIGINT: false,
      handleSIGTERM: false,
      handleSIGHUP: false,
    })
  } catch (thrown) {
    const reason = thrown instanceof Error ? thrown.message : String(thrown)
    throw new HarnessError('NCMC_BROWSER_FAILED', `the browser did not start: ${quoteUntrusted(reason)}`, {
      details: { executablePath },
    })
  }
}

async function visit(browser: Browser, pages: SparePage, input: AuthorizeInput): Promise<AuthorizeVisit> {
  try {
    const page = await pages.take()
    try {
      return await new BrowserVisit(page, input).run()
    } finally {
      await page.context().close()
    }
  } catch (thrown) {
    if (thrown instanceof HarnessError) throw thrown
    // Playwright's messages can quote URLs, and those hold states and codes; its first line names the operation.
    const reason = browser.isConnected() ? 'an operation on the page failed' : 'the browser stopped'
    throw new HarnessError('NCMC_BROWSER_FAILED', `the authorization visit ended early: ${reason}`, {
      details: {
        operation: thrown instanceof Error ? (thrown.message.split(':', 1)[0] ?? '').slice(0, 60) : '',
      },
    })
  }
}

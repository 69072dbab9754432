import type { BrowserUserAgentOptions } from './browser.js'
import { createHttpUserAgent, type HttpUserAgentOptions } from './http.js'
import type { UserAgent } from './user-agent.js'

/**
 * Makes a user agent of the given kind. The browser one finds and starts a Chromium.
 *
 * @throws {HarnessError} `NCMC_BROWSER_MISSING` or `NCMC_BROWSER_FAILED` when there is no working browser.
 */
export async function createUserAgent(
  kind: UserAgent['kind'],
  options: BrowserUserAgentOptions & HttpUserAgentOptions = {},
): Promise<UserAgent> {
  if (kind === 'http') return createHttpUserAgent(options)
  // A good part of what a process of the self-test would load.
  return (await import('./browser.js')).createBrowserUserAgent(options)
}

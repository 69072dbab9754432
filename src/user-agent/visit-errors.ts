import { HarnessError, quoteUntrusted } from '../errors.js'
import type { AuthorizeInput, VisitedPage } from './user-agent.js'
import { withoutParameters } from './pages.js'

/** Upper bound of a visit unless the caller says otherwise, ms. */
export const DEFAULT_VISIT_TIMEOUT_MS = 30_000

/** Nextcloud shows the login page again for both; it does not say which it was. */
export const LOGIN_REFUSED =
  'wrong user name or password (or the address is missing from trusted_domains: Nextcloud refuses the form then)'

/** The login page came back, or something stands between the password and the session. */
export function loginFailed(userId: string, reason: string, status?: number): HarnessError {
  return new HarnessError('NCMC_LOGIN_FAILED', `${quoteUntrusted(userId)} could not log in: ${reason}`, {
    details: { userId, ...(status === undefined ? {} : { status }) },
  })
}

/** The password is only ever given to the origin that the authorization request names. */
export function requireOwnOrigin(pageUrl: string, input: AuthorizeInput): void {
  const { origin } = new URL(pageUrl)
  const expected = new URL(input.authorizationUrl).origin
  if (origin === expected) return
  throw loginFailed(
    input.userId,
    `the login page is at another origin, ${quoteUntrusted(origin)} instead of ${expected}`,
  )
}

/** Nextcloud's page for a second factor, where a password alone does not help. */
export function isSecondFactor(url: string): boolean {
  return /\/login\/(selectchallenge|challenge\/|setupchallenge)/.test(new URL(url).pathname)
}

export function visitTimedOut(input: AuthorizeInput, pages: readonly VisitedPage[]): HarnessError {
  const timeoutMs = input.timeoutMs ?? DEFAULT_VISIT_TIMEOUT_MS
  const last = pages.at(-1)
  const where = last === undefined ? 'before any page was shown' : `after the ${last.kind} page`
  return new HarnessError(
    'NCMC_FLOW_TIMEOUT',
    `the authorization visit took longer than ${timeoutMs} ms, ${where}`,
    {
      details: { timeoutMs, pages: pages.map(({ kind, url, title }) => ({ kind, url, title })) },
    },
  )
}

/** @param reason text of the network stack; holds no secret. */
export function unreachable(url: string, reason: string): HarnessError {
  return new HarnessError(
    'NCMC_NEXTCLOUD_UNREACHABLE',
    `${quoteUntrusted(withoutParameters(url))} does not answer: ${quoteUntrusted(reason)}`,
    { details: { url: withoutParameters(url) } },
  )
}

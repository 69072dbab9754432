import type { NextcloudUser } from '../nextcloud/nextcloud.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import { HttpPage, HttpSession } from './http-session.js'
import { logIn, walk } from './http.js'
import type { AuthorizeVisit, VisitedPage } from './user-agent.js'

/** Upper bound for all that one session does, ms. */
const SESSION_TIMEOUT_MS = 60_000

/** One person in one browser session, as far as HTTP goes: cookies and forms, no scripts. */
export interface PersonSession {
  /**
   * Visits an authorization request; logs in and consents where asked. Any redirect to another origin ends the visit and
   * counts as the response, so that nothing outside Nextcloud is requested.
   *
   * @param options.stopAt pages that the person leaves unanswered.
   * @param options.fetch sends this visit's requests, in place of the session's own.
   * @throws {HarnessError} as a user agent's `authorize` does.
   */
  visit(
    authorizationUrl: string,
    options?: { readonly stopAt?: readonly VisitedPage['kind'][]; readonly fetch?: FetchLike },
  ): Promise<AuthorizeVisit>
  /**
   * Opens the login page and logs in there; nothing else is requested.
   *
   * @throws {HarnessError} `NCMC_LOGIN_FAILED`, `NCMC_NEXTCLOUD_UNREACHABLE`.
   */
  logIn(baseUrl: string, send?: FetchLike): Promise<void>
  /** Whether Nextcloud knows the session's person: it shows its login page to nobody else. */
  isLoggedIn(baseUrl: string): Promise<boolean>
}

/**
 * A fresh session: nobody is logged in yet.
 *
 * @param signal ends it. Default: a minute from now.
 */
export function openPersonSession(
  user: Pick<NextcloudUser, 'userId' | 'password'>,
  send: FetchLike,
  signal: AbortSignal = AbortSignal.timeout(SESSION_TIMEOUT_MS),
): PersonSession {
  const session = new HttpSession(send, signal)
  const { userId, password } = user
  const input = (authorizationUrl: string) => ({ authorizationUrl, redirectUri: '', userId, password })
  return {
    visit: (authorizationUrl, { stopAt = [], fetch } = {}) =>
      walk(input(authorizationUrl), fetch === undefined ? session : session.sentBy(fetch), [], {
        stayOnOrigin: true,
        stopAt,
      }),
    logIn: async (baseUrl, fetch) => {
      const sent = fetch === undefined ? session : session.sentBy(fetch)
      const answer = await sent.get(`${baseUrl}/index.php/login`)
      await logIn(input(`${baseUrl}/`), sent, answer, new HttpPage(answer.body))
    },
    isLoggedIn: async (baseUrl) => (await session.get(`${baseUrl}/index.php/login`)).location !== undefined,
  }
}

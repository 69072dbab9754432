import type { NextcloudUser } from '../nextcloud/nextcloud.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import { HttpSession } from './http-session.js'
import { walk } from './http.js'
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
   * @throws {HarnessError} as a user agent's `authorize` does.
   */
  visit(
    authorizationUrl: string,
    options?: { readonly stopAt?: readonly VisitedPage['kind'][] },
  ): Promise<AuthorizeVisit>
}

/** A fresh session: nobody is logged in yet. */
export function openPersonSession(
  user: Pick<NextcloudUser, 'userId' | 'password'>,
  send: FetchLike,
): PersonSession {
  const session = new HttpSession(send, AbortSignal.timeout(SESSION_TIMEOUT_MS))
  const { userId, password } = user
  return {
    visit: (authorizationUrl, { stopAt = [] } = {}) => {
      const input = { authorizationUrl, redirectUri: '', userId, password }
      return walk(input, session, [], { stayOnOrigin: true, stopAt })
    },
  }
}

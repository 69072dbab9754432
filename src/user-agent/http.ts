import { HarnessError } from '../errors.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import { HttpPage, HttpSession, type HttpAnswer } from './http-session.js'
import { MAX_ANSWERS_PER_PAGE, pageKindOf, reachesRedirectUri, withoutParameters } from './pages.js'
import type { AuthorizeInput, AuthorizeVisit, UserAgent, VisitedPage } from './user-agent.js'
import {
  DEFAULT_VISIT_TIMEOUT_MS,
  isSecondFactor,
  LOGIN_REFUSED,
  loginFailed,
  requireOwnOrigin,
  visitTimedOut,
} from './visit-errors.js'

export interface HttpUserAgentOptions {
  /** Default: the global `fetch`. */
  readonly fetch?: FetchLike
}

/** Redirects and pages of one visit before it counts as a loop. */
const MAX_STEPS = 30

/**
 * A user agent without a browser: form posts with a cookie jar per visit, for thousands of flows. The redirect
 * URI itself is never requested. Instead of running the script of the page after the login it asks for the
 * authorization request again, so a denied consent arrives as `access_denied` where a browser loses it.
 */
export function createHttpUserAgent(options: HttpUserAgentOptions = {}): UserAgent {
  const closing = new AbortController()
  const close = (): Promise<void> => {
    closing.abort()
    return Promise.resolve()
  }
  return {
    kind: 'http',
    version: 'http',
    authorize: (input) => visit(input, options.fetch ?? fetch, closing.signal),
    close,
    [Symbol.asyncDispose]: close,
  }
}

async function visit(input: AuthorizeInput, send: FetchLike, closing: AbortSignal): Promise<AuthorizeVisit> {
  const deadline = AbortSignal.timeout(input.timeoutMs ?? DEFAULT_VISIT_TIMEOUT_MS)
  const pages: VisitedPage[] = []
  try {
    return await walk(input, new HttpSession(send, AbortSignal.any([deadline, closing])), pages)
  } catch (thrown) {
    if (thrown instanceof HarnessError) throw thrown
    if (closing.aborted)
      throw new HarnessError('NCMC_FLOW_FAILED', 'the http agent was closed during a visit')
    if (deadline.aborted) throw visitTimedOut(input, pages)
    throw thrown
  }
}

/** Where a visit ends besides at the redirect URI. */
export interface WalkLimits {
  /** Any redirect to another origin than the authorization request's ends the visit, and counts as the response. */
  readonly stayOnOrigin?: boolean
  /** Pages that the person leaves unanswered. */
  readonly stopAt?: readonly VisitedPage['kind'][]
}

/**
 * One visit within a session that may already be logged in.
 *
 * @param pages filled with the pages that the person saw.
 * @throws as {@link UserAgent.authorize}; the session's own signal ends it early.
 */
export async function walk(
  input: AuthorizeInput,
  session: HttpSession,
  pages: VisitedPage[],
  { stayOnOrigin = false, stopAt = [] }: WalkLimits = {},
): Promise<AuthorizeVisit> {
  const { origin } = new URL(input.authorizationUrl)
  const answered = { login: 0, consent: 0, redirect: 0 }
  let answer = await session.get(input.authorizationUrl)
  for (let step = 0; ; step += 1) {
    if (answer.location !== undefined) {
      const isAway = stayOnOrigin && new URL(answer.location).origin !== origin
      if (isAway || reachesRedirectUri(answer.location, input.redirectUri)) {
        return { callbackUrl: answer.location, pages, lastPageStatus: answer.status }
      }
      if (step < MAX_STEPS && /^https?:/.test(answer.location)) {
        answer = await session.get(answer.location)
        continue
      }
    }
    const page = new HttpPage(answer.body)
    const kind = pageKindOf(answer.url, answer.status)
    pages.push({ kind, url: withoutParameters(answer.url), title: page.title })
    const canAnswer = (kind === 'login' || kind === 'consent' || kind === 'redirect') && step < MAX_STEPS
    if (!canAnswer || stopAt.includes(kind) || answered[kind] >= MAX_ANSWERS_PER_PAGE) {
      if (isSecondFactor(answer.url)) throw loginFailed(input.userId, 'Nextcloud asks for a second factor')
      return { callbackUrl: null, pages, lastPageText: page.text, lastPageStatus: answer.status }
    }
    answered[kind] += 1
    if (kind === 'login') await logIn(input, session, answer, page)
    answer =
      kind === 'consent'
        ? await answerConsent(input, session, answer, page)
        : await session.get(input.authorizationUrl)
  }
}

/**
 * Posts the login form; Nextcloud refuses it without its request token, its cookies and an `Origin`.
 *
 * @throws {HarnessError} `NCMC_LOGIN_FAILED` when the login is not taken.
 */
export async function logIn(
  input: AuthorizeInput,
  session: HttpSession,
  loginPage: HttpAnswer,
  page: HttpPage,
): Promise<void> {
  requireOwnOrigin(loginPage.url, input)
  const url = new URL(loginPage.url)
  const answer = await session.post(withoutParameters(loginPage.url), {
    fields: {
      user: input.userId,
      password: input.password,
      timezone: 'UTC',
      timezone_offset: '0',
      requesttoken: page.requestToken,
      redirect_url: url.searchParams.get('redirect_url') ?? '',
    },
    headers: { origin: url.origin, referer: loginPage.url, accept: 'text/html' },
  })
  if (answer.location === undefined) {
    throw loginFailed(
      input.userId,
      `Nextcloud answered the login with status ${answer.status}`,
      answer.status,
    )
  }
  if (isSecondFactor(answer.location)) throw loginFailed(input.userId, 'Nextcloud asks for a second factor')
  if (new URL(answer.location).pathname.endsWith('/login')) {
    throw loginFailed(input.userId, LOGIN_REFUSED, answer.status)
  }
}

/** Does what the two buttons of the consent page do: all scopes of the page, or none. */
function answerConsent(
  input: AuthorizeInput,
  session: HttpSession,
  consentPage: HttpAnswer,
  page: HttpPage,
): Promise<HttpAnswer> {
  const deny = input.consent === 'deny'
  const { origin } = new URL(consentPage.url)
  return session.post(`${withoutParameters(consentPage.url)}/${deny ? 'deny' : 'grant'}`, {
    fields: deny ? {} : { scopes: page.attribute('#oidc-consent', 'data-scopes') ?? '' },
    headers: { requesttoken: page.requestToken, origin, referer: consentPage.url },
  })
}

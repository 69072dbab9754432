import type { VisitedPage } from './user-agent.js'

/** How often a visit answers the login page, and how often the consent page, before it gives up on a loop. */
export const MAX_ANSWERS_PER_PAGE = 3

/** Longest `lastPageText`, characters. */
const MAX_TEXT_LENGTH = 500

/**
 * Whether `url` is an authorization response for `redirectUri`: same scheme, host, port and path. Query and
 * fragment are the response's own.
 */
export function reachesRedirectUri(url: string, redirectUri: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(redirectUri)) return false
  const actual = new URL(url)
  const expected = new URL(redirectUri)
  return (
    actual.protocol === expected.protocol &&
    actual.host === expected.host &&
    actual.pathname === expected.pathname
  )
}

/** `url` without query and fragment, where states and codes travel. */
export function withoutParameters(url: string): string {
  return url.replace(/[?#].*$/s, '')
}

/**
 * What Nextcloud shows at `url`, told by its path; pretty URLs and `/index.php` ones alike. A page of the
 * authorize endpoint itself is always an error: it redirects when it has nothing to complain about.
 */
export function pageKindOf(url: string, status: number): VisitedPage['kind'] {
  const { pathname } = new URL(url)
  if (status >= 400) return 'error'
  if (pathname.endsWith('/login')) return 'login'
  if (pathname.endsWith('/apps/oidc/redirect')) return 'redirect'
  if (pathname.endsWith('/apps/oidc/consent')) return 'consent'
  if (pathname.endsWith('/apps/oidc/authorize')) return 'error'
  if (/\/apps\/dashboard\/?$/.test(pathname)) return 'dashboard'
  return 'other'
}

/** Visible text as the visit reports it: one line, cut. */
export function shortenText(text: string): string {
  return text.replace(/\s+/g, ' ').trim().slice(0, MAX_TEXT_LENGTH)
}

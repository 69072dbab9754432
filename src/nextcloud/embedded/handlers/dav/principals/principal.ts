import { escapeXml } from '../../../../../xml/xml.js'
import type { NextcloudUser } from '../../../../nextcloud.js'
import { resourceWith, type DavResource } from '../multistatus.js'
import { clark } from '../names.js'
import { davHref } from '../request.js'

/** Path of a user's principal resource (RFC 3744), with trailing slash. */
export function principalHref(userId: string): string {
  return davHref(['principals', 'users', userId], true)
}

/** Content of `{DAV:}current-user-principal` (RFC 5397), which every resource of the DAV server has. */
export function currentUserPrincipal(userId: string): string {
  return hrefXml(principalHref(userId))
}

/** A `d:href` element. */
export function hrefXml(href: string): string {
  return `<d:href>${escapeXml(href)}</d:href>`
}

/** Content of `{DAV:}supported-report-set` from elements such as `<card:addressbook-query/>`. */
export function supportedReportSet(reports: readonly string[]): string {
  return reports
    .map((report) => `<d:supported-report><d:report>${report}</d:report></d:supported-report>`)
    .join('')
}

/** Reports that every resource answers. */
export const COMMON_REPORTS = [
  '<d:expand-property/>',
  '<d:principal-match/>',
  '<d:principal-property-search/>',
  '<d:principal-search-property-set/>',
] as const

/** A user as others find them. Everybody may read it: names and addresses, and where homes are. */
export function principalResource(user: NextcloudUser, askingUserId: string): DavResource {
  const { userId, displayName, email } = user
  const url = principalHref(userId)
  const calendars = ['calendars', userId]
  const properties: Readonly<Record<string, string>> = {
    [clark('d', 'displayname')]: escapeXml(displayName),
    [clark('d', 'resourcetype')]: '<d:collection/><d:principal/>',
    [clark('d', 'principal-URL')]: hrefXml(url),
    [clark('d', 'current-user-principal')]: currentUserPrincipal(askingUserId),
    [clark('d', 'owner')]: hrefXml(url),
    [clark('d', 'alternate-URI-set')]: email === '' ? '' : hrefXml(`mailto:${email}`),
    [clark('d', 'principal-collection-set')]: hrefXml(davHref(['principals', 'users'], true)),
    [clark('d', 'group-membership')]: '',
    [clark('d', 'supported-report-set')]: supportedReportSet(COMMON_REPORTS),
    [clark('card', 'addressbook-home-set')]: hrefXml(davHref(['addressbooks', 'users', userId], true)),
    [clark('cal', 'calendar-home-set')]: hrefXml(davHref(calendars, true)),
    [clark('cal', 'calendar-user-address-set')]:
      (email === '' ? '' : hrefXml(`mailto:${email}`)) + hrefXml(url),
    [clark('cal', 'calendar-user-type')]: 'INDIVIDUAL',
    [clark('cal', 'schedule-inbox-URL')]: hrefXml(davHref([...calendars, 'inbox'], true)),
    [clark('cal', 'schedule-outbox-URL')]: hrefXml(davHref([...calendars, 'outbox'], true)),
    [clark('cal', 'schedule-default-calendar-URL')]: hrefXml(davHref([...calendars, 'personal'], true)),
    [clark('s', 'email-address')]: escapeXml(email),
  }
  return resourceWith(url, properties, [clark('d', 'displayname'), clark('d', 'resourcetype')])
}

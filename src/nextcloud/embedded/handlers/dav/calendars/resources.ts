import { escapeXml } from '../../../../../xml/xml.js'
import { BIRTHDAY_CALENDAR, type CalendarObjectRow, type CalendarRow } from '../../../calendars.js'
import type { DavResource, MultistatusStyle } from '../multistatus.js'
import { clark } from '../names.js'
import {
  COMMON_REPORTS,
  currentUserPrincipal,
  hrefXml,
  principalHref,
  supportedReportSet,
} from '../principals/principal.js'
import { davHref } from '../request.js'

/** Value of the DAV header. */
export const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, oc-resource-sharing, ' +
  'calendar-access, calendar-proxy, calendar-auto-schedule, calendar-availability, nc-calendar-trashbin, ' +
  'nc-calendar-webcal-cache, calendarserver-subscribed, oc-calendar-publishing, calendarserver-sharing, ' +
  'nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

export const REPORT_STYLE: MultistatusStyle = { prefixes: ['d', 's', 'cal', 'cs', 'oc', 'nc'] }
export const PROPFIND_STYLE: MultistatusStyle = { ...REPORT_STYLE, features: FEATURES }

/** Children of a home that are no calendars. */
export const SPECIAL_COLLECTIONS = ['inbox', 'outbox', 'trashbin'] as const
export type SpecialCollection = (typeof SPECIAL_COLLECTIONS)[number]

/** Nextcloud's trash bin has a namespace of its own. */
const TRASH = 'http://nextcloud.com/ns'
const SPECIAL_TYPES: Readonly<Record<SpecialCollection, string>> = {
  inbox: '<cal:schedule-inbox/>',
  outbox: '<cal:schedule-outbox/>',
  trashbin: `<x2:trash-bin xmlns:x2="${TRASH}"/>`,
}

const READ = ['read', 'read-acl', 'read-current-user-privilege-set']
const WRITE = ['write', 'write-properties', 'write-content', 'unlock', 'bind', 'unbind', 'write-acl']
const OBJECT_REPORTS = ['<cal:calendar-multiget/>', '<cal:calendar-query/>']

/** `calendars/`, a home, or one of its children that is no calendar. */
export function collectionResource(path: readonly string[], userId: string): DavResource {
  const [, owner, name] = path
  const type = SPECIAL_COLLECTIONS.find((special) => special === name)
  const properties: Record<string, string> = {
    [clark('d', 'resourcetype')]: `<d:collection/>${type === undefined ? '' : SPECIAL_TYPES[type]}`,
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    [clark('d', 'supported-report-set')]: supportedReportSet(COMMON_REPORTS),
    ...(owner === undefined ? {} : ownership(owner, WRITE)),
  }
  return resource(davHref(path, true), properties)
}

export function calendarHref(userId: string, uri: string): string {
  return davHref(['calendars', userId, uri], true)
}

export function objectHref(userId: string, calendarUri: string, uri: string): string {
  return davHref(['calendars', userId, calendarUri, uri], false)
}

export function syncTokenUri(syncToken: number): string {
  return `http://sabre.io/ns/sync/${syncToken}`
}

/** A calendar of the user's own. */
export function calendarResource(userId: string, calendar: CalendarRow): DavResource {
  const token = syncTokenUri(calendar.syncToken)
  const isWritable = calendar.uri !== BIRTHDAY_CALENDAR
  const isTrashed = calendar.trashedSeconds !== null
  const type = isTrashed ? `<x2:deleted-calendar xmlns:x2="${TRASH}"/>` : '<cal:calendar/>'
  const reports = [...OBJECT_REPORTS, '<d:sync-collection/>', ...COMMON_REPORTS]
  return resource(calendarHref(userId, calendar.uri), {
    ...Object.fromEntries(calendar.properties),
    [clark('d', 'resourcetype')]: `<d:collection/>${type}`,
    [clark('cs', 'getctag')]: token,
    [clark('s', 'sync-token')]: String(calendar.syncToken),
    [clark('d', 'sync-token')]: token,
    [clark('cal', 'supported-calendar-component-set')]: calendar.components
      .map((name) => `<cal:comp name="${name}"/>`)
      .join(''),
    [clark('cal', 'supported-calendar-data')]:
      '<cal:calendar-data content-type="text/calendar" version="2.0"/>',
    [clark('cal', 'supported-collation-set')]:
      '<cal:supported-collation>i;ascii-casemap</cal:supported-collation>' +
      '<cal:supported-collation>i;octet</cal:supported-collation>' +
      '<cal:supported-collation>i;unicode-casemap</cal:supported-collation>',
    [clark('cal', 'max-resource-size')]: '10000000',
    [clark('d', 'supported-report-set')]: supportedReportSet(reports),
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    [clark('oc', 'owner-principal')]: `principals/users/${escapeXml(userId)}`,
    ...(isTrashed
      ? { [`{${TRASH}}deleted-at`]: new Date((calendar.trashedSeconds ?? 0) * 1000).toISOString() }
      : {}),
    ...ownership(userId, isWritable ? WRITE : ['write-properties']),
  })
}

/**
 * An object of a calendar.
 *
 * @param data what is shown as calendar-data; default all of it.
 */
export function objectResource(
  userId: string,
  calendarUri: string,
  object: CalendarObjectRow,
  data: () => string = () => object.data,
): DavResource {
  const properties: Readonly<Record<string, string>> = {
    [clark('d', 'getlastmodified')]: new Date(object.modifiedSeconds * 1000).toUTCString(),
    [clark('d', 'getcontentlength')]: String(Buffer.byteLength(object.data)),
    [clark('d', 'resourcetype')]: '',
    [clark('d', 'getetag')]: escapeXml(object.etag),
    [clark('d', 'getcontenttype')]: contentType(object),
    [clark('d', 'supported-report-set')]: supportedReportSet([...OBJECT_REPORTS, ...COMMON_REPORTS]),
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    ...ownership(userId, calendarUri === BIRTHDAY_CALENDAR ? [] : WRITE),
  }
  const calendarData = clark('cal', 'calendar-data')
  return {
    href: objectHref(userId, calendarUri, object.uri),
    // Only line feeds: a carriage return in XML would have to be escaped.
    property: (name) => (name === calendarData ? escapeXml(data().replaceAll('\r', '')) : properties[name]),
    allProperties: Object.keys(properties).slice(0, 5),
  }
}

/** Value of Content-Type of an object. */
export function contentType({ kind }: CalendarObjectRow): string {
  return `text/calendar; charset=utf-8; component=${kind.toLowerCase()}`
}

function ownership(userId: string, privileges: readonly string[]): Record<string, string> {
  return {
    [clark('d', 'owner')]: hrefXml(principalHref(userId)),
    [clark('d', 'current-user-privilege-set')]: [...privileges, ...READ]
      .map((name) => `<d:privilege><d:${name}/></d:privilege>`)
      .join(''),
  }
}

/** All that ACL and reports are about is left out where all properties are asked for, as RFC 3744 has it. */
const ONLY_BY_NAME = new Set(
  ['supported-report-set', 'current-user-principal', 'owner', 'current-user-privilege-set', 'sync-token']
    .map((local) => clark('d', local))
    .concat(
      ['supported-calendar-data', 'supported-collation-set', 'max-resource-size'].map((local) =>
        clark('cal', local),
      ),
    ),
)

function resource(href: string, properties: Readonly<Record<string, string>>): DavResource {
  return {
    href,
    property: (name) => (Object.hasOwn(properties, name) ? properties[name] : undefined),
    allProperties: Object.keys(properties).filter((name) => !ONLY_BY_NAME.has(name)),
  }
}

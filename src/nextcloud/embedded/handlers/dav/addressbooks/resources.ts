import { escapeXml } from '../../../../../xml/xml.js'
import type { CardRow } from '../../../address-books.js'
import { resourceWith, type DavResource, type MultistatusStyle } from '../multistatus.js'
import { clark } from '../names.js'
import {
  COMMON_REPORTS,
  currentUserPrincipal,
  hrefXml,
  principalHref,
  supportedReportSet,
} from '../principals/principal.js'
import { davHref } from '../request.js'
import { syncTokenUri, type Book } from './books.js'
import { partOfCard } from './vcard.js'

export const FEATURES =
  '1, 3, extended-mkcol, access-control, calendarserver-principal-property-search, oc-resource-sharing, ' +
  'addressbook, nc-paginate, nextcloud-checksum-update, nc-calendar-search, nc-enable-birthday-calendar'

export const REPORT_STYLE: MultistatusStyle = { prefixes: ['d', 's', 'card', 'oc', 'nc'] }
export const PROPFIND_STYLE: MultistatusStyle = { ...REPORT_STYLE, features: FEATURES }

const BOOK_REPORTS = supportedReportSet([
  ...COMMON_REPORTS,
  '<d:sync-collection/>',
  '<card:addressbook-multiget/>',
  '<card:addressbook-query/>',
])
const CARD_REPORTS = supportedReportSet([...COMMON_REPORTS, '<card:addressbook-multiget/>'])
const ADDRESS_DATA =
  '<card:address-data-type content-type="text/vcard" version="3.0"/>' +
  '<card:address-data-type content-type="text/vcard" version="4.0"/>'
const COLLATIONS = ['i;ascii-casemap', 'i;octet', 'i;unicode-casemap']
const READING = ['read', 'read-acl', 'read-current-user-privilege-set']
const WRITING = ['write', 'write-properties', 'write-content', 'unlock', 'bind', 'unbind', ...READING]

/** Largest card, in bytes, that clients should send. */
const MAX_RESOURCE_SIZE = 10_000_000

/** `addressbooks/` or `addressbooks/users/`, which say nothing of who has books. */
export function plainCollection(path: readonly string[], userId: string): DavResource {
  return resourceWith(
    davHref(path, true),
    {
      [clark('d', 'resourcetype')]: '<d:collection/>',
      [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    },
    [clark('d', 'resourcetype')],
  )
}

/** The home of a user's address books. */
export function homeResource(userId: string): DavResource {
  return resourceWith(
    homeHref(userId),
    {
      ...ownership(userId, false),
      [clark('d', 'resourcetype')]: '<d:collection/>',
      [clark('d', 'supported-report-set')]: supportedReportSet(COMMON_REPORTS),
    },
    [clark('d', 'resourcetype')],
  )
}

export function homeHref(userId: string): string {
  return davHref(['addressbooks', 'users', userId], true)
}

export function bookHref(userId: string, bookUri: string): string {
  return davHref(['addressbooks', 'users', userId, bookUri], true)
}

export function cardHref(userId: string, bookUri: string, cardUri: string): string {
  return davHref(['addressbooks', 'users', userId, bookUri, cardUri], false)
}

/** An address book. What users set is text; what the server says of it wins. */
export function bookResource(userId: string, { row, isReadOnly, ctag }: Book): DavResource {
  const own = Array.from(row.properties, ([name, text]) => [name, escapeXml(text)])
  return resourceWith(
    bookHref(userId, row.uri),
    {
      ...(Object.fromEntries(own) as Record<string, string>),
      ...ownership(userId, isReadOnly),
      [clark('d', 'resourcetype')]: '<d:collection/><card:addressbook/>',
      [clark('cs', 'getctag')]: ctag,
      [clark('d', 'sync-token')]: syncTokenUri(row.syncToken),
      [clark('s', 'sync-token')]: String(row.syncToken),
      [clark('d', 'supported-report-set')]: BOOK_REPORTS,
      [clark('card', 'supported-address-data')]: ADDRESS_DATA,
      [clark('card', 'supported-collation-set')]: COLLATIONS.map(
        (collation) => `<card:supported-collation>${collation}</card:supported-collation>`,
      ).join(''),
      [clark('card', 'max-resource-size')]: String(MAX_RESOURCE_SIZE),
    },
    [clark('d', 'resourcetype'), clark('d', 'displayname')],
  )
}

/** Whether users may not set this property of a book. */
export function isProtectedOfBook(name: string): boolean {
  const free = new Set([clark('d', 'displayname'), clark('card', 'addressbook-description')])
  if (free.has(name)) return false
  return name.startsWith('{DAV:}') || SERVER_SAID.has(name)
}

const SERVER_SAID: ReadonlySet<string> = new Set([
  clark('cs', 'getctag'),
  clark('s', 'sync-token'),
  clark('card', 'supported-address-data'),
  clark('card', 'supported-collation-set'),
  clark('card', 'max-resource-size'),
  clark('oc', 'owner-principal'),
  clark('oc', 'read-only'),
])

/** @param onlyProperties names in capitals when not the whole card is wanted as address-data. */
export function cardResource(
  userId: string,
  book: Book,
  card: CardRow,
  onlyProperties?: ReadonlySet<string>,
): DavResource {
  const data = onlyProperties === undefined ? card.data : partOfCard(card.data, onlyProperties)
  return resourceWith(
    cardHref(userId, book.row.uri, card.uri),
    {
      ...ownership(userId, book.isReadOnly),
      [clark('d', 'getlastmodified')]: httpDate(card.modifiedSeconds),
      [clark('d', 'getcontentlength')]: String(Buffer.byteLength(card.data)),
      [clark('d', 'resourcetype')]: '',
      [clark('d', 'getetag')]: escapeXml(card.etag),
      [clark('d', 'getcontenttype')]: 'text/vcard; charset=utf-8',
      [clark('d', 'supported-report-set')]: CARD_REPORTS,
      [clark('card', 'address-data')]: escapeXml(data),
    },
    CARD_PROPERTIES,
  )
}

const CARD_PROPERTIES = [
  'getlastmodified',
  'getcontentlength',
  'resourcetype',
  'getetag',
  'getcontenttype',
].map((local) => clark('d', local))

export function httpDate(seconds: number): string {
  return new Date(seconds * 1000).toUTCString()
}

function ownership(userId: string, isReadOnly: boolean): Record<string, string> {
  const privileges = (isReadOnly ? READING : WRITING).map((name) => `<d:privilege><d:${name}/></d:privilege>`)
  return {
    [clark('d', 'current-user-principal')]: currentUserPrincipal(userId),
    [clark('d', 'owner')]: hrefXml(principalHref(userId)),
    [clark('d', 'current-user-privilege-set')]: privileges.join(''),
  }
}

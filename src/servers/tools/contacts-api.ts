import { escapeXml } from '../../xml/xml.js'
import {
  davPath,
  hasType,
  lastSegment,
  propertyText,
  readMultistatus,
  type DavEntry,
} from '../dav/multistatus.js'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudStatusError } from '../nextcloud-errors.js'
import { uidOf } from './contacts-card.js'

const CARDDAV = 'urn:ietf:params:xml:ns:carddav'
const DISPLAY_NAME = '{DAV:}displayname'
const ETAG = '{DAV:}getetag'
const CTAG = '{http://calendarserver.org/ns/}getctag'
const ADDRESS_DATA = `{${CARDDAV}}address-data`
const XML_TYPE = { 'Content-Type': 'application/xml; charset=utf-8' }
const DECLARED = `xmlns:d="DAV:" xmlns:cs="http://calendarserver.org/ns/" xmlns:card="${CARDDAV}"`

export interface AddressBook {
  readonly name: string
  readonly display_name: string
  readonly getctag: string
}

/** A card as it is stored. */
export interface StoredCard {
  /** File name in its book. */
  readonly fileName: string
  readonly etag: string
  readonly vcard: string
}

/** `PROPFIND` of the home, Depth 1: the user's address books. */
export async function listAddressBooks(nextcloud: NextcloudClient): Promise<AddressBook[]> {
  const { body } = await nextcloud.request({
    method: 'PROPFIND',
    path: `${davPath(await home(nextcloud))}/`,
    headers: { ...XML_TYPE, Depth: '1' },
    body: `<?xml version="1.0"?><d:propfind ${DECLARED}><d:prop><d:displayname/><d:resourcetype/><cs:getctag/></d:prop></d:propfind>`,
  })
  return readMultistatus(body)
    .filter((entry) => hasType(entry, `{${CARDDAV}}addressbook`))
    .map((entry) => ({
      name: lastSegment(entry.path),
      display_name: propertyText(entry, DISPLAY_NAME) ?? lastSegment(entry.path),
      getctag: propertyText(entry, CTAG) ?? '',
    }))
}

/** Extended `MKCOL` (RFC 5689); the path of the new book. */
export async function createAddressBook(
  nextcloud: NextcloudClient,
  name: string,
  displayName: string,
): Promise<string> {
  const path = await bookPath(nextcloud, name)
  const type = '<d:resourcetype><d:collection/><card:addressbook/></d:resourcetype>'
  const displayed = `<d:displayname>${escapeXml(displayName)}</d:displayname>`
  await nextcloud.request({
    method: 'MKCOL',
    path,
    headers: XML_TYPE,
    body: `<?xml version="1.0"?><d:mkcol ${DECLARED}><d:set><d:prop>${type}${displayed}</d:prop></d:set></d:mkcol>`,
  })
  return path
}

/** `DELETE` of a book with all its cards. */
export async function deleteAddressBook(nextcloud: NextcloudClient, name: string): Promise<number> {
  const { status } = await nextcloud.request({ method: 'DELETE', path: await bookPath(nextcloud, name) })
  return status
}

/** `REPORT` addressbook-query, Depth 1: all cards of a book, or those with a UID. */
export async function queryCards(
  nextcloud: NextcloudClient,
  book: string,
  uid?: string,
): Promise<StoredCard[]> {
  const filter =
    uid === undefined
      ? ''
      : '<card:filter><card:prop-filter name="UID">' +
        `<card:text-match collation="i;octet" match-type="equals">${escapeXml(uid)}</card:text-match>` +
        '</card:prop-filter></card:filter>'
  const { body } = await nextcloud.request({
    method: 'REPORT',
    path: await bookPath(nextcloud, book),
    headers: { ...XML_TYPE, Depth: '1' },
    body:
      `<?xml version="1.0"?><card:addressbook-query ${DECLARED}><d:prop><d:getetag/><card:address-data/></d:prop>` +
      `${filter}</card:addressbook-query>`,
  })
  return readMultistatus(body).flatMap(storedCard)
}

function storedCard(entry: DavEntry): StoredCard[] {
  const vcard = propertyText(entry, ADDRESS_DATA)
  if (vcard === undefined) return []
  return [{ fileName: lastSegment(entry.path), etag: propertyText(entry, ETAG) ?? '', vcard }]
}

/**
 * The card that the tools know by this UID: whichever card of the book has it, else the file that is called after it.
 *
 * @throws {NextcloudStatusError} 404 when the book is missing.
 */
export async function findCard(
  nextcloud: NextcloudClient,
  book: string,
  uid: string,
): Promise<StoredCard | undefined> {
  const file = await readCard(nextcloud, book, fileNameOf(uid))
  if (file !== undefined && uidOf(file.vcard) === uid) return file
  const found = await queryCards(nextcloud, book, uid)
  return found.find(({ vcard }) => uidOf(vcard) === uid) ?? file
}

/** `GET` of a card; `undefined` when it or its book is missing. */
async function readCard(
  nextcloud: NextcloudClient,
  book: string,
  fileName: string,
): Promise<StoredCard | undefined> {
  try {
    const { headers, body } = await nextcloud.request({
      path: await cardPath(nextcloud, book, fileName),
      headers: { Accept: 'text/vcard' },
    })
    return { fileName, etag: headers.get('ETag') ?? '', vcard: body.toString('utf8') }
  } catch (error) {
    if (error instanceof NextcloudStatusError && error.status === 404) return undefined
    throw error
  }
}

/**
 * `PUT` of a card.
 *
 * @param condition the etag of the card to replace, or `null` for a card that must not be there yet.
 */
export async function writeCard(
  nextcloud: NextcloudClient,
  book: string,
  fileName: string,
  vcard: string,
  condition: string | null,
): Promise<{ readonly href: string; readonly etag: string; readonly status: number }> {
  const path = await cardPath(nextcloud, book, fileName)
  const { status, headers } = await nextcloud.request({
    method: 'PUT',
    path,
    body: vcard,
    headers: {
      'Content-Type': 'text/vcard; charset=utf-8',
      ...(condition === null ? { 'If-None-Match': '*' } : { 'If-Match': quoted(condition) }),
    },
  })
  // A card that Nextcloud had to repair has none yet.
  return { href: path, etag: headers.get('ETag') ?? '', status }
}

/** `DELETE` of a card. */
export async function deleteCard(
  nextcloud: NextcloudClient,
  book: string,
  fileName: string,
): Promise<number> {
  const { status } = await nextcloud.request({
    method: 'DELETE',
    path: await cardPath(nextcloud, book, fileName),
  })
  return status
}

/** The file a contact is kept in: its UID, with what no file name can hold percent-encoded, and `.vcf`. */
export function fileNameOf(uid: string): string {
  return `${uid.replace(/[/\\%\p{Cc}]/gu, encodeURIComponent)}.vcf`
}

async function home(nextcloud: NextcloudClient): Promise<readonly string[]> {
  return ['addressbooks', 'users', await nextcloud.userId()]
}

async function bookPath(nextcloud: NextcloudClient, book: string): Promise<string> {
  return `${davPath([...(await home(nextcloud)), book])}/`
}

async function cardPath(nextcloud: NextcloudClient, book: string, fileName: string): Promise<string> {
  return davPath([...(await home(nextcloud)), book, fileName])
}

function quoted(etag: string): string {
  return /^(W\/)?".*"$/.test(etag) ? etag : `"${etag}"`
}

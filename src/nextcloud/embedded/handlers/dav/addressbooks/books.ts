import { escapeVcardText } from './vcard.js'
import { newAddressBook, writeCard, type AddressBookRow } from '../../../address-books.js'
import type { EmbeddedContext } from '../../../context.js'
import { DavError, notFound } from '../dav-error.js'
import { clark } from '../names.js'
import type { DavRequest } from '../request.js'

/** A book as it shows in a home. */
export interface Book {
  readonly row: AddressBookRow
  readonly isReadOnly: boolean
  /** What `getctag` says; the generated book of recent contacts has none of its own. */
  readonly ctag: string
}

const ACCOUNTS = 'z-server-generated--system'
const RECENT = 'z-app-generated--contactsinteraction--recent'

/** The user's own books, then the two that Nextcloud generates. */
export function booksOf(ctx: EmbeddedContext, userId: string): readonly Book[] {
  const own = ctx.store.addressBooks.homeOf(userId, ctx.clock.nowSeconds())
  return [...Array.from(own.values(), ownBook), accountsBook(ctx), recentBook()]
}

/**
 * A book in the home of whoever asks.
 *
 * @throws {DavError} 404
 */
export function bookNamed({ ctx, userId }: DavRequest, uri: string): Book {
  const own = ctx.store.addressBooks.homeOf(userId, ctx.clock.nowSeconds()).get(uri)
  if (own !== undefined) return ownBook(own)
  if (uri === ACCOUNTS) return accountsBook(ctx)
  if (uri === RECENT) return recentBook()
  throw notFound(`Addressbook with name '${uri}' could not be found`)
}

/** @throws {DavError} 405 for a name that only Nextcloud itself gives. */
export function refuseReservedName(uri: string): void {
  if (!/^z-(?:app|server)-generated--/.test(uri)) return
  throw new DavError(405, 'MethodNotAllowed', 'The resource you tried to create has a reserved name')
}

function ownBook(row: AddressBookRow): Book {
  return { row, isReadOnly: false, ctag: String(row.syncToken) }
}

/** All accounts of the instance, which every user may read. */
function accountsBook(ctx: EmbeddedContext): Book {
  const row = newAddressBook(ACCOUNTS, [
    [clark('d', 'displayname'), 'Accounts'],
    [clark('card', 'addressbook-description'), 'System address book which holds all accounts'],
  ])
  for (const { userId, displayName, email } of ctx.store.users.values()) {
    const [first = '', ...rest] = displayName.split(' ')
    const lines = [
      'BEGIN:VCARD',
      'VERSION:3.0',
      `UID:${escapeVcardText(userId)}`,
      `FN:${escapeVcardText(displayName)}`,
      `N:${escapeVcardText(rest.join(' '))};${escapeVcardText(first)};;;`,
      ...(email === '' ? [] : [`EMAIL;TYPE=OTHER:${escapeVcardText(email)}`]),
      'END:VCARD',
      '',
    ]
    // An account comes into being with one change, its address is another.
    if (email !== '') row.syncToken += 1
    writeCard(row, `Database:${userId}.vcf`, lines.join('\r\n'), userId, 0)
  }
  return { row, isReadOnly: true, ctag: String(row.syncToken) }
}

/** People the user has lately had to do with: nobody, as the embedded Nextcloud does not watch. */
function recentBook(): Book {
  const row = newAddressBook(RECENT, [[clark('d', 'displayname'), 'Recently contacted']])
  row.syncToken = 0
  return { row, isReadOnly: true, ctag: syncTokenUri(0) }
}

const SYNC_TOKEN = 'http://sabre.io/ns/sync/'

/** A sync token as it is on the wire. */
export function syncTokenUri(token: number): string {
  return `${SYNC_TOKEN}${String(token)}`
}

/** The number in a sync token; `undefined` when it is none of ours. */
export function syncTokenNumber(uri: string): number | undefined {
  const digits = uri.startsWith(SYNC_TOKEN) ? uri.slice(SYNC_TOKEN.length) : ''
  return /^\d{1,15}$/.test(digits) ? Number(digits) : undefined
}

import { createHash } from 'node:crypto'

/** A contact. */
export interface CardRow {
  /** File name in its address book, e.g. `ann.vcf`. */
  readonly uri: string
  /** The vCard as it was sent. */
  readonly data: string
  readonly uid: string
  /** With quotes. */
  readonly etag: string
  readonly modifiedSeconds: number
  /** Sync token of the book right after the card was last written. */
  readonly changedAt: number
}

export interface AddressBookRow {
  readonly uri: string
  /** Clark name to text, of what users may set. */
  readonly properties: Map<string, string>
  /** By file name. */
  readonly cards: Map<string, CardRow>
  /** Deleted file names and the sync token right after. */
  readonly deletedAt: Map<string, number>
  /** Starts at 1; every change makes the next. */
  syncToken: number
}

/** Every user's address books. A home gets its default book, with an example in it, at first use. */
export class AddressBooks {
  readonly #homes = new Map<string, Map<string, AddressBookRow>>()

  /**
   * The user's books by name, in the order they were made.
   *
   * @param nowSeconds when the default book is made, if it must be.
   */
  homeOf(userId: string, nowSeconds: number): Map<string, AddressBookRow> {
    let home = this.#homes.get(userId)
    if (home === undefined) {
      home = new Map()
      this.#homes.set(userId, home)
      const contacts = newAddressBook('contacts', [['{DAV:}displayname', 'Contacts']])
      writeCard(contacts, 'example.vcf', EXAMPLE, 'example-contact', nowSeconds)
      home.set(contacts.uri, contacts)
    }
    return home
  }
}

export function newAddressBook(
  uri: string,
  properties: Iterable<readonly [name: string, text: string]>,
): AddressBookRow {
  return { uri, properties: new Map(properties), cards: new Map(), deletedAt: new Map(), syncToken: 1 }
}

/** Creates or replaces a card. */
export function writeCard(
  book: AddressBookRow,
  uri: string,
  data: string,
  uid: string,
  nowSeconds: number,
): CardRow {
  book.syncToken += 1
  const etag = `"${createHash('md5').update(data).digest('hex')}"`
  const card = { uri, data, uid, etag, modifiedSeconds: nowSeconds, changedAt: book.syncToken }
  book.cards.set(uri, card)
  book.deletedAt.delete(uri)
  return card
}

export function deleteCard(book: AddressBookRow, card: CardRow): void {
  book.syncToken += 1
  book.cards.delete(card.uri)
  book.deletedAt.set(card.uri, book.syncToken)
}

const EXAMPLE = `BEGIN:VCARD
VERSION:3.0
UID:example-contact
FN:Leon Green
N:Green;Leon;;;
EMAIL;TYPE=WORK:leon@example.com
NOTE:An example of what a contact can hold
END:VCARD
`.replaceAll('\n', '\r\n')

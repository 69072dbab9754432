import * as z from 'zod'
import { deleting, overwriting, reading, writing } from './annotations.js'
import {
  createAddressBook,
  deleteAddressBook,
  deleteCard,
  fileNameOf,
  findCard,
  listAddressBooks,
  queryCards,
  writeCard,
  type StoredCard,
} from './contacts-api.js'
import { changedCard, newCard, readContact, uidOf } from './contacts-card.js'
import { bookName, cardChanges, contactChanges, contactUid, newContact } from './contacts-input.js'
import { envelope, stamped } from './envelope.js'
import { defineTool, ToolError } from './tool.js'
import type { Tool, ToolContext } from './tool.js'
import { wordedAsUsual } from './wording.js'

const listBooks = defineTool({
  name: 'nc_contacts_list_addressbooks',
  title: 'List address books',
  description: "Lists the user's address books.",
  annotations: reading,
  input: z.strictObject({}),
  output: z.object({
    ...envelope,
    addressbooks: z.array(
      z.object({
        name: z.string().describe('What other tools call it'),
        display_name: z.string(),
        getctag: z.string().describe('Changes with every change in the book'),
      }),
    ),
    total_count: z.int(),
  }),
  run: (_input, { nextcloud }) =>
    wordedAsUsual(
      listAddressBooks(nextcloud).then((addressbooks) => ({
        ...stamped(),
        addressbooks,
        total_count: addressbooks.length,
      })),
      'the list of address books',
    ),
})

const listContacts = defineTool({
  name: 'nc_contacts_list_contacts',
  title: 'List contacts',
  description: 'Lists all contacts of an address book.',
  annotations: reading,
  input: z.strictObject({ addressbook: bookName }),
  output: z.object({
    ...envelope,
    contacts: z.array(
      z.object({
        vcard_id: z.string().describe('Pass it to other tools as uid'),
        getetag: z.string(),
        contact: z.object({
          fullname: z.string(),
          nickname: z.string().nullable(),
          birthday: z.string().nullable(),
          email: z.array(z.string()),
          tel: z.array(z.string()),
          organization: z.string().nullable(),
          title: z.string().nullable(),
          note: z.string().nullable(),
          categories: z.array(z.string()),
        }),
        addressdata: z.string().describe('The whole vCard'),
      }),
    ),
    total_count: z.int(),
  }),
  run: ({ addressbook }, { nextcloud }) =>
    wordedAsUsual(
      queryCards(nextcloud, addressbook).then((cards) => ({
        ...stamped(),
        contacts: cards.map(listed),
        total_count: cards.length,
      })),
      bookText(addressbook),
      noSuchBook(addressbook),
    ),
})

const createBook = defineTool({
  name: 'nc_contacts_create_addressbook',
  title: 'Create address book',
  description: 'Creates an address book.',
  annotations: writing,
  input: z.strictObject({ name: bookName, display_name: z.string().min(1) }),
  output: z.object({ ...envelope, name: z.string(), display_name: z.string(), href: z.string() }),
  run: ({ name, display_name }, { nextcloud }) =>
    wordedAsUsual(
      createAddressBook(nextcloud, name, display_name).then((href) => ({
        ...stamped(),
        name,
        display_name,
        href,
      })),
      bookText(name),
      { 405: `${bookText(name)} already exists` },
    ),
})

const deleteBook = defineTool({
  name: 'nc_contacts_delete_addressbook',
  title: 'Delete address book',
  description: 'Deletes an address book with all its contacts.',
  annotations: deleting,
  input: z.strictObject({ name: bookName }),
  output: z.object({ ...envelope, name: z.string(), status_code: z.int() }),
  run: ({ name }, { nextcloud }) =>
    wordedAsUsual(
      deleteAddressBook(nextcloud, name).then((status_code) => ({ ...stamped(), name, status_code })),
      bookText(name),
      noSuchBook(name),
    ),
})

const writtenContact = z.object({
  ...envelope,
  uid: z.string(),
  href: z.string(),
  etag: z.string().describe('Pass it to the next update'),
  status_code: z.int(),
})

const createContact = defineTool({
  name: 'nc_contacts_create_contact',
  title: 'Create contact',
  description: 'Creates a contact under a UID that the address book does not have yet.',
  annotations: writing,
  input: z.strictObject({ addressbook: bookName, uid: contactUid, contact_data: newContact }),
  output: writtenContact,
  async run({ addressbook, uid, contact_data }, { nextcloud }) {
    const vcard = newCard(uid, cardChanges(contact_data))
    const { href, etag, status } = await wordedAsUsual(
      writeCard(nextcloud, addressbook, fileNameOf(uid), vcard, null),
      contactText(addressbook, uid),
      {
        ...noSuchBook(addressbook),
        400: `Nextcloud does not accept ${contactText(addressbook, uid)} (HTTP 400): it may exist already`,
        412: `${contactText(addressbook, uid)} already exists`,
      },
    )
    return { ...stamped(), uid, href, etag, status_code: status }
  },
})

const updateContact = defineTool({
  name: 'nc_contacts_update_contact',
  title: 'Update contact',
  description:
    'Changes the given fields of a contact and keeps everything else. A single email or tel replaces the first one, a ' +
    'list replaces all. With an etag the contact is only changed when nobody else has changed it since.',
  annotations: overwriting,
  input: z.strictObject({
    addressbook: bookName,
    uid: contactUid,
    contact_data: contactChanges,
    etag: z.string().default('').describe('From the last read; empty = whatever is there'),
  }),
  output: writtenContact,
  async run({ addressbook, uid, contact_data, etag }, { nextcloud }) {
    const stored = await existing(nextcloud, addressbook, uid)
    const vcard = changedCard(stored.vcard, cardChanges(contact_data))
    const written = await wordedAsUsual(
      writeCard(nextcloud, addressbook, stored.fileName, vcard, etag === '' ? stored.etag : etag),
      contactText(addressbook, uid),
      {
        404: notFound(addressbook, uid),
        412: `${contactText(addressbook, uid)} has been modified by someone else. Please refresh and try again.`,
      },
    )
    return { ...stamped(), uid, href: written.href, etag: written.etag, status_code: written.status }
  },
})

const deleteContact = defineTool({
  name: 'nc_contacts_delete_contact',
  title: 'Delete contact',
  description: 'Deletes a contact.',
  annotations: deleting,
  input: z.strictObject({ addressbook: bookName, uid: contactUid }),
  output: z.object({ ...envelope, uid: z.string(), status_code: z.int() }),
  async run({ addressbook, uid }, { nextcloud }) {
    const { fileName } = await existing(nextcloud, addressbook, uid)
    const status_code = await wordedAsUsual(
      deleteCard(nextcloud, addressbook, fileName),
      contactText(addressbook, uid),
      { 404: notFound(addressbook, uid) },
    )
    return { ...stamped(), uid, status_code }
  },
})

/** The tools of Nextcloud's address books. */
export const contactsTools: readonly Tool[] = [
  listBooks,
  listContacts,
  createBook,
  deleteBook,
  createContact,
  updateContact,
  deleteContact,
]

/** @throws {ToolError} when book or contact is missing. */
async function existing(
  nextcloud: ToolContext['nextcloud'],
  addressbook: string,
  uid: string,
): Promise<StoredCard> {
  const card = await wordedAsUsual(
    findCard(nextcloud, addressbook, uid),
    contactText(addressbook, uid),
    noSuchBook(addressbook),
  )
  if (card === undefined) throw new ToolError(notFound(addressbook, uid))
  return card
}

function listed({ fileName, etag, vcard }: StoredCard) {
  const uid = uidOf(vcard)
  const contact = readContact(vcard)
  return {
    vcard_id: uid ?? fileName.replace(/\.vcf$/i, ''),
    getetag: etag,
    contact,
    addressdata: vcard,
  }
}

function bookText(name: string): string {
  return `Address book ${name}`
}

function noSuchBook(name: string): Readonly<Record<number, string>> {
  return { 404: `${bookText(name)} not found` }
}

function contactText(addressbook: string, uid: string): string {
  return `Contact ${uid} in address book ${addressbook}`
}

function notFound(addressbook: string, uid: string): string {
  return `Contact ${uid} not found in address book ${addressbook}`
}

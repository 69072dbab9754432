import * as z from 'zod'
import type { CardChanges, CardField } from './contacts-card.js'

/** A name of a book as one segment of a path: `..` and slashes would lead elsewhere. */
export const bookName = z
  .string()
  .regex(/^(?!\.{1,2}$)[^/\\\p{Cc}]+$/u, 'not a name of an address book')
  .describe('Name of the address book, e.g. contacts')

export const contactUid = z
  .string()
  .regex(/^[^\p{Cc}]{1,200}$/u, 'must have 1 to 200 characters, none of them control characters')
  .describe('UID of the contact')

const one = z.string().min(1)
const several = z.union([one, z.array(one)])

/** What can be written into a contact. */
const fields = {
  fn: one.describe('Full name'),
  n: one.describe('Family;Given;Additional;Prefix;Suffix; made from fn unless given'),
  email: several.describe('One address, or all of them'),
  tel: several.describe('One telephone number, or all of them'),
  note: one,
  nickname: several,
  bday: z
    .string()
    .regex(/^(?:\d{4}|-)-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, 'must be YYYY-MM-DD or --MM-DD')
    .describe('YYYY-MM-DD, or --MM-DD without a year'),
  categories: several.describe('A list, or a text with commas'),
  org: one.describe('Organisation, its units after semicolons'),
  title: one.describe('Job title'),
}

/** A new contact needs a full name only. */
export const newContact = z.strictObject(fields).partial().required({ fn: true })

/** Fields to change; null removes one, what is left out stays. */
export const contactChanges = z.strictObject({
  fn: fields.fn.optional(),
  n: fields.n.optional(),
  email: fields.email.nullish(),
  tel: fields.tel.nullish(),
  note: fields.note.nullish(),
  nickname: fields.nickname.nullish(),
  bday: fields.bday.nullish(),
  categories: fields.categories.nullish(),
  org: fields.org.nullish(),
  title: fields.title.nullish(),
})

/** The fields as properties of a vCard. */
export function cardChanges(data: z.output<typeof contactChanges>): CardChanges {
  const changes = new Map<CardField, string | readonly string[] | null>()
  for (const [name, value] of Object.entries(data)) {
    const field = name.toUpperCase() as CardField
    if (field === 'CATEGORIES' && typeof value === 'string') changes.set(field, commaSeparated(value))
    else if (value !== undefined) changes.set(field, value)
  }
  return changes
}

function commaSeparated(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

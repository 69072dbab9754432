import ICAL from 'ical.js'
import { contentLines, propertyNameOf, vcardOf } from '../../vcard/content-lines.js'

/** What of a vCard the tools show. */
export interface Contact {
  readonly fullname: string
  readonly nickname: string | null
  /** `YYYY-MM-DD`, `--MM-DD` without a year, or what else the card says. */
  readonly birthday: string | null
  readonly email: string[]
  readonly tel: string[]
  readonly organization: string | null
  readonly title: string | null
  readonly note: string | null
  readonly categories: string[]
}

/** Values by property name; an array stands for all properties of that name. `null` removes them. */
export type CardChanges = ReadonlyMap<CardField, string | readonly string[] | null>

export type CardField =
  'FN' | 'N' | 'EMAIL' | 'TEL' | 'NOTE' | 'NICKNAME' | 'BDAY' | 'CATEGORIES' | 'ORG' | 'TITLE'

/** A property in jCard's form (RFC 7095): name, parameters, type, values. */
type JcardProperty = [name: string, parameters: Record<string, unknown>, type: string, ...values: unknown[]]

/** One property that holds several values, rather than several properties. */
const LISTS: ReadonlySet<CardField> = new Set(['NICKNAME', 'CATEGORIES'])
/** One value of several parts. */
const STRUCTURED: ReadonlySet<CardField> = new Set(['N', 'ORG'])

/** Reads a vCard; lines that cannot be read are passed over. */
export function readContact(vcard: string): Contact {
  const lines = contentLines(vcard)
  const design = designOf(lines)
  const properties = lines.map((line) => parsed(line, design)).filter((property) => property !== undefined)
  const values = (name: string): string[] =>
    properties
      .filter(([property]) => property === name)
      .flatMap(([, , , ...all]) => all.map(textOf))
      .filter((value) => value !== '')
  const first = (name: string): string | null => values(name)[0] ?? null
  return {
    fullname: first('fn') ?? '',
    nickname: first('nickname'),
    birthday: first('bday'),
    email: values('email'),
    tel: values('tel'),
    organization: first('org'),
    title: first('title'),
    note: first('note'),
    categories: values('categories'),
  }
}

/** The UID of a vCard. */
export function uidOf(vcard: string): string | undefined {
  const line = contentLines(vcard).find((each) => propertyNameOf(each) === 'UID')
  const uid = line === undefined ? undefined : parsed(line, ICAL.design.vcard3)?.[3]
  return typeof uid === 'string' && uid !== '' ? uid : undefined
}

/** A new vCard 3.0, the version that Nextcloud's own apps write. */
export function newCard(uid: string, changes: CardChanges): string {
  const empty = [
    'BEGIN:VCARD',
    'VERSION:3.0',
    written('uid', {}, 'text', [uid], ICAL.design.vcard3),
    'END:VCARD',
  ]
  return changedCard(vcardOf(empty), changes)
}

/**
 * The card with these changes. A single text replaces the first property of its name, with its parameters kept; an array
 * replaces all of them. Whatever is not changed stays as it is written. A name (N) that only repeated the old full name
 * follows the new one.
 */
export function changedCard(vcard: string, changes: CardChanges): string {
  let lines = contentLines(vcard)
  const fullname = changes.get('FN')
  const oldName = lines.find((line) => propertyNameOf(line) === 'N')
  const followed = written('n', {}, 'text', [nameOf(readContact(vcard).fullname)], designOf(lines))
  if (typeof fullname === 'string' && !changes.has('N') && (oldName === undefined || oldName === followed)) {
    lines = withField(lines, 'N', nameOf(fullname).join(';'))
  }
  for (const [field, value] of changes) lines = withField(lines, field, value)
  return vcardOf(lines)
}

function withField(
  lines: readonly string[],
  field: CardField,
  value: string | readonly string[] | null,
): readonly string[] {
  const design = designOf(lines)
  const isField = (line: string): boolean => propertyNameOf(line) === field
  const at = lines.findIndex(isField)
  const old = lines[at]
  const isSingle = typeof value === 'string' && !LISTS.has(field)
  const texts = (value === null ? [] : typeof value === 'string' ? [value] : value).map(clean)
  const groups = texts.length === 0 ? [] : LISTS.has(field) ? [texts] : texts.map((text) => [text])
  const fresh = groups.map((values, index) => {
    const parameters = isSingle && index === 0 && old !== undefined ? parsed(old, design)?.[1] : undefined
    const group = isSingle && old !== undefined ? (/^[\w-]+\.(?=[\w-]+[;:])/.exec(old)?.[0] ?? '') : ''
    const shaped = STRUCTURED.has(field) ? values.map((text) => text.split(';')) : values
    return (
      group + written(field.toLowerCase(), withoutGroup(parameters), typeOf(field, design), shaped, design)
    )
  })
  const kept = lines.filter((line, index) => !isField(line) || (isSingle && index !== at))
  const position = at === -1 ? kept.findLastIndex((line) => propertyNameOf(line) === 'END') : at
  return kept.toSpliced(position === -1 ? kept.length : position, 0, ...fresh)
}

/** Only line feeds have an escape in a vCard; other control characters would end the line or the card. */
function clean(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[^\P{Cc}\n\t]/gu, '')
}

/** Family and given name of a full name, as the five parts of N: the last word is taken for the family's. */
function nameOf(fullname: string): string[] {
  const words = fullname.trim().split(/\s+/)
  const family = words.length > 1 ? (words.at(-1) ?? '') : ''
  const given = words.length > 1 ? words.slice(0, -1).join(' ') : (words[0] ?? '')
  return [family, given, '', '', ''].map((part) => part.replaceAll(';', ' '))
}

type Design = typeof ICAL.design.vcard3

function designOf(lines: readonly string[]): Design {
  return lines.some((line) => /^VERSION:4/i.test(line)) ? ICAL.design.vcard : ICAL.design.vcard3
}

function typeOf(field: CardField, design: Design): string {
  if (field === 'BDAY') return 'date'
  return field === 'TEL' && design === ICAL.design.vcard3 ? 'phone-number' : 'text'
}

function withoutGroup(parameters: Record<string, unknown> = {}): Record<string, unknown> {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => name !== 'group'))
}

function parsed(line: string, design: Design): JcardProperty | undefined {
  try {
    return ICAL.parse.property(line, design) as JcardProperty
  } catch {
    return undefined
  }
}

function written(
  name: string,
  parameters: Record<string, unknown>,
  type: string,
  values: readonly unknown[],
  design: Design,
): string {
  const property: JcardProperty = [name, parameters, type, ...values]
  return ICAL.stringify.property(property, design, true)
}

function textOf(value: unknown): string {
  const text = Array.isArray(value) ? value.flat().join(';') : String(value)
  return text.replace(/;+$/, '')
}

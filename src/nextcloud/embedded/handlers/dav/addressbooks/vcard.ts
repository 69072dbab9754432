import { randomUUID } from 'node:crypto'
import ICAL from 'ical.js'
import { contentLines, propertyNameOf, vcardOf } from '../../../../../vcard/content-lines.js'
import { DavError } from '../dav-error.js'

/** A vCard that may be stored. */
export interface AcceptedCard {
  readonly data: string
  readonly uid: string
  /** Whether `data` is not what was sent, so that its etag would mislead the client. */
  readonly wasRepaired: boolean
}

const MAX_BYTES = 5 * 1024 * 1024
/** In their order, what a missing FN is made of. */
const NAME_SOURCES = ['N', 'ORG', 'NICKNAME', 'EMAIL']

/**
 * Checks a vCard or jCard as sabre/dav does: what can be repaired is.
 *
 * @throws {DavError} 415 when it cannot, 403 when it is larger than 5 MiB.
 */
export function acceptCard(bytes: Buffer): AcceptedCard {
  if (bytes.length > MAX_BYTES) throw new DavError(403, 'Forbidden', 'The vCard is too large')
  const sent = fromJcard(decoded(bytes))
  if (!/^\s*BEGIN:VCARD\s*[\r\n]/i.test(sent)) {
    throw refusal('Parse error: This parser only supports VCARD and VCALENDAR files')
  }
  const lines = contentLines(sent)
  const end = lines.findIndex((line) => /^END:/i.test(line))
  if (end === -1) throw refusal('Parse error: End of document reached prematurely')
  if (!/^END:VCARD\s*$/i.test(lines[end] ?? '')) {
    throw refusal('Parse error: Invalid MimeDir file. expected: "END:VCARD"')
  }
  const card = lines.slice(0, end + 1)
  parse(vcardOf(card))
  const repairs = repairsOf(card)
  const [begin = '', ...rest] = card
  const data = repairs.length === 0 ? sent : vcardOf([begin, ...repairs, ...rest])
  return { data, uid: uidOf(repairs) ?? uidOf(card) ?? '', wasRepaired: repairs.length > 0 }
}

/** Lines to add to a card that lacks what every card must have. */
function repairsOf(card: readonly string[]): readonly string[] {
  const names = card.map(propertyNameOf)
  const version = card.find((line) => propertyNameOf(line) === 'VERSION')
  if (version !== undefined && /:2\.1\s*$/.test(version)) {
    throw refusal('CardDAV servers are not allowed to accept vCard 2.1.', 'Validation error in vCard: ')
  }
  const formattedNames = names.filter((name) => name === 'FN').length
  const source = NAME_SOURCES.find((name) => valueOf(card, name).replaceAll(';', '').trim() !== '')
  if (formattedNames > 1 || (formattedNames === 0 && source === undefined)) {
    throw refusal(
      'The FN property must appear in the VCARD component exactly 1 time',
      'Validation error in vCard: ',
    )
  }
  return [
    ...(version === undefined ? ['VERSION:4.0'] : []),
    ...(uidOf(card) === undefined ? [`UID:${randomUUID()}`] : []),
    ...(source === undefined || formattedNames > 0 ? [] : [`FN:${formattedName(card, source)}`]),
  ]
}

function formattedName(card: readonly string[], source: string): string {
  const value = valueOf(card, source)
  if (source !== 'N') return value
  const [family = '', given = ''] = value.split(/(?<!\\);/)
  return `${given} ${family}`.trim()
}

function uidOf(card: readonly string[]): string | undefined {
  const uid = valueOf(card, 'UID').trim()
  return uid === '' ? undefined : uid
}

function valueOf(card: readonly string[], name: string): string {
  const line = card.find((each) => propertyNameOf(each) === name)
  return line === undefined ? '' : line.slice(line.indexOf(':') + 1)
}

function decoded(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    // Old address books still write Latin-1.
    return bytes.toString('latin1')
  }
}

function fromJcard(text: string): string {
  if (!text.startsWith('[')) return text
  try {
    return `${new ICAL.Component(JSON.parse(text) as unknown[]).toString()}\r\n`
  } catch {
    throw refusal('Parse error: not a jCard')
  }
}

function parse(card: string): void {
  try {
    ICAL.parse(card)
  } catch (error) {
    throw refusal(`Parse error: ${error instanceof Error ? error.message : 'unreadable'}`)
  }
}

function refusal(
  message: string,
  prefix = 'This resource only supports valid vCard or jCard data. ',
): DavError {
  return new DavError(415, 'UnsupportedMediaType', prefix + message)
}

/** A text as a vCard's value. */
export function escapeVcardText(text: string): string {
  return text.replace(/[\\,;]/g, (character) => `\\${character}`).replace(/\r\n|\r|\n/g, '\\n')
}

/** The card with only these properties, and those without which it is none. */
export function partOfCard(data: string, names: ReadonlySet<string>): string {
  const kept = new Set(['BEGIN', 'END', 'VERSION', 'UID', 'FN', ...names])
  return vcardOf(contentLines(data).filter((line) => kept.has(propertyNameOf(line))))
}

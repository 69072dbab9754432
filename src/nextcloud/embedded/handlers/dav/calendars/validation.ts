import { randomUUID } from 'node:crypto'
import ICAL from 'ical.js'
import { ICalendarSyntaxError, parseICalendar } from '../../../../../icalendar/parse.js'
import { timesOf } from '../../../../../icalendar/times.js'
import { COMPONENT_KINDS, type CalendarObjectContent, type ComponentKind } from '../../../calendars.js'
import { DavError } from '../dav-error.js'

export interface ValidObject extends CalendarObjectContent {
  /** The stored text is not what was sent, so that its etag must not be told. */
  readonly wasRepaired: boolean
}

const PARSE_ERROR = 'This resource only supports valid iCalendar 2.0 data. Parse error: '

/** What a component may have at most once (RFC 5545, 3.6.1 to 3.6.3). */
const ONCE = [
  ...[
    'class',
    'created',
    'description',
    'geo',
    'last-modified',
    'location',
    'organizer',
    'priority',
    'sequence',
  ],
  ...['status', 'summary', 'transp', 'url', 'recurrence-id', 'rrule', 'dtend', 'due', 'duration', 'dtstart'],
]
const TIMES = ['dtstart', 'dtend', 'due', 'recurrence-id', 'exdate', 'rdate', 'completed', 'created']

/**
 * Checks what is to be stored in a calendar (RFC 4791, 4.1) and puts right what sabre/dav puts right: a missing
 * PRODID, VERSION, UID or DTSTAMP, a METHOD.
 *
 * @throws {DavError} 415 for what is no iCalendar object or an invalid one, 403 for a kind that the calendar does not take.
 */
export function validateObject(text: string, allowed: readonly ComponentKind[], nowMs: number): ValidObject {
  const calendar = parse(text)
  if (calendar.name !== 'vcalendar') {
    throw unsupported('This collection can only support iCalendar objects.')
  }
  const components = calendar
    .getAllSubcomponents()
    .filter(({ name }) => COMPONENT_KINDS.some((known) => known.toLowerCase() === name))
  const kind = components.at(-1)?.name.toUpperCase() as ComponentKind | undefined
  if (kind === undefined || !allowed.includes(kind)) throw invalidComponent(allowed)
  const wasRepaired = repair(calendar, components, nowMs)
  const version = calendar.getFirstPropertyValue('version')
  if (version !== '2.0') {
    throw invalid('Only iCalendar version 2.0 as described in rfc5545 is supported.')
  }
  for (const component of components) checkComponent(component)
  const uids = new Set(components.map(uidOf))
  if (uids.size > 1) {
    throw invalid('A calendar object on a CalDAV server may only have components with the same UID.')
  }
  if (new Set(components.map(({ name }) => name)).size > 1) {
    throw invalid(
      'A calendar object on a CalDAV server may only have 1 type of component (VEVENT, VTODO or VJOURNAL).',
    )
  }
  const [uid = ''] = uids
  return { data: wasRepaired ? `${calendar.toString()}\r\n` : text, calendar, kind, uid, wasRepaired }
}

function parse(text: string): ICAL.Component {
  if (text.trim() === '') throw unsupported(`${PARSE_ERROR}End of document reached prematurely`)
  if (!/^\uFEFF?\s*BEGIN:V(?:CALENDAR|CARD)\s*$/im.test(text.slice(0, 200).split('\n', 1)[0] ?? '')) {
    throw unsupported(`${PARSE_ERROR}This parser only supports VCARD and VCALENDAR files`)
  }
  try {
    return parseICalendar(text.replace(/^\uFEFF/, ''))
  } catch (error) {
    if (!(error instanceof ICalendarSyntaxError)) throw error
    throw unsupported(`${PARSE_ERROR}Invalid Mimedir file. ${error.message.slice(0, 200)}`)
  }
}

/** Returns whether anything was changed. */
function repair(calendar: ICAL.Component, components: readonly ICAL.Component[], nowMs: number): boolean {
  let isChanged = false
  const complete = (component: ICAL.Component, name: string, value: () => string | ICAL.Time): void => {
    if (component.hasProperty(name)) return
    component.addPropertyWithValue(name, value())
    isChanged = true
  }
  complete(calendar, 'version', () => '2.0')
  complete(calendar, 'prodid', () => '-//Sabre//Sabre VObject//EN')
  if (calendar.removeAllProperties('method')) isChanged = true
  const uid = randomUUID()
  for (const component of components) {
    complete(component, 'uid', () => `sabre-vobject-${uid}`)
    complete(component, 'dtstamp', () => ICAL.Time.fromJSDate(new Date(nowMs), true))
  }
  return isChanged
}

function checkComponent(component: ICAL.Component): void {
  const name = component.name.toUpperCase()
  const count = (property: string): number => component.getAllProperties(property).length
  for (const property of ['uid', 'dtstamp', ...(name === 'VEVENT' ? ['dtstart'] : [])]) {
    if (count(property) === 1) continue
    throw invalid(`${property.toUpperCase()} MUST appear exactly once in a ${name} component`)
  }
  for (const property of ONCE) {
    if (count(property) <= 1) continue
    throw invalid(`${property.toUpperCase()} MUST NOT appear more than once in a ${name} component`)
  }
  for (const property of TIMES.flatMap((each) => component.getAllProperties(each))) {
    if (timesOf(property).length === (property.jCal as unknown[]).length - 3) continue
    const value = property.toICALString().replace(/^[^:]*:/, '')
    throw invalid(`The supplied value (${value.slice(0, 100)}) is not a correct DATE-TIME property`)
  }
}

function uidOf(component: ICAL.Component): string {
  const value: unknown = component.getFirstPropertyValue('uid')
  return typeof value === 'string' ? value : ''
}

function unsupported(message: string): DavError {
  return new DavError(415, 'UnsupportedMediaType', message)
}

function invalid(message: string): DavError {
  return unsupported(`Validation error in iCalendar: ${message}`)
}

function invalidComponent(allowed: readonly ComponentKind[]): DavError {
  const message = `iCalendar objects must at least have a component of type ${allowed.join(', ')}`
  return new DavError(403, 'InvalidComponentType', message, {
    exceptionClass: 'Sabre\\CalDAV\\Exception\\InvalidComponentType',
    extraXml: '  <cal:supported-calendar-component xmlns:cal="urn:ietf:params:xml:ns:caldav"/>',
  })
}

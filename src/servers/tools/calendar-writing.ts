import { randomUUID } from 'node:crypto'
import ICAL from 'ical.js'
import type { ServerMutant } from '../mutants.js'
import { mainEvent } from './calendar-events.js'
import { setRule, setTimes, type ScheduleFields } from './calendar-schedule.js'
import { ToolError } from './tool.js'

/** What a tool may set of an event; members that are absent stay as they are. */
export interface EventFields extends ScheduleFields {
  readonly title?: string | undefined
  readonly description?: string | undefined
  readonly location?: string | undefined
  readonly categories?: string | undefined
  readonly attendees?: string | undefined
  readonly reminder_minutes?: number | undefined
  readonly reminder_email?: boolean | undefined
  readonly status?: string | undefined
  readonly priority?: number | undefined
  readonly privacy?: string | undefined
  readonly url?: string | undefined
  readonly color?: string | undefined
}

/**
 * A new calendar object with one event.
 *
 * @throws {ToolError} for values that make no sense.
 */
export function newEvent(
  fields: EventFields,
  mutants: ReadonlySet<ServerMutant>,
): { readonly uid: string; readonly data: string } {
  const uid = randomUUID()
  const calendar = new ICAL.Component('vcalendar')
  calendar.addPropertyWithValue('version', '2.0')
  calendar.addPropertyWithValue('prodid', '-//nc-mcp-conformance//reference server//EN')
  const event = new ICAL.Component('vevent')
  calendar.addSubcomponent(event)
  event.addPropertyWithValue('uid', uid)
  event.addPropertyWithValue('created', now())
  apply(calendar, event, fields, mutants)
  return { uid, data: `${calendar.toString()}\r\n` }
}

/**
 * The object with the fields changed and everything else as it was.
 *
 * @throws {ToolError} for values that make no sense.
 */
export function changedEvent(
  original: ICAL.Component,
  fields: EventFields,
  mutants: ReadonlySet<ServerMutant>,
): string {
  const calendar = new ICAL.Component(structuredClone(original.jCal) as unknown[])
  const event = mainEvent(calendar)
  const sequence = Number(event.getFirstPropertyValue('sequence') ?? 0)
  event.updatePropertyWithValue('sequence', Number.isInteger(sequence) ? sequence + 1 : 1)
  apply(calendar, event, fields, mutants)
  return `${calendar.toString()}\r\n`
}

function apply(
  calendar: ICAL.Component,
  event: ICAL.Component,
  fields: EventFields,
  mutants: ReadonlySet<ServerMutant>,
): void {
  event.updatePropertyWithValue('dtstamp', now())
  event.updatePropertyWithValue('last-modified', now())
  setText(event, 'summary', fields.title)
  setText(event, 'description', fields.description)
  setText(event, 'location', fields.location)
  setText(event, 'status', fields.status)
  setText(event, 'class', fields.privacy)
  setText(event, 'color', fields.color)
  setUrl(event, fields.url)
  if (fields.priority !== undefined) event.updatePropertyWithValue('priority', fields.priority)
  setCategories(event, fields.categories)
  setAttendees(event, fields.attendees)
  setTimes(calendar, event, fields, mutants)
  setRule(calendar, event, fields)
  setReminder(event, fields)
}

/** An empty text removes the property. */
function setText(event: ICAL.Component, name: string, value: string | undefined): void {
  if (value === undefined) return
  if (value === '') event.removeAllProperties(name)
  else event.updatePropertyWithValue(name, storable(value))
}

/** iCalendar has no carriage returns and no control characters in texts (RFC 5545, 3.3.11). */
function storable(text: string): string {
  return text.replace(/\r\n?/g, '\n').replace(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
}

function setUrl(event: ICAL.Component, url: string | undefined): void {
  // Not escaped in the object, so that a line break in it would start another property.
  if (url !== undefined && /[\s\u0000-\u001f]/.test(url)) throw new ToolError(`Invalid url: '${url}'`)
  setText(event, 'url', url)
}

function setCategories(event: ICAL.Component, categories: string | undefined): void {
  if (categories === undefined) return
  event.removeAllProperties('categories')
  const values = listIn(categories).map(storable)
  if (values.length === 0) return
  const property = new ICAL.Property('categories')
  property.setValues(values)
  event.addProperty(property)
}

/** People who stay keep their parameters, such as whether they have accepted. */
function setAttendees(event: ICAL.Component, attendees: string | undefined): void {
  if (attendees === undefined) return
  const known = new Map(
    event.getAllProperties('attendee').map((each) => [String(each.getFirstValue()).toLowerCase(), each]),
  )
  event.removeAllProperties('attendee')
  for (const text of listIn(attendees)) {
    const address = text.replace(/^mailto:/i, '')
    if (!/^[^\s@,;:"<>]+@[^\s@,;:"<>]+$/.test(address)) throw new ToolError(`Invalid attendee: '${text}'`)
    const uri = `mailto:${address}`
    const kept = known.get(uri.toLowerCase())
    if (kept !== undefined) {
      event.addProperty(kept)
      continue
    }
    const attendee = event.addPropertyWithValue('attendee', uri)
    attendee.setParameter('role', 'REQ-PARTICIPANT')
    attendee.setParameter('partstat', 'NEEDS-ACTION')
    attendee.setParameter('rsvp', 'TRUE')
  }
}

/** The parts of a list with commas, trimmed, empty ones left out. */
export function listIn(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
}

/** Replaces the alarms that have a time before the start; others are not ours. */
function setReminder(event: ICAL.Component, { reminder_minutes, reminder_email }: EventFields): void {
  if (reminder_minutes === undefined) return
  for (const alarm of event.getAllSubcomponents('valarm')) {
    if (/^-?P/.test(String((alarm.getFirstProperty('trigger')?.jCal as unknown[] | undefined)?.[3]))) {
      event.removeSubcomponent(alarm)
    }
  }
  if (reminder_minutes === 0) return
  const alarm = new ICAL.Component('valarm')
  alarm.addPropertyWithValue('action', reminder_email === true ? 'EMAIL' : 'DISPLAY')
  const summary: unknown = event.getFirstPropertyValue('summary')
  const text = typeof summary === 'string' ? summary : 'Reminder'
  if (reminder_email === true) alarm.addPropertyWithValue('summary', text)
  alarm.addPropertyWithValue('description', text)
  alarm.addPropertyWithValue('trigger', ICAL.Duration.fromString(`-PT${String(reminder_minutes)}M`))
  event.addSubcomponent(alarm)
}

function now(): ICAL.Time {
  return ICAL.Time.fromJSDate(new Date(), true)
}

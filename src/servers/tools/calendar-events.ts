import type ICAL from 'ical.js'
import * as z from 'zod'
import { Clock } from '../../icalendar/clock.js'
import { occurrencesOf, spanOf, STEPS_PER_OBJECT, type Occurrence } from '../../icalendar/occurrences.js'
import { StepBudget } from '../../icalendar/recurrence.js'
import { timeOf } from '../../icalendar/times.js'
import type { EventObject, EventRange } from './calendar-objects.js'
import { formatTime, timeLike } from './calendar-times.js'

/** An event as tools show it. */
export const eventSchema = z.object({
  uid: z.string(),
  title: z.string(),
  description: z.string(),
  location: z.string(),
  status: z.string(),
  priority: z.int(),
  privacy: z.string(),
  url: z.string(),
  start_datetime: z.string().describe('ISO 8601; a date alone for whole days, no offset for floating times'),
  end_datetime: z.string().describe('As start_datetime; of whole days the day after the last one'),
  timezone: z.string().nullable().describe('Name of the time zone; null for floating times and whole days'),
  all_day: z.boolean(),
  categories: z.string().describe('Separated by comma and space'),
  recurring: z.boolean(),
  recurrence_rule: z.string().describe('RFC 5545 RRULE; empty when nothing recurs'),
  attendees: z.string().describe('Email addresses separated by comma and space'),
  href: z.string(),
  etag: z.string().describe('Pass it to an update to make sure that nobody else has changed the event'),
  calendar_name: z.string(),
})
export type ShownEvent = z.output<typeof eventSchema>

/** An event with the moments that decide about its place in a list. */
export interface ListedEvent {
  readonly shown: ShownEvent
  /** ms since the epoch. */
  readonly startMs: number
  readonly endMs: number
  readonly attendees: readonly string[]
  readonly categories: readonly string[]
  /** Whether it blocks the time: neither cancelled nor marked as free. */
  readonly isBusy: boolean
}

/** What all rules of one call together may cost. */
const STEPS_PER_CALL = 200_000

/** The object's event, a series once. */
export function eventOf(object: EventObject): ListedEvent {
  const { calendar } = object
  const component = mainEvent(calendar)
  const clock = new Clock(calendar)
  const start = timeOf(component, 'dtstart') ?? { form: 'floating', wallMs: 0 }
  return listed(object, spanOf(component, start, clock), clock)
}

/** The component that describes the series, else the first. */
export function mainEvent(calendar: ICAL.Component): ICAL.Component {
  const events = calendar.getAllSubcomponents('vevent')
  const main = events.find((event) => !event.hasProperty('recurrence-id')) ?? events[0]
  if (main === undefined) throw new Error('an object without event')
  return main
}

/**
 * The events of objects in the order of their starts. In a range a series is listed once for every occurrence, without
 * one it is listed once.
 *
 * @param limit no more occurrences of one object than this are looked for.
 */
export function eventsOf(
  objects: readonly EventObject[],
  range: EventRange,
  limit: number,
  matches: (event: ListedEvent) => boolean = () => true,
): ListedEvent[] {
  const budget = new StepBudget(STEPS_PER_CALL)
  const events = objects.flatMap((object) => {
    if (range.startMs === undefined && range.endMs === undefined) return [eventOf(object)].filter(matches)
    return occurrencesIn(object, range, limit, matches, new StepBudget(STEPS_PER_OBJECT, budget))
  })
  return events.sort((a, b) => a.startMs - b.startMs)
}

function occurrencesIn(
  object: EventObject,
  { startMs = -Infinity, endMs = Infinity }: EventRange,
  limit: number,
  matches: (event: ListedEvent) => boolean,
  budget: StepBudget,
): ListedEvent[] {
  const clock = new Clock(object.calendar)
  const events: ListedEvent[] = []
  const range = { fromMs: startMs, toMs: endMs }
  let ofSeries = 0
  for (const occurrence of occurrencesOf(object.calendar, 'vevent', clock, range, budget)) {
    const event = listed(object, occurrence, clock)
    if (!matches(event)) continue
    events.push(event)
    // Changed occurrences come first, in no order; those of the series itself in theirs.
    if (!occurrence.component.hasProperty('recurrence-id')) ofSeries += 1
    if (ofSeries >= limit) break
  }
  return events
}

function listed(object: EventObject, occurrence: Occurrence, clock: Clock): ListedEvent {
  const { component, start, startMs, endMs } = occurrence
  const text = (name: string): string => textOf(component, name)
  const rule = mainEvent(object.calendar).getFirstProperty('rrule')
  const ownEnd = timeOf(component, 'dtend')
  const end = timeLike(endMs, start.form === 'zoned' && ownEnd?.form === 'zoned' ? ownEnd : start)
  const attendees = component.getAllProperties('attendee').map((each) => addressOf(each))
  const categories = component
    .getAllProperties('categories')
    .flatMap((each) => (each.jCal as unknown[]).slice(3))
    .map((each) => String(each).trim())
    .filter((each) => each !== '')
  const status = text('status') || 'CONFIRMED'
  const priority = Number.parseInt(text('priority'), 10)
  return {
    shown: {
      uid: text('uid'),
      title: text('summary'),
      description: text('description'),
      location: text('location'),
      status,
      priority: Number.isNaN(priority) ? 5 : priority,
      privacy: text('class') || 'PUBLIC',
      url: text('url'),
      start_datetime: formatTime(start, clock),
      end_datetime: formatTime(end, clock),
      timezone: start.form === 'zoned' ? (start.tzid ?? null) : start.form === 'utc' ? 'UTC' : null,
      all_day: start.form === 'date',
      categories: categories.join(', '),
      recurring: rule !== null || component.hasProperty('rdate'),
      recurrence_rule: rule === null ? '' : rule.toICALString().replace(/^RRULE[^:]*:/, ''),
      attendees: attendees.join(', '),
      href: object.href,
      etag: object.etag,
      calendar_name: object.calendarName,
    },
    startMs,
    endMs,
    attendees,
    categories,
    isBusy: status.toUpperCase() !== 'CANCELLED' && text('transp').toUpperCase() !== 'TRANSPARENT',
  }
}

function addressOf(attendee: ICAL.Property): string {
  const value: unknown = (attendee.jCal as unknown[])[3]
  return typeof value === 'string' ? value.replace(/^mailto:/i, '') : ''
}

function textOf(component: ICAL.Component, name: string): string {
  const value: unknown = (component.getFirstProperty(name)?.jCal as unknown[] | undefined)?.[3]
  return typeof value === 'string' || typeof value === 'number' ? String(value) : ''
}

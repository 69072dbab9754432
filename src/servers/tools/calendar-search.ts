import type { NextcloudClient } from '../nextcloud-client.js'
import { listCalendars, type CalendarInfo } from './calendar-collections.js'
import { eventsOf, type ListedEvent } from './calendar-events.js'
import { queryEvents, type EventObject, type EventRange } from './calendar-objects.js'
import { readEdge } from './calendar-times.js'
import { listIn } from './calendar-writing.js'
import { ToolError } from './tool.js'

export interface EventFilters {
  readonly title_contains: string | null
  readonly location_contains: string | null
  readonly categories: string | null
  readonly status: string | null
  readonly min_attendees?: number | null
  readonly min_duration_minutes?: number | null
}

/** Whether an event passes all filters that are given. */
export function filterOf(filters: EventFilters): (event: ListedEvent) => boolean {
  const { title_contains, location_contains, status, min_attendees, min_duration_minutes } = filters
  const wanted = filters.categories === null ? [] : listIn(filters.categories.toLowerCase())
  const contains = (text: string, part: string | null): boolean =>
    part === null || text.toLowerCase().includes(part.toLowerCase())
  return ({ shown, startMs, endMs, attendees, categories }) =>
    contains(shown.title, title_contains) &&
    contains(shown.location, location_contains) &&
    (status === null || status === '' || shown.status.toUpperCase() === status.toUpperCase()) &&
    (wanted.length === 0 || categories.some((each) => wanted.includes(each.toLowerCase()))) &&
    attendees.length >= (min_attendees ?? 0) &&
    endMs - startMs >= (min_duration_minutes ?? 0) * 60_000
}

/**
 * The range between two texts.
 *
 * @throws {ToolError} for texts that are no times, and for an end before the start.
 */
export function rangeOf(start: string, end: string): EventRange {
  const startMs = readEdge(start, false)
  const endMs = readEdge(end, true)
  if (startMs !== undefined && endMs !== undefined && endMs <= startMs) {
    throw new ToolError(`The range ends ('${end}') before it starts ('${start}')`)
  }
  return { ...(startMs === undefined ? {} : { startMs }), ...(endMs === undefined ? {} : { endMs }) }
}

/** Objects with events in the range: of one calendar, or with an empty name of all that take events. */
export async function findObjects(
  nextcloud: NextcloudClient,
  calendarName: string,
  range: EventRange,
): Promise<EventObject[]> {
  if (calendarName !== '') return queryEvents(nextcloud, calendarName, range)
  const calendars = (await listCalendars(nextcloud)).filter(takesEvents)
  return (await Promise.all(calendars.map(({ name }) => queryEvents(nextcloud, name, range)))).flat()
}

function takesEvents({ components }: CalendarInfo): boolean {
  return components.length === 0 || components.includes('VEVENT')
}

/** The first events by start. */
export async function findEvents(
  nextcloud: NextcloudClient,
  calendarName: string,
  range: EventRange,
  limit: number,
  matches?: (event: ListedEvent) => boolean,
): Promise<ListedEvent[]> {
  const objects = await findObjects(nextcloud, calendarName, range)
  return eventsOf(objects, range, limit, matches).slice(0, limit)
}

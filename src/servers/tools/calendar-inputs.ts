import * as z from 'zod'

const TIME =
  'ISO 8601, such as 2026-12-01T09:00:00+01:00. A name in brackets behind it (2026-12-01T09:00:00[Europe/Berlin]) keeps ' +
  'the time zone; an offset alone is stored in UTC, neither is a floating time. Whole days: 2026-12-01'

export const calendarName = z
  .string()
  .describe('Name of the calendar in its address, as the list of calendars shows it')
export const eventUid = z.string().describe('UID of the event')
export const startTime = z.string().describe(TIME)
export const endTime = z
  .string()
  .describe(
    'As start_datetime, whose offset and zone it shares unless it has its own. Of whole days: the day after the last',
  )
export const timezone = z.string().describe('IANA name of the time zone that the event is kept in')
export const categories = z.string().describe('Separated by commas')
export const attendees = z.string().describe('Email addresses, separated by commas')
export const recurrenceRule = z.string().describe('RFC 5545 RRULE, such as FREQ=WEEKLY;COUNT=4')
export const recurrenceEndDate = z.string().describe('Last day of the series, included')
export const reminderMinutes = z.int().min(0).max(40_320).describe('Minutes before the start; 0 = none')
export const status = z.enum(['CONFIRMED', 'TENTATIVE', 'CANCELLED'])
export const privacy = z.enum(['PUBLIC', 'PRIVATE', 'CONFIDENTIAL'])
export const priority = z.int().min(0).max(9)
export const rangeEdge = z
  .string()
  .describe('Day (2026-12-01; the end is included) or ISO 8601 time; without offset: UTC')

/** What narrows a list of events down. */
export const eventFilters = {
  title_contains: z.string().nullable().default(null).describe('Letter case does not count'),
  location_contains: z.string().nullable().default(null).describe('Letter case does not count'),
  categories: z.string().nullable().default(null).describe('Separated by commas; one of them is enough'),
  status: z.string().nullable().default(null),
}

export const writtenEvent = z.object({
  uid: z.string(),
  href: z.string(),
  etag: z.string().describe('Empty when Nextcloud has put the event right; read it again then'),
  status_code: z.int(),
})

import * as z from 'zod'
import { DAY_MS } from '../../icalendar/times.js'
import { ianaZone, wallClockIn } from '../../icalendar/zones.js'
import { reading, writing } from './annotations.js'
import { freeSlots, readHours } from './calendar-availability.js'
import { eventSchema } from './calendar-events.js'
import * as inputs from './calendar-inputs.js'
import { createObject } from './calendar-objects.js'
import { findEvents } from './calendar-search.js'
import { formatTime, readEdge, readTime } from './calendar-times.js'
import { listIn, newEvent } from './calendar-writing.js'
import { Clock } from '../../icalendar/clock.js'
import ICAL from 'ical.js'
import { defineTool, ToolError, type Tool } from './tool.js'

const MINUTE_MS = 60_000
/** More events than anybody has in the weeks that are planned. */
const MANY = 1_000
const MAX_SLOTS = 10

const createMeeting = defineTool({
  name: 'nc_calendar_create_meeting',
  title: 'Create meeting',
  description:
    'Creates an event from a day, a time and a duration. Without a time zone the time is a floating one.',
  annotations: writing,
  input: z.strictObject({
    title: z.string(),
    date: z.string().describe('Day, such as 2026-12-01'),
    time: z.string().describe('Time, such as 14:30'),
    duration_minutes: z.int().min(1).default(60),
    calendar_name: inputs.calendarName.default('personal'),
    attendees: inputs.attendees.default(''),
    location: z.string().default(''),
    description: z.string().default(''),
    reminder_minutes: inputs.reminderMinutes.default(15),
    timezone: inputs.timezone.default(''),
  }),
  output: inputs.writtenEvent,
  async run({ calendar_name, date, time, duration_minutes, timezone, ...fields }, { nextcloud, mutants }) {
    if (!/^\d{4}-\d\d-\d\d$/.test(date)) throw new ToolError(`Invalid isoformat string: '${date}'`)
    if (!/^\d\d:\d\d$/.test(time)) throw new ToolError(`Invalid isoformat string: '${time}'`)
    const start = readTime(`${date}T${time}`, { isDate: false, timezone, mutants })
    const instantMs = start.form === 'zoned' ? (ianaZone(timezone)?.(start.wallMs) ?? 0) : start.wallMs
    const endMs = instantMs + duration_minutes * MINUTE_MS
    const end = new Date(start.form === 'zoned' ? (wallClockIn(timezone, endMs) ?? endMs) : endMs)
    const { uid, data } = newEvent(
      {
        ...fields,
        timezone,
        start_datetime: `${date}T${time}`,
        end_datetime: end.toISOString().slice(0, 19),
        status: 'CONFIRMED',
      },
      mutants,
    )
    const { href, etag, status } = await createObject(nextcloud, calendar_name, uid, data)
    return { uid, href, etag, status_code: status }
  },
})

const upcoming = defineTool({
  name: 'nc_calendar_get_upcoming_events',
  title: 'List upcoming events',
  description: 'Lists the next events of one calendar, or of all of them, by start.',
  annotations: reading,
  input: z.strictObject({
    calendar_name: inputs.calendarName.default(''),
    days_ahead: z.int().min(1).max(366).default(7),
    limit: z.int().min(1).max(MANY).default(10),
  }),
  output: z.object({ events: z.array(eventSchema) }),
  async run({ calendar_name, days_ahead, limit }, { nextcloud }) {
    const startMs = Date.now()
    const range = { startMs, endMs: startMs + days_ahead * DAY_MS }
    const events = await findEvents(nextcloud, calendar_name, range, limit)
    return { events: events.map(({ shown }) => shown) }
  },
})

const availability = defineTool({
  name: 'nc_calendar_find_availability',
  title: 'Find free time',
  description:
    "Finds up to 10 free times in all of the user's calendars, in steps of 30 minutes. Other people's calendars are not " +
    'looked at; events with one of the attendees count as busy even when they do not block the user.',
  annotations: reading,
  input: z.strictObject({
    duration_minutes: z.int().min(1).max(1440),
    attendees: inputs.attendees.default(''),
    date_range_start: inputs.rangeEdge.default('').describe('Default: now'),
    date_range_end: inputs.rangeEdge.default('').describe('Default: a week later'),
    business_hours_only: z.boolean().default(true).describe('9 to 17, else 8 to 20'),
    exclude_weekends: z.boolean().default(true),
    preferred_times: z.string().default('').describe('Such as 09:00-12:00,14:00-16:00'),
    timezone: inputs.timezone.default('').describe('IANA name of the zone of these hours; default UTC'),
  }),
  output: z.object({
    slots: z.array(
      z.object({
        start_datetime: z.string(),
        end_datetime: z.string(),
        duration_minutes: z.int(),
        date: z.string(),
      }),
    ),
    total_found: z.int(),
  }),
  async run(input, { nextcloud }) {
    const { duration_minutes, attendees, business_hours_only, exclude_weekends, timezone } = input
    if (timezone !== '' && ianaZone(timezone) === undefined)
      throw new ToolError(`Unknown time zone '${timezone}'`)
    const startMs = readEdge(input.date_range_start, false) ?? Date.now()
    const endMs = readEdge(input.date_range_end, true) ?? startMs + 7 * DAY_MS
    if (endMs <= startMs) throw new ToolError(`The range ends ('${input.date_range_end}') before it starts`)
    const hours = readHours(input.preferred_times, business_hours_only)
    const people = listIn(attendees.toLowerCase())
    const range = { startMs, endMs: Math.min(endMs, startMs + 366 * DAY_MS) }
    const busy = await findEvents(nextcloud, '', range, MANY, (event) => {
      const isWithThem = event.attendees.some((each) => people.includes(each.toLowerCase()))
      return event.isBusy || (isWithThem && event.shown.status !== 'CANCELLED')
    })
    const options = { ...range, durationMs: duration_minutes * MINUTE_MS, hours, exclude_weekends, timezone }
    const clock = new Clock(new ICAL.Component('vcalendar'))
    const show = (instantMs: number): string => {
      const wallMs = wallClockIn(timezone, instantMs)
      return wallMs === undefined
        ? formatTime({ form: 'utc', wallMs: instantMs }, clock)
        : formatTime({ form: 'zoned', wallMs, tzid: timezone }, clock)
    }
    const slots = freeSlots(busy, options, MAX_SLOTS).map((slotMs) => ({
      start_datetime: show(slotMs),
      end_datetime: show(slotMs + options.durationMs),
      duration_minutes,
      date: show(slotMs).slice(0, 10),
    }))
    return { slots, total_found: slots.length }
  },
})

export const calendarPlanningTools: readonly Tool[] = [createMeeting, upcoming, availability]

import * as z from 'zod'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { calendarBulkTools } from './calendar-bulk.js'
import { listCalendars } from './calendar-collections.js'
import { eventOf, eventSchema } from './calendar-events.js'
import * as inputs from './calendar-inputs.js'
import { calendarSchema, manageCalendar, shownCalendar } from './calendar-manage.js'
import { createObject, deleteEvent, readEvent, replaceObject } from './calendar-objects.js'
import { calendarPlanningTools } from './calendar-planning.js'
import { filterOf, findEvents, rangeOf } from './calendar-search.js'
import { changedEvent, newEvent, type EventFields } from './calendar-writing.js'
import { envelope, stamped } from './envelope.js'
import { defineTool, ToolError, type Tool } from './tool.js'

const calendars = defineTool({
  name: 'nc_calendar_list_calendars',
  title: 'List calendars',
  description: "Lists the user's calendars; other tools take the name.",
  annotations: reading,
  input: z.strictObject({}),
  output: z.object({ ...envelope, calendars: z.array(calendarSchema), total_count: z.int() }),
  async run(_input, { nextcloud }) {
    const list = (await listCalendars(nextcloud)).map(shownCalendar)
    return { ...stamped(), calendars: list, total_count: list.length }
  },
})

const create = defineTool({
  name: 'nc_calendar_create_event',
  title: 'Create event',
  description: 'Creates an event, once or as a series. Without an end it lasts an hour, or a day.',
  annotations: writing,
  input: z.strictObject({
    calendar_name: inputs.calendarName,
    title: z.string(),
    start_datetime: inputs.startTime,
    end_datetime: inputs.endTime.default(''),
    timezone: inputs.timezone.default(''),
    all_day: z.boolean().default(false),
    description: z.string().default(''),
    location: z.string().default(''),
    categories: inputs.categories.default(''),
    recurring: z.boolean().default(false),
    recurrence_rule: inputs.recurrenceRule.default(''),
    recurrence_end_date: inputs.recurrenceEndDate.default(''),
    attendees: inputs.attendees.default(''),
    reminder_minutes: inputs.reminderMinutes.default(15),
    reminder_email: z.boolean().default(false),
    status: inputs.status.default('CONFIRMED'),
    priority: inputs.priority.default(5),
    privacy: inputs.privacy.default('PUBLIC'),
    url: z.string().default(''),
    color: z.string().default('').describe('CSS name of a colour (RFC 7986)'),
  }),
  output: inputs.writtenEvent,
  async run({ calendar_name, ...fields }, { nextcloud, mutants }) {
    const { uid, data } = newEvent(fields, mutants)
    const { href, etag, status } = await createObject(nextcloud, calendar_name, uid, data)
    return { uid, href, etag, status_code: status }
  },
})

const list = defineTool({
  name: 'nc_calendar_list_events',
  title: 'List events',
  description:
    'Lists events by start. Between dates every occurrence of a series is listed; without dates a series is listed once.',
  annotations: reading,
  input: z.strictObject({
    calendar_name: inputs.calendarName,
    start_date: inputs.rangeEdge.default(''),
    end_date: inputs.rangeEdge.default(''),
    limit: z.int().min(1).max(1000).default(50),
    min_attendees: z.int().nullable().default(null),
    min_duration_minutes: z.int().nullable().default(null),
    ...inputs.eventFilters,
    search_all_calendars: z.boolean().default(false),
  }),
  output: z.object({ events: z.array(eventSchema) }),
  async run({ calendar_name, start_date, end_date, limit, search_all_calendars, ...filters }, { nextcloud }) {
    if (calendar_name === '' && !search_all_calendars) throw new ToolError('calendar_name is required')
    const range = rangeOf(start_date, end_date)
    const name = search_all_calendars ? '' : calendar_name
    const events = await findEvents(nextcloud, name, range, limit, filterOf(filters))
    return { events: events.map(({ shown }) => shown) }
  },
})

const get = defineTool({
  name: 'nc_calendar_get_event',
  title: 'Read event',
  description: 'Reads an event by its UID; of a series the series itself.',
  annotations: reading,
  input: z.strictObject({ calendar_name: inputs.calendarName, event_uid: inputs.eventUid }),
  output: eventSchema,
  run: async ({ calendar_name, event_uid }, { nextcloud }) =>
    eventOf(await readEvent(nextcloud, calendar_name, event_uid)).shown,
})

const update = defineTool({
  name: 'nc_calendar_update_event',
  title: 'Update event',
  description:
    'Changes members of an event; null leaves a member as it is, an empty text removes it. A start without offset is in ' +
    "the event's own time zone. With an etag it fails when the event has changed since.",
  annotations: overwriting,
  input: z.strictObject({
    calendar_name: inputs.calendarName,
    event_uid: inputs.eventUid,
    title: z.string().nullable().default(null),
    start_datetime: inputs.startTime.nullable().default(null),
    end_datetime: inputs.endTime.nullable().default(null),
    timezone: inputs.timezone.nullable().default(null),
    all_day: z.boolean().nullable().default(null),
    description: z.string().nullable().default(null),
    location: z.string().nullable().default(null),
    categories: inputs.categories.nullable().default(null),
    recurring: z.boolean().nullable().default(null),
    recurrence_rule: inputs.recurrenceRule.nullable().default(null),
    attendees: inputs.attendees.nullable().default(null),
    reminder_minutes: inputs.reminderMinutes.nullable().default(null),
    reminder_email: z.boolean().nullable().default(null),
    status: inputs.status.nullable().default(null),
    priority: inputs.priority.nullable().default(null),
    privacy: inputs.privacy.nullable().default(null),
    url: z.string().nullable().default(null),
    color: z.string().nullable().default(null),
    etag: z.string().default(''),
  }),
  output: inputs.writtenEvent,
  async run({ calendar_name, event_uid, etag, ...changes }, { nextcloud, mutants }) {
    const object = await readEvent(nextcloud, calendar_name, event_uid)
    const data = changedEvent(object.calendar, given(changes), mutants)
    const condition = etag === '' ? object.etag : `"${etag.replaceAll('"', '')}"`
    const written = await replaceObject(nextcloud, object, condition, data)
    return { uid: event_uid, href: written.href, etag: written.etag, status_code: written.status }
  },
})

/** The members that are not null. */
function given(changes: object): EventFields {
  return Object.fromEntries(Object.entries(changes).filter(([, value]) => value !== null))
}

const remove = defineTool({
  name: 'nc_calendar_delete_event',
  title: 'Delete event',
  description: 'Deletes an event; a series with all its occurrences.',
  annotations: deleting,
  input: z.strictObject({ calendar_name: inputs.calendarName, event_uid: inputs.eventUid }),
  output: z.object({ status_code: z.int() }),
  async run({ calendar_name, event_uid }, { nextcloud }) {
    const object = await readEvent(nextcloud, calendar_name, event_uid)
    return { status_code: await deleteEvent(nextcloud, object) }
  },
})

/** The tools of Nextcloud's calendars. */
export const calendarTools: readonly Tool[] = [
  calendars,
  create,
  list,
  get,
  update,
  remove,
  ...calendarPlanningTools,
  ...calendarBulkTools,
  manageCalendar,
]

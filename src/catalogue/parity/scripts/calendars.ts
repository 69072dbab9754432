import { listItems } from '../../support/list-answer.js'
import { sharedCalendars } from '../../support/nextcloud-calendars.js'
import { defineScript, nothing, withMember, type Arguments, type Seen, type Step } from './script.js'

const MISSING = 'ncmc-missing'
const MORNING = { start_datetime: '2031-03-10T09:00:00+09:00', end_datetime: '2031-03-10T10:30:00+09:00' }

/** Arguments about the event that `create-event` made. */
function ofEvent(more: Arguments = {}): Step<undefined>['args'] {
  return withMember('create-event', 'uid', (event_uid, { marker }) => ({
    calendar_name: marker,
    event_uid,
    ...more,
  }))
}

function inCalendar(args: Arguments): Step<undefined>['args'] {
  return ({ marker }) => ({ calendar_name: marker, ...args })
}

/** The entry of the run's own calendar: others come and go beside it. */
function ownCalendar(answer: Parameters<typeof listItems>[0], { marker }: Seen): unknown {
  return listItems(answer, 'calendars').filter(({ name, href }) =>
    [name, href].some((id) => names(id, marker)),
  )
}

function names(id: unknown, marker: string): boolean {
  return typeof id === 'string' && id.includes(marker)
}

/** Events in a calendar of the run's own, then what does not exist or makes no sense. */
export const calendarsScript = defineScript<undefined>({
  app: 'calendars',
  prepare: nothing,
  steps: [
    {
      name: 'create',
      tool: 'manageCalendar',
      args: inCalendar({ action: 'create', display_name: 'Ä & <b>' }),
    },
    { name: 'list', tool: 'listCalendars', args: () => ({}), own: ownCalendar },
    {
      name: 'create-event',
      tool: 'createEvent',
      args: inCalendar({ title: 'Früh, 早; "x"', description: 'two\nlines', location: 'here', ...MORNING }),
    },
    {
      name: 'create-series',
      tool: 'createEvent',
      args: inCalendar({
        title: 'Weekly',
        start_datetime: '2031-05-05',
        all_day: true,
        recurring: true,
        recurrence_rule: 'FREQ=WEEKLY;COUNT=3',
        categories: 'one, two',
      }),
    },
    {
      name: 'create-event-malformed-time',
      tool: 'createEvent',
      args: inCalendar({ title: 'never', start_datetime: 'no time' }),
    },
    { name: 'get-event', tool: 'getEvent', args: ofEvent() },
    {
      name: 'list-events',
      tool: 'listEvents',
      args: inCalendar({ start_date: '2031-03-01', end_date: '2031-05-31' }),
    },
    {
      name: 'list-events-elsewhen',
      tool: 'listEvents',
      args: inCalendar({ start_date: '2032-01-01', end_date: '2032-01-31' }),
    },
    { name: 'update-event', tool: 'updateEvent', args: ofEvent({ title: 'Renamed' }) },
    { name: 'update-event-stale', tool: 'updateEvent', args: ofEvent({ title: 'Never', etag: '"stale"' }) },
    { name: 'get-event-again', tool: 'getEvent', args: ofEvent() },
    { name: 'delete-event', tool: 'deleteEvent', args: ofEvent() },
    { name: 'delete-event-again', tool: 'deleteEvent', args: ofEvent() },
    { name: 'get-event-missing', tool: 'getEvent', args: inCalendar({ event_uid: MISSING }) },
    {
      name: 'create-event-without-calendar',
      tool: 'createEvent',
      args: () => ({ calendar_name: MISSING, title: 'never', ...MORNING }),
    },
    { name: 'list-events-without-calendar', tool: 'listEvents', args: () => ({ calendar_name: MISSING }) },
    { name: 'unknown-action', tool: 'manageCalendar', args: inCalendar({ action: 'burn' }) },
    { name: 'get-event-without-arguments', tool: 'getEvent', args: () => ({}) },
    { name: 'delete', tool: 'manageCalendar', args: inCalendar({ action: 'delete' }) },
    {
      name: 'delete-missing',
      tool: 'manageCalendar',
      args: () => ({ action: 'delete', calendar_name: MISSING }),
    },
  ],
  async cleanUp(ctx, { marker }) {
    await sharedCalendars(ctx, 'alice').remove(marker)
  },
})

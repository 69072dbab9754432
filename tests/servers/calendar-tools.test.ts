import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import type { RunningServer } from '../../src/servers/server.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { dav, ics } from '../embedded/caldav-visitor.js'
import { TestSession } from './support/mcp-http.js'

type Structured = Readonly<Record<string, unknown>>
interface Event extends Structured {
  readonly uid: string
  readonly title: string
  readonly start_datetime: string
  readonly end_datetime: string
}

let nextcloud: EmbeddedNextcloud
let server: RunningServer
let session: TestSession
let calendar = ''
let count = 0

function start(mutants: readonly ServerMutant[] = []): Promise<RunningServer> {
  const { userId, password } = nextcloud.users.alice
  return startReferenceServer({
    mode: 'basic',
    env: { NEXTCLOUD_HOST: nextcloud.internalUrl, NEXTCLOUD_USERNAME: userId, NEXTCLOUD_PASSWORD: password },
    mutants,
  })
}

beforeAll(async () => {
  nextcloud = await startEmbeddedNextcloud()
  server = await start()
  session = await TestSession.open(server.url)
})
afterAll(async () => {
  await server.stop()
  await nextcloud.stop()
})

beforeEach(async () => {
  calendar = `test-${String(++count)}`
  await dav(nextcloud, 'MKCALENDAR', `/calendars/alice/${calendar}/`)
})

// Lists over all calendars would see what other tests have left.
afterEach(async () => {
  for (const name of [calendar, `${calendar}-target`]) {
    await dav(nextcloud, 'DELETE', `/calendars/alice/${name}/`, {
      headers: { 'x-nc-caldav-no-trashbin': '1' },
    })
  }
})

async function call(tool: string, input: Structured = {}): Promise<Structured> {
  const reply = await session.call(`nc_calendar_${tool}`, input)
  expect(reply.isError, reply.content[0]?.text).toBeUndefined()
  expect(reply.content).toHaveLength(1)
  expect(JSON.parse(reply.content[0]?.text ?? '')).toEqual(reply.structuredContent)
  return reply.structuredContent ?? {}
}

async function refusal(tool: string, input: Structured = {}): Promise<string> {
  const reply = await session.call(`nc_calendar_${tool}`, input)
  expect(reply.isError).toBe(true)
  return reply.content[0]?.text ?? ''
}

function create(input: Structured): Promise<Structured> {
  return call('create_event', { calendar_name: calendar, title: 'An event', ...input })
}

async function read(uid: unknown): Promise<Event> {
  return (await call('get_event', { calendar_name: calendar, event_uid: uid })) as Event
}

function update(uid: unknown, changes: Structured): Promise<Structured> {
  return call('update_event', { calendar_name: calendar, event_uid: uid, ...changes })
}

async function list(input: Structured = {}): Promise<Event[]> {
  return (await call('list_events', { calendar_name: calendar, ...input }))['events'] as Event[]
}

async function stored(uid: unknown): Promise<string> {
  return unfolded((await dav(nextcloud, 'GET', `/calendars/alice/${calendar}/${String(uid)}.ics`)).text)
}

function unfolded(text: string): string {
  return text.replace(/\r\n[ \t]/g, '')
}

function put(name: string, body: string): Promise<unknown> {
  return dav(nextcloud, 'PUT', `/calendars/alice/${calendar}/${name}`, { body })
}

describe('an event', () => {
  it.each([
    [
      '2026-12-01T09:00:00+09:00',
      '2026-12-01T10:30:00',
      'DTSTART:20261201T000000Z',
      'DTEND:20261201T013000Z',
    ],
    ['2026-07-01T09:00:00Z', '', 'DTSTART:20260701T090000Z', 'DTEND:20260701T100000Z'],
    ['2026-07-01T09:00', '', 'DTSTART:20260701T090000', 'DTEND:20260701T100000'],
    [
      '2026-07-01T09:00:00[Europe/Berlin]',
      '2026-07-01T11:00:00',
      'DTSTART;TZID=Europe/Berlin:20260701T090000',
      'DTEND;TZID=Europe/Berlin:20260701T110000',
    ],
    [
      '2026-07-01T07:00:00Z[Europe/Berlin]',
      '',
      'DTSTART;TZID=Europe/Berlin:20260701T090000',
      'DTEND;TZID=Europe/Berlin:20260701T100000',
    ],
  ])('from %s to "%s" is stored as %s', async (start_datetime, end_datetime, dtstart, dtend) => {
    const { uid, status_code } = await create({ start_datetime, end_datetime })
    expect(status_code).toBe(201)
    const lines = (await stored(uid)).split('\r\n')
    expect(lines).toContain(dtstart)
    expect(lines).toContain(dtend)
    expect(lines.some((line) => line === 'BEGIN:VTIMEZONE')).toBe(dtstart.includes('TZID'))
  })

  it('tells its zone and its offset', async () => {
    const input = { timezone: 'America/New_York', start_datetime: '2026-12-01T15:00:00+01:00' }
    expect(await read((await create(input))['uid'])).toMatchObject({
      start_datetime: '2026-12-01T09:00:00-05:00',
      end_datetime: '2026-12-01T10:00:00-05:00',
      timezone: 'America/New_York',
      all_day: false,
    })
  })

  it('of whole days has dates', async () => {
    const { uid } = await create({ start_datetime: '2026-12-24', end_datetime: '2026-12-27', all_day: true })
    expect(await stored(uid)).toContain('DTSTART;VALUE=DATE:20261224\r\n')
    expect(await read(uid)).toMatchObject({
      start_datetime: '2026-12-24',
      end_datetime: '2026-12-27',
      all_day: true,
    })
    const one = await create({ start_datetime: '2026-12-24', all_day: true })
    expect(await stored(one['uid'])).toContain('DTEND;VALUE=DATE:20261225\r\n')
  })

  it('keeps all that it is given, in the forms of RFC 5545', async () => {
    const { uid, etag } = await create({
      title: 'Wörk; "play", {x} \\',
      start_datetime: '2026-12-01T09:00:00Z',
      description: 'one\ntwo, three; four',
      location: 'Room <1> & 2',
      categories: ' Work,Home , two words,',
      attendees: 'ann@example.com, mailto:ben@example.com',
      recurrence_rule: 'RRULE:FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=2;WKST=SU',
      recurring: true,
      recurrence_end_date: '2027-01-31',
      reminder_minutes: 30,
      reminder_email: true,
      status: 'TENTATIVE',
      priority: 1,
      privacy: 'PRIVATE',
      url: 'https://example.com/a;b,c',
      color: 'turquoise',
    })
    const rule = 'FREQ=WEEKLY;BYDAY=TU,TH;INTERVAL=2;WKST=SU;UNTIL=20270131T235959Z'
    expect(await read(uid)).toMatchObject({
      title: 'Wörk; "play", {x} \\',
      description: 'one\ntwo, three; four',
      location: 'Room <1> & 2',
      categories: 'Work, Home, two words',
      attendees: 'ann@example.com, ben@example.com',
      recurring: true,
      recurrence_rule: rule,
      status: 'TENTATIVE',
      priority: 1,
      privacy: 'PRIVATE',
      url: 'https://example.com/a;b,c',
      etag,
    })
    const text = await stored(uid)
    for (const line of [
      'CATEGORIES:Work,Home,two words',
      `RRULE:${rule}`,
      'COLOR:turquoise',
      'TRIGGER:-PT30M',
      'ACTION:EMAIL',
    ]) {
      expect(text).toContain(`\r\n${line}\r\n`)
    }
    expect(text.match(/^ATTENDEE;.*:mailto:/gm)).toHaveLength(2)
  })

  it('is found though its file has another name', async () => {
    await put(
      'some-file.ics',
      ics('VEVENT', 'other/uid #1', 'DTSTART:20261201T090000Z', 'SUMMARY:Elsewhere', 'X-KEPT:yes'),
    )
    // The file of that name is another event's.
    await put('mine.ics', ics('VEVENT', 'decoy', 'DTSTART:20261201T090000Z'))
    await put('decoy.ics', ics('VEVENT', 'mine', 'DTSTART:20261201T090000Z', 'SUMMARY:Mine'))
    expect(await read('other/uid #1')).toMatchObject({ title: 'Elsewhere' })
    expect(await read('mine')).toMatchObject({ title: 'Mine' })
    await update('other/uid #1', { title: 'Renamed' })
    const { text } = await dav(nextcloud, 'GET', `/calendars/alice/${calendar}/some-file.ics`)
    expect(text).toContain('SUMMARY:Renamed')
    expect(text).toContain('X-KEPT:yes')
    await call('delete_event', { calendar_name: calendar, event_uid: 'mine' })
    expect((await dav(nextcloud, 'GET', `/calendars/alice/${calendar}/decoy.ics`)).status).toBe(404)
    expect((await dav(nextcloud, 'GET', `/calendars/alice/${calendar}/mine.ics`)).status).toBe(200)
  })
})

describe('an update', () => {
  const BERLIN = ics(
    'VEVENT',
    'b',
    'DTSTART;TZID=Europe/Berlin:20261201T090000',
    'DTEND;TZID=Europe/Berlin:20261201T103000',
    'SUMMARY:Old',
    'CATEGORIES:one',
    'CATEGORIES:two',
    'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@example.com',
    'X-CUSTOM;X-P=1:kept',
    'BEGIN:VALARM',
    'ACTION:DISPLAY',
    'DESCRIPTION:x',
    'TRIGGER:-PT5M',
    'END:VALARM',
  )

  it('keeps the time zone, the length and what was not given', async () => {
    await put('b.ics', BERLIN)
    expect(await read('b')).toMatchObject({ categories: 'one, two', timezone: 'Europe/Berlin' })
    await update('b', { start_datetime: '2026-12-02T10:00:00' })
    expect(await read('b')).toMatchObject({
      start_datetime: '2026-12-02T10:00:00+01:00',
      end_datetime: '2026-12-02T11:30:00+01:00',
      title: 'Old',
    })
    await update('b', {
      start_datetime: '2026-07-02T10:00:00Z',
      attendees: 'ann@example.com,ben@example.com',
    })
    const text = await stored('b')
    for (const line of [
      'DTSTART;TZID=Europe/Berlin:20260702T120000',
      'X-CUSTOM;X-P=1:kept',
      'CATEGORIES:two',
      'TRIGGER:-PT5M',
      'ATTENDEE;PARTSTAT=ACCEPTED:mailto:ann@example.com',
      'SEQUENCE:2',
    ]) {
      expect(text).toContain(`\r\n${line}\r\n`)
    }
  })

  it('with an etag merges too, and fails when the event has changed', async () => {
    await put('b.ics', BERLIN)
    const { etag } = await read('b')
    const first = await update('b', { title: 'First', etag })
    expect(await stored('b')).toContain('X-CUSTOM;X-P=1:kept')
    expect(
      await refusal('update_event', { calendar_name: calendar, event_uid: 'b', title: 'Second', etag }),
    ).toMatch(/changed/)
    await update('b', { title: 'Third', etag: String(first['etag']).replaceAll('"', '') })
    expect(await read('b')).toMatchObject({ title: 'Third' })
  })

  it('empties, ends a series, and turns into whole days', async () => {
    const { uid } = await create({
      start_datetime: '2026-12-01T09:00:00Z',
      description: 'x',
      categories: 'a',
      recurrence_rule: 'FREQ=DAILY;COUNT=3',
    })
    await update(uid, { description: '', categories: '', reminder_minutes: 0, recurring: false })
    const text = await stored(uid)
    for (const name of ['DESCRIPTION', 'CATEGORIES', 'VALARM', 'RRULE']) expect(text).not.toContain(name)
    await update(uid, { all_day: true })
    expect(await read(uid)).toMatchObject({
      all_day: true,
      start_datetime: '2026-12-01',
      end_datetime: '2026-12-02',
    })
    await update(uid, { all_day: false, start_datetime: '2026-12-03T10:00:00+00:00' })
    expect(await read(uid)).toMatchObject({
      start_datetime: '2026-12-03T10:00:00Z',
      end_datetime: '2026-12-03T11:00:00Z',
    })
  })
})

describe('a list of events', () => {
  beforeEach(async () => {
    await create({
      title: 'Weekly',
      start_datetime: '2026-12-01T09:00:00[Europe/Berlin]',
      recurrence_rule: 'FREQ=WEEKLY;COUNT=4',
      location: 'Office',
    })
    await create({ title: 'Day', start_datetime: '2026-12-09', all_day: true, status: 'CANCELLED' })
    await create({
      title: 'Late',
      start_datetime: '2026-12-31T22:00:00Z',
      end_datetime: '2027-01-01T01:00:00Z',
      categories: 'Fun, Work',
      attendees: 'a@example.com,b@example.com',
    })
  })

  const startsOf = (events: readonly Event[]): string[] => events.map(({ start_datetime }) => start_datetime)

  it('has every occurrence between dates, in order, and a series once without', async () => {
    expect(startsOf(await list({ start_date: '2026-12-02', end_date: '2026-12-31' }))).toEqual([
      '2026-12-08T09:00:00+01:00',
      '2026-12-09',
      '2026-12-15T09:00:00+01:00',
      '2026-12-22T09:00:00+01:00',
      '2026-12-31T22:00:00Z',
    ])
    expect(startsOf(await list())).toEqual([
      '2026-12-01T09:00:00+01:00',
      '2026-12-09',
      '2026-12-31T22:00:00Z',
    ])
    expect(startsOf(await list({ start_date: '2026-12-20' }))).toHaveLength(2)
    expect(startsOf(await list({ start_date: '2027-02-01', end_date: '2027-02-02' }))).toEqual([])
  })

  it.each([
    [{ title_contains: 'wEEk' }, ['Weekly']],
    [{ location_contains: 'off' }, ['Weekly']],
    [{ categories: 'work, none' }, ['Late']],
    [{ status: 'cancelled' }, ['Day']],
    [{ min_attendees: 2 }, ['Late']],
    [{ min_duration_minutes: 180 }, ['Day', 'Late']],
    [{ title_contains: 'Late', limit: 1 }, ['Late']],
    [{ title_contains: 'nothing' }, []],
  ])('is narrowed down by %j before it is cut', async (filters, titles) => {
    expect((await list(filters)).map(({ title }) => title)).toEqual(titles)
  })

  it('reaches all calendars', async () => {
    const events = await list({ calendar_name: '', search_all_calendars: true, title_contains: 'Late' })
    expect(events.some((event) => event['calendar_name'] === calendar)).toBe(true)
    expect(await refusal('list_events', { calendar_name: '' })).toContain('calendar_name is required')
  })

  it.each(['soon', '2026-02-30', '2026-13-01'])('names the bad date %s', async (start_date) => {
    expect(await refusal('list_events', { calendar_name: calendar, start_date })).toContain(start_date)
  })
})

describe('what cannot be done', () => {
  it.each([
    [{ start_datetime: 'tomorrow' }, 'tomorrow'],
    [{ start_datetime: '2026-12-01T09:00:00[Mars/Base]' }, 'Mars/Base'],
    [{ start_datetime: '2026-12-01T09:00:00Z', end_datetime: '2026-11-01T09:00:00Z' }, '2026-11-01'],
    [{ start_datetime: '2026-12-01T09:00:00Z', recurrence_rule: 'FREQ=OFTEN' }, 'FREQ=OFTEN'],
    [
      { start_datetime: '2026-12-01T09:00:00Z', recurrence_rule: 'FREQ=DAILY\r\nX-INJECTED:1' },
      'Invalid recurrence_rule',
    ],
    [
      {
        start_datetime: '2026-12-01T09:00:00Z',
        recurrence_rule: 'FREQ=DAILY;COUNT=2',
        recurrence_end_date: '2027-01-01',
      },
      'COUNT',
    ],
    [{ start_datetime: '2026-12-01T09:00:00Z', recurring: true }, 'recurrence_rule'],
    [{ start_datetime: '2026-12-01T09:00:00Z', attendees: 'nobody' }, 'nobody'],
    [{ start_datetime: '2026-12-01T09:00:00Z', url: 'http://x\r\nX-INJECTED:1' }, 'Invalid url'],
    [{ start_datetime: '2026-12-01T09:00:00Z', status: 'MAYBE' }, 'status'],
    [{ start_datetime: '2026-12-01T09:00:00Z', calendar_name: 'none' }, 'none'],
    [
      { start_datetime: '2026-12-01T09:00:00Z', calendar_name: '../bob/personal' },
      'Not the name of a calendar',
    ],
    [{ start_datetime: '2026-12-01T09:00:00Z', calendar_name: '..' }, 'Not the name of a calendar'],
  ])('is said: %j', async (input, told) => {
    const text = await refusal('create_event', { calendar_name: calendar, title: 'x', ...input })
    expect(text).toContain(told)
    expect(text).not.toMatch(/remote\.php|127\.0\.0\.1/)
  })

  it('names events and calendars that are missing', async () => {
    for (const tool of ['get_event', 'delete_event', 'update_event']) {
      const text = await refusal(tool, { calendar_name: calendar, event_uid: 'missing-uid' })
      expect(text).toMatch(/not found.*missing-uid/i)
    }
    expect(await refusal('get_event', { calendar_name: 'none', event_uid: 'x' })).toMatch(/not found.*none/i)
    expect(await refusal('manage_calendar', { action: 'delete', calendar_name: 'none' })).toMatch(
      /not found.*none/i,
    )
  })
})

describe('a calendar', () => {
  const named = async (name: string) =>
    ((await call('list_calendars'))['calendars'] as Structured[]).find((each) => each['name'] === name)

  it('is made, changed and deleted', async () => {
    const name = `${calendar}-made`
    const made = { action: 'create', calendar_name: name, display_name: 'A & B <#1>', color: '#12AB34' }
    expect(await call('manage_calendar', made)).toMatchObject({ status_code: 201 })
    expect(await named(name)).toMatchObject({
      display_name: 'A & B <#1>',
      color: '#12AB34',
      components: ['VEVENT', 'VTODO', 'VJOURNAL'],
    })
    expect(await refusal('manage_calendar', made)).toContain('exists already')
    await call('manage_calendar', { action: 'update', calendar_name: name, description: 'Described' })
    expect(await named(name)).toMatchObject({
      display_name: 'A & B <#1>',
      color: '#12AB34',
      description: 'Described',
    })
    await call('manage_calendar', { action: 'delete', calendar_name: name })
    expect(await named(name)).toBeUndefined()
    expect((await call('manage_calendar', { action: 'list' }))['calendars']).toContainEqual(
      await named('personal'),
    )
  })

  it.each([
    [{ action: 'explode' }, "Action must be 'create', 'delete', 'update', or 'list'"],
    [{ action: 'create' }, 'calendar_name is required for create action'],
    [{ action: 'delete' }, 'calendar_name is required for delete action'],
    [{ action: 'update' }, 'calendar_name is required for update action'],
    [{ action: 'create', calendar_name: 'x', color: 'red"' }, 'Invalid color'],
  ])('%j is refused', async (input, text) => {
    expect(await refusal('manage_calendar', input)).toContain(text)
  })
})

describe('plans', () => {
  it('a meeting has a length and people', async () => {
    const input = {
      title: 'Meet',
      date: '2026-10-25',
      time: '01:30',
      duration_minutes: 120,
      calendar_name: calendar,
      timezone: 'Europe/Berlin',
      attendees: 'a@example.com',
    }
    const { uid } = await call('create_meeting', input)
    // Two hours, in the night in which one of them comes twice.
    expect(await read(uid)).toMatchObject({
      start_datetime: '2026-10-25T01:30:00+02:00',
      end_datetime: '2026-10-25T02:30:00+02:00',
    })
    expect(await refusal('create_meeting', { title: 'x', date: '25.10.', time: '10:00' })).toContain('25.10.')
    expect(await refusal('create_meeting', { title: 'x', date: '2026-10-25', time: '25:00' })).toContain(
      '25:00',
    )
  })

  it('what is next comes by start, from all calendars', async () => {
    const inHours = (hours: number): string => new Date(Date.now() + hours * 3_600_000).toISOString()
    await create({ title: 'later', start_datetime: inHours(50) })
    await create({ title: 'past', start_datetime: inHours(-50) })
    await call('create_event', { calendar_name: 'personal', title: 'sooner', start_datetime: inHours(2) })
    await create({ title: 'too late', start_datetime: inHours(24 * 9) })
    const titles = ((await call('get_upcoming_events', { limit: 100 }))['events'] as Event[]).map(
      ({ title }) => title,
    )
    expect(titles).toEqual(['sooner', 'later'])
    const own = (await call('get_upcoming_events', { calendar_name: calendar, days_ahead: 10 }))[
      'events'
    ] as Event[]
    expect(own.map(({ title }) => title)).toEqual(['later', 'too late'])
  })

  it('free time leaves out what is busy, weekends and nights', async () => {
    const busy = {
      recurrence_rule: 'FREQ=DAILY;COUNT=5',
      start_datetime: '2030-01-07T09:00:00[Europe/Berlin]',
      end_datetime: '2030-01-07T16:00:00',
    }
    await create({ title: 'all day', ...busy })
    await create({ title: 'cancelled', start_datetime: '2030-01-07T16:00:00+01:00', status: 'CANCELLED' })
    const range = { date_range_start: '2030-01-05', date_range_end: '2030-01-13', timezone: 'Europe/Berlin' }
    const slots = async (input: Structured) =>
      ((await call('find_availability', { ...range, ...input }))['slots'] as Event[]).map(
        ({ start_datetime }) => start_datetime,
      )
    expect(await slots({ duration_minutes: 60 })).toEqual(
      ['07', '08', '09', '10', '11'].map((day) => `2030-01-${day}T16:00:00+01:00`),
    )
    expect(await slots({ duration_minutes: 120 })).toEqual([])
    expect(
      (await slots({ duration_minutes: 30, exclude_weekends: false, preferred_times: '10:00-11:00' })).slice(
        0,
        2,
      ),
    ).toEqual(['2030-01-05T10:00:00+01:00', '2030-01-05T10:30:00+01:00'])
    expect(
      await slots({
        duration_minutes: 60,
        business_hours_only: false,
        date_range_start: '2030-01-07',
        date_range_end: '2030-01-07',
      }),
    ).toHaveLength(8)
    expect(await refusal('find_availability', { duration_minutes: 30, preferred_times: 'noon' })).toContain(
      'noon',
    )
  })
})

describe('many events at once', () => {
  beforeEach(async () => {
    for (const title of ['bulk one', 'bulk two', 'other'])
      await create({ title, start_datetime: '2026-12-01T09:00:00Z' })
  })

  const bulk = (input: Structured) => call('bulk_operations', { calendar_name: calendar, ...input })

  it('are changed, moved and deleted, each with its result', async () => {
    expect(
      await bulk({
        operation: 'update',
        title_contains: 'bulk',
        new_location: 'Here',
        new_reminder_minutes: 0,
      }),
    ).toMatchObject({
      operation: 'update',
      total_found: 2,
      updated_count: 2,
      failed_count: 0,
      results: [{ status: 'updated' }, { status: 'updated' }],
    })
    expect(await list({ location_contains: 'here' })).toHaveLength(2)
    const target = `${calendar}-target`
    await dav(nextcloud, 'MKCALENDAR', `/calendars/alice/${target}/`)
    expect(await bulk({ operation: 'move', title_contains: 'one', target_calendar: target })).toMatchObject({
      moved_count: 1,
      target_calendar: target,
    })
    expect((await list({ calendar_name: target })).map(({ title }) => title)).toEqual(['bulk one'])
    expect(await bulk({ operation: 'move', title_contains: 'two', target_calendar: 'none' })).toMatchObject({
      moved_count: 0,
      failed_count: 1,
      results: [{ title: 'bulk two', status: 'failed', error: expect.stringContaining('none') as string }],
    })
    expect(await bulk({ operation: 'delete', title_contains: 'bulk' })).toMatchObject({ deleted_count: 1 })
    expect((await list()).map(({ title }) => title)).toEqual(['other'])
  })

  it.each([
    [{ operation: 'explode' }, "Operation must be 'update', 'delete', or 'move'"],
    [{ operation: 'update' }, 'No update data provided for update operation'],
    [{ operation: 'move' }, 'target_calendar is required for move operation'],
  ])('%j is refused', async (input, text) => {
    expect(await refusal('bulk_operations', { calendar_name: calendar, ...input })).toContain(text)
  })

  it('are never all events by mistake', async () => {
    expect(await refusal('bulk_operations', { operation: 'delete' })).toContain('filter')
  })
})

it('the mutant drops the time zone', async () => {
  const mutant = await start(['s-event-time-shifted'])
  try {
    const other = await TestSession.open(mutant.url)
    const input = { calendar_name: calendar, title: 'x', start_datetime: '2026-12-01T09:00:00+09:00' }
    const { structuredContent } = await other.call('nc_calendar_create_event', input)
    expect(await stored(structuredContent?.['uid'])).toContain('DTSTART:20261201T090000\r\n')
  } finally {
    await mutant.stop()
  }
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import {
  calendarQuery,
  dav,
  ics,
  names,
  NAMESPACES,
  properties,
  type Answer,
  type Sent,
} from './caldav-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

const HOME = '/calendars/alice'

function send(method: string, path: string, sent: Sent = {}): Promise<Answer> {
  return dav(nextcloud, method, HOME + path, sent)
}

async function put(path: string, body: string, headers: Record<string, string> = {}): Promise<Answer> {
  return send('PUT', path, { body, headers })
}

function query(filter: string, path = '/work/', prop?: string): Promise<Answer> {
  return send('REPORT', path, { headers: { depth: '1' }, body: calendarQuery(filter, prop) })
}

async function inRange(kind: string, start: string, end: string, path?: string): Promise<string[]> {
  const range = `<c:time-range start="${start}" end="${end}"/>`
  return names(await query(`<c:comp-filter name="${kind}">${range}</c:comp-filter>`, path)).sort()
}

const MEETING = ics('VEVENT', 'm-1', 'DTSTART:20261201T090000Z', 'DTEND:20261201T100000Z', 'SUMMARY:Meeting')

describe('calendars', () => {
  it('are made with properties, changed, and tell a new ctag', async () => {
    const set = `<d:set><d:prop><d:displayname>Wörk &amp; play</d:displayname><a:calendar-color>#ff0000</a:calendar-color><c:calendar-description>All of it</c:calendar-description><c:supported-calendar-component-set><c:comp name="VTODO"/></c:supported-calendar-component-set></d:prop></d:set>`
    const made = await send('MKCALENDAR', '/work/', {
      body: `<c:mkcalendar ${NAMESPACES}>${set}</c:mkcalendar>`,
    })
    expect(made.status).toBe(201)
    const asked = `<d:propfind ${NAMESPACES}><d:prop><d:displayname/><a:calendar-color/><c:calendar-description/><c:supported-calendar-component-set/><cs:getctag/></d:prop></d:propfind>`
    const read = () => send('PROPFIND', '/work/', { headers: { depth: '0' }, body: asked })
    const before = await read()
    expect(properties(before, '{DAV:}displayname')[0]?.text).toBe('Wörk & play')
    expect(before.text).toContain('#ff0000')
    expect(before.text).toContain('All of it')
    expect(before.text).toContain('<cal:comp name="VTODO"/>')
    expect(before.text).not.toContain('VEVENT')
    const change = `<d:propertyupdate ${NAMESPACES}><d:set><d:prop><d:displayname>Renamed</d:displayname><a:calendar-order>7</a:calendar-order></d:prop></d:set><d:remove><d:prop><c:calendar-description/></d:prop></d:remove></d:propertyupdate>`
    expect((await send('PROPPATCH', '/work/', { body: change })).text).toContain('200 OK')
    const after = await read()
    expect(after.text).toContain('Renamed')
    expect(after.text).not.toContain('All of it')
    expect(properties(after, '{http://calendarserver.org/ns/}getctag')).not.toEqual(
      properties(before, '{http://calendarserver.org/ns/}getctag'),
    )
  })

  it('change all properties or none', async () => {
    const change = `<d:propertyupdate ${NAMESPACES}><d:set><d:prop><d:displayname>No</d:displayname><cs:getctag>1</cs:getctag></d:prop></d:set></d:propertyupdate>`
    const answer = await send('PROPPATCH', '/personal/', { body: change })
    expect(answer.text).toContain('403 Forbidden')
    expect(answer.text).toContain('424 Failed Dependency')
    const read = await send('PROPFIND', '/personal/', { headers: { depth: '0' } })
    expect(read.text).toContain('<d:displayname>Personal</d:displayname>')
  })

  it('are made by extended MKCOL too, but nothing else is', async () => {
    const mkcol = (types: string) => ({
      body: `<d:mkcol ${NAMESPACES}><d:set><d:prop><d:resourcetype><d:collection/>${types}</d:resourcetype></d:prop></d:set></d:mkcol>`,
    })
    expect((await send('MKCOL', '/a/', mkcol('<c:calendar/>'))).status).toBe(201)
    expect((await send('MKCOL', '/b/', mkcol(''))).status).toBe(403)
    expect((await send('MKCOL', '/c/')).status).toBe(403)
    expect((await send('MKCALENDAR', '/inbox/')).status).toBe(405)
    expect((await send('MKCALENDAR', '/a/below/')).status).toBe(403)
    expect((await send('MKCALENDAR', '/none/below/')).status).toBe(409)
  })

  it('stay in the trash bin for 30 days, during which their name is taken', async () => {
    await send('MKCALENDAR', '/work/')
    await put('/work/m.ics', MEETING)
    expect((await send('DELETE', '/work/')).status).toBe(204)
    const listed = await send('PROPFIND', '/', { headers: { depth: '1' } })
    expect(listed.text).toContain('deleted-calendar')
    expect((await send('MKCALENDAR', '/work/')).status).toBe(405)
    nextcloud.clock.shift(29 * 86_400)
    expect((await send('MKCALENDAR', '/work/')).status).toBe(405)
    nextcloud.clock.shift(86_400)
    expect((await send('MKCALENDAR', '/work/')).status).toBe(201)
    expect((await send('GET', '/work/m.ics')).status).toBe(404)
  })

  it('are restored, or deleted for good by a second deletion or a header', async () => {
    const destination = `/remote.php/dav${HOME}/trashbin/restore/work`
    await send('MKCALENDAR', '/work/')
    await put('/work/m.ics', MEETING)
    await send('DELETE', '/work/')
    expect((await send('MOVE', '/work/', { headers: { destination } })).status).toBe(201)
    expect((await send('GET', '/work/m.ics')).status).toBe(200)
    await send('DELETE', '/work/')
    expect((await send('DELETE', '/work/')).status).toBe(204)
    expect((await send('MKCALENDAR', '/work/')).status).toBe(201)
    await send('DELETE', '/work/', { headers: { 'x-nc-caldav-no-trashbin': '1' } })
    expect((await send('MKCALENDAR', '/work/')).status).toBe(201)
  })
})

describe("another's calendars", () => {
  it.each([
    ['PROPFIND', ''],
    ['PROPFIND', '/personal/'],
    ['GET', '/personal/m.ics'],
    ['PUT', '/personal/m.ics'],
    ['DELETE', '/personal/m.ics'],
    ['DELETE', '/personal/'],
    ['REPORT', '/personal/'],
    ['MKCALENDAR', '/mine/'],
    ['PROPPATCH', '/personal/'],
  ])('are not there: %s %s', async (method, path) => {
    await dav(nextcloud, 'PUT', '/calendars/bob/personal/m.ics', { user: 'bob', body: MEETING })
    const body = method === 'REPORT' ? calendarQuery('', '<c:calendar-data/>') : MEETING
    const answer = await dav(nextcloud, method, `/calendars/bob${path}`, {
      headers: { depth: '1' },
      ...(method === 'GET' ? {} : { body }),
    })
    expect(answer.status).toBe(404)
    expect(answer.text).not.toContain('SUMMARY')
    expect((await dav(nextcloud, 'GET', '/calendars/bob/personal/m.ics', { user: 'bob' })).text).toBe(MEETING)
  })

  it('are not reached by multiget, MOVE or COPY', async () => {
    await dav(nextcloud, 'PUT', '/calendars/bob/personal/m.ics', { user: 'bob', body: MEETING })
    const body = `<c:calendar-multiget ${NAMESPACES}><d:prop><c:calendar-data/></d:prop><d:href>/remote.php/dav/calendars/bob/personal/m.ics</d:href></c:calendar-multiget>`
    expect(names(await send('REPORT', '/personal/', { body }))).toEqual(['m.ics 404'])
    await put('/personal/own.ics', MEETING)
    for (const method of ['MOVE', 'COPY']) {
      const headers = { destination: '/remote.php/dav/calendars/bob/personal/stolen.ics' }
      expect((await send(method, '/personal/own.ics', { headers })).status).toBe(403)
    }
    expect((await dav(nextcloud, 'GET', '/calendars/bob/personal/stolen.ics', { user: 'bob' })).status).toBe(
      404,
    )
  })
})

describe('objects', () => {
  beforeEach(() => send('MKCALENDAR', '/work/'))

  it('are written under conditions', async () => {
    const created = await put('/work/m.ics', MEETING, { 'if-none-match': '*' })
    expect(created.status).toBe(201)
    expect((await put('/work/m.ics', MEETING, { 'if-none-match': '*' })).status).toBe(412)
    expect((await put('/work/m.ics', MEETING, { 'if-match': '"stale"' })).status).toBe(412)
    expect((await put('/work/none.ics', MEETING, { 'if-match': '*' })).status).toBe(412)
    const etag = created.headers.get('etag') ?? ''
    const changed = await put('/work/m.ics', MEETING.replace('Meeting', 'Other'), { 'if-match': etag })
    expect([changed.status, changed.headers.get('etag') === etag]).toEqual([204, false])
    const read = await send('GET', '/work/m.ics')
    expect([read.headers.get('etag'), read.text]).toEqual([
      changed.headers.get('etag'),
      MEETING.replace('Meeting', 'Other'),
    ])
    const head = await send('HEAD', '/work/m.ics')
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([
      200,
      '',
      String(read.text.length),
    ])
    expect((await send('DELETE', '/work/m.ics', { headers: { 'if-match': etag } })).status).toBe(412)
    expect((await send('DELETE', '/work/m.ics')).status).toBe(204)
  })

  it.each([
    [415, 'nonsense'],
    [415, ''],
    [415, 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n'],
    [415, 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\n'],
    [403, 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n'],
    [415, ics('VEVENT', 'x')],
    [415, ics('VEVENT', 'x', 'DTSTART:2025-01-16 10:00:00')],
    [415, ics('VEVENT', 'x', 'DTSTART:20260230T100000Z')],
    [415, ics('VEVENT', 'x', 'DTSTART:20261201T100000Z', 'DTSTART:20261202T100000Z')],
    [415, ics('VEVENT', 'x', 'DTSTART:20261201T100000Z', 'RRULE:FREQ=SOMETIMES')],
    [
      415,
      ics(
        'VEVENT',
        'x',
        'DTSTART:20261201T100000Z',
        'END:VEVENT',
        'BEGIN:VEVENT',
        'UID:y',
        'DTSTAMP:20261101T100000Z',
        'DTSTART:20261201T100000Z',
      ),
    ],
    [
      415,
      ics(
        'VEVENT',
        'x',
        'DTSTART:20261201T100000Z',
        'END:VEVENT',
        'BEGIN:VTODO',
        'UID:x',
        'DTSTAMP:20261101T100000Z',
        'END:VTODO',
        'BEGIN:VEVENT',
        'UID:x',
        'DTSTAMP:20261101T100000Z',
        'DTSTART:20261201T100000Z',
      ),
    ],
  ])('that are invalid are refused with %s (%#)', async (status, body) => {
    expect((await put('/work/x.ics', body)).status).toBe(status)
    expect((await send('GET', '/work/x.ics')).status).toBe(404)
  })

  it('are repaired where sabre/dav repairs, without an etag for what was not sent', async () => {
    const body =
      'BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nBEGIN:VEVENT\r\nDTSTART:20261201T100000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n'
    const created = await put('/work/x.ics', body)
    expect([created.status, created.headers.get('etag')]).toEqual([201, null])
    const { text } = await send('GET', '/work/x.ics')
    expect(text).toContain('UID:')
    expect(text).toContain('DTSTAMP:')
    expect(text).toContain('PRODID:')
    expect(text).toContain('VERSION:2.0')
    expect(text).not.toContain('METHOD')
  })

  it('have a UID of their own in a calendar, and may have it again in another', async () => {
    await put('/work/m.ics', MEETING)
    const again = await put('/work/other.ics', MEETING)
    expect([again.status, again.text.includes('uid already exists')]).toEqual([400, true])
    expect((await put('/personal/m.ics', MEETING)).status).toBe(201)
    const headers = { destination: `/remote.php/dav${HOME}/work/moved.ics` }
    expect((await send('MOVE', '/personal/m.ics', { headers })).status).toBe(400)
  })

  it('are of kinds that their calendar takes', async () => {
    const task = ics('VTODO', 't-1', 'SUMMARY:Task')
    const refused = await put('/personal/t.ics', task)
    expect([refused.status, refused.text.includes('supported-calendar-component')]).toEqual([403, true])
    expect((await put('/work/t.ics', task)).status).toBe(201)
    expect((await put('/work/j.ics', ics('VJOURNAL', 'j-1', 'SUMMARY:Note'))).status).toBe(201)
    expect((await send('GET', '/work/t.ics')).headers.get('content-type')).toContain('component=vtodo')
    expect((await put('/contact_birthdays/m.ics', MEETING)).status).toBe(403)
  })

  it('move between calendars', async () => {
    await put('/work/m.ics', MEETING)
    const headers = { destination: `http://localhost:8080/remote.php/dav${HOME}/personal/moved.ics` }
    expect((await send('COPY', '/work/m.ics', { headers })).status).toBe(201)
    expect((await send('MOVE', '/work/m.ics', { headers: { ...headers, overwrite: 'F' } })).status).toBe(412)
    expect((await send('MOVE', '/work/m.ics', { headers })).status).toBe(204)
    expect((await send('GET', '/work/m.ics')).status).toBe(404)
    expect((await send('GET', '/personal/moved.ics')).text).toBe(MEETING)
    expect((await send('MOVE', '/personal/moved.ics')).status).toBe(400)
    const nowhere = { destination: `/remote.php/dav${HOME}/none/x.ics` }
    expect((await send('MOVE', '/personal/moved.ics', { headers: nowhere })).status).toBe(409)
  })

  it('belong into calendars', async () => {
    expect((await put('/x.ics', MEETING)).status).toBe(405)
    expect((await put('/work/', MEETING)).status).toBe(409)
    expect((await put('/none/x.ics', MEETING)).status).toBe(404)
    await put('/work/m.ics', MEETING)
    expect((await put('/work/m.ics/below', MEETING)).status).toBe(409)
    expect((await send('GET', '/work/')).status).toBe(200)
    expect((await send('LOCK', '/work/m.ics')).status).toBe(501)
  })
})

describe('calendar-query', () => {
  beforeEach(async () => {
    await send('MKCALENDAR', '/work/')
    await put('/work/m.ics', MEETING)
    await put(
      '/work/day.ics',
      ics('VEVENT', 'day', 'DTSTART;VALUE=DATE:20261210', 'SUMMARY:Holiday', 'X-KEY;X-P=One:v'),
    )
    await put(
      '/work/weekly.ics',
      ics(
        'VEVENT',
        'weekly',
        'DTSTART;TZID=Europe/Berlin:20261005T230000',
        'DURATION:PT2H',
        'RRULE:FREQ=WEEKLY;UNTIL=20261231T000000Z',
        'EXDATE;TZID=Europe/Berlin:20261214T230000',
        'SUMMARY:Weekly',
      ),
    )
    await put(
      '/work/floating.ics',
      ics('VEVENT', 'floating', 'DTSTART:20261220T090000', 'DTEND:20261220T100000'),
    )
    await put('/work/due.ics', ics('VTODO', 'due', 'DUE:20261205T120000Z', 'SUMMARY:Task'))
    await put('/work/undated.ics', ics('VTODO', 'undated', 'SUMMARY:Some time'))
    await put('/work/note.ics', ics('VJOURNAL', 'note', 'DTSTART;VALUE=DATE:20261206'))
  })

  it.each([
    ['VEVENT', '20261201T000000Z', '20261202T000000Z', ['m.ics']],
    ['VEVENT', '20261201T100000Z', '20261201T110000Z', []],
    // Monday, 7 December, 23:00 in Berlin is until 00:00 UTC.
    ['VEVENT', '20261207T233000Z', '20261208T000000Z', ['weekly.ics']],
    ['VEVENT', '20261208T000000Z', '20261208T120000Z', []],
    ['VEVENT', '20261214T000000Z', '20261215T120000Z', []],
    ['VEVENT', '20261210T120000Z', '20261210T130000Z', ['day.ics']],
    ['VEVENT', '20261220T090000Z', '20261220T093000Z', ['floating.ics']],
    ['VEVENT', '20270101T000000Z', '20280101T000000Z', []],
    ['VTODO', '20261205T000000Z', '20261206T000000Z', ['due.ics', 'undated.ics']],
    ['VTODO', '20261208T000000Z', '20261209T000000Z', ['undated.ics']],
    ['VJOURNAL', '20261206T000000Z', '20261207T000000Z', ['note.ics']],
    ['VJOURNAL', '20261207T000000Z', '20261208T000000Z', []],
  ])('finds %s between %s and %s', async (kind, start, end, expected) => {
    expect(await inRange(kind, start, end)).toEqual(expected)
  })

  it.each([
    ['<c:prop-filter name="UID"><c:text-match>weekly</c:text-match></c:prop-filter>', ['weekly.ics']],
    ['<c:prop-filter name="UID"><c:text-match collation="i;octet">WEEKLY</c:text-match></c:prop-filter>', []],
    ['<c:prop-filter name="SUMMARY"><c:text-match>WEEK</c:text-match></c:prop-filter>', ['weekly.ics']],
    [
      '<c:prop-filter name="SUMMARY"><c:text-match negate-condition="yes">e</c:text-match></c:prop-filter>',
      ['day.ics'],
    ],
    ['<c:prop-filter name="SUMMARY"><c:is-not-defined/></c:prop-filter>', ['floating.ics']],
    ['<c:prop-filter name="RRULE"/>', ['weekly.ics']],
    [
      '<c:prop-filter name="X-KEY"><c:param-filter name="X-P"><c:text-match>one</c:text-match></c:param-filter></c:prop-filter>',
      ['day.ics'],
    ],
    [
      '<c:prop-filter name="X-KEY"><c:param-filter name="X-P"><c:is-not-defined/></c:param-filter></c:prop-filter>',
      [],
    ],
    [
      '<c:prop-filter name="DTEND"><c:time-range start="20261201T000000Z" end="20261202T000000Z"/></c:prop-filter>',
      ['m.ics'],
    ],
    [
      '<c:comp-filter name="VALARM"><c:is-not-defined/></c:comp-filter>',
      ['day.ics', 'floating.ics', 'm.ics', 'weekly.ics'],
    ],
  ])('filters properties: %s', async (filter, expected) => {
    expect(names(await query(`<c:comp-filter name="VEVENT">${filter}</c:comp-filter>`)).sort()).toEqual(
      expected,
    )
  })

  it('finds alarms by when they ring', async () => {
    const alarm = ['BEGIN:VALARM', 'ACTION:DISPLAY', 'TRIGGER:-PT15M', 'END:VALARM']
    await put(
      '/work/alarm.ics',
      ics('VEVENT', 'alarm', 'DTSTART:20261201T090000Z', 'RRULE:FREQ=DAILY;COUNT=3', ...alarm),
    )
    const ringing = async (start: string, end: string) =>
      names(
        await query(
          `<c:comp-filter name="VEVENT"><c:comp-filter name="VALARM"><c:time-range start="${start}" end="${end}"/></c:comp-filter></c:comp-filter>`,
        ),
      )
    expect(await ringing('20261203T084000Z', '20261203T085000Z')).toEqual(['alarm.ics'])
    expect(await ringing('20261203T085000Z', '20261203T090000Z')).toEqual([])
  })

  it('expands series, with overrides, and shows UTC', async () => {
    const override = [
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:s',
      'DTSTAMP:20261101T100000Z',
      'RECURRENCE-ID;TZID=Europe/Berlin:20270104T090000',
      'DTSTART;TZID=Europe/Berlin:20270104T150000',
      'SUMMARY:Moved',
    ]
    await put(
      '/work/s.ics',
      ics(
        'VEVENT',
        's',
        'DTSTART;TZID=Europe/Berlin:20270103T090000',
        'DURATION:PT30M',
        'RRULE:FREQ=DAILY;COUNT=3',
        ...override,
      ),
    )
    const data =
      '<c:calendar-data><c:expand start="20270101T000000Z" end="20270201T000000Z"/></c:calendar-data>'
    const filter =
      '<c:comp-filter name="VEVENT"><c:prop-filter name="UID"><c:text-match collation="i;octet">s</c:text-match></c:prop-filter><c:time-range start="20270101T000000Z" end="20270201T000000Z"/></c:comp-filter>'
    const [element] = properties(
      await query(filter, '/work/', data),
      '{urn:ietf:params:xml:ns:caldav}calendar-data',
    )
    const lines = element?.text.split('\n') ?? []
    expect(lines.filter((line) => line.startsWith('DTSTART'))).toEqual([
      'DTSTART:20270104T140000Z',
      'DTSTART:20270103T080000Z',
      'DTSTART:20270105T080000Z',
    ])
    expect(lines.filter((line) => line.startsWith('DTEND'))).toEqual([
      'DTEND:20270103T083000Z',
      'DTEND:20270105T083000Z',
    ])
    expect(lines).toContain('RECURRENCE-ID:20270104T080000Z')
    expect(element?.text).not.toContain('RRULE')
  })

  it('answers without what was asked where nothing can be found', async () => {
    expect(names(await send('REPORT', '/', { headers: { depth: '1' }, body: calendarQuery('') }))).toEqual([])
    expect(
      (await send('REPORT', '/work/', { headers: { depth: '0' }, body: calendarQuery('') })).status,
    ).toBe(400)
    expect(names(await send('REPORT', '/work/m.ics', { body: calendarQuery('') }))).toEqual(['m.ics'])
  })

  it.each([
    ['', 400],
    ['<c:calendar-query xmlns:c="urn:ietf:params:xml:ns:caldav"/>', 400],
    [`<c:free-busy-query ${NAMESPACES}/>`, 415],
    [`<c:unknown ${NAMESPACES}/>`, 415],
    [calendarQuery('<c:time-range start="20261201T000000Z"/>'), 400],
    [calendarQuery('<c:comp-filter/>'), 400],
    [calendarQuery('<c:comp-filter name="VEVENT"><c:time-range start="tomorrow"/></c:comp-filter>'), 400],
    [
      calendarQuery(
        '<c:comp-filter name="VEVENT"><c:time-range start="20261202T000000Z" end="20261201T000000Z"/></c:comp-filter>',
      ),
      400,
    ],
    [calendarQuery('', '<c:calendar-data><c:expand/></c:calendar-data>'), 400],
    [
      calendarQuery(
        '<c:comp-filter name="VEVENT"><c:prop-filter name="UID"><c:text-match collation="x">y</c:text-match></c:prop-filter></c:comp-filter>',
      ),
      400,
    ],
  ])('refuses %s', async (body, status) => {
    expect((await send('REPORT', '/work/', { headers: { depth: '1' }, body })).status).toBe(status)
  })

  it('gives up on rules that would never end', async () => {
    for (let index = 0; index < 60; index += 1) {
      const rule = 'RRULE:FREQ=SECONDLY;COUNT=2000000000;BYMONTH=2'
      await put(`/work/bomb-${index}.ics`, ics('VEVENT', `bomb-${index}`, 'DTSTART:20260301T000000Z', rule))
    }
    const startedMs = performance.now()
    const range = '<c:time-range start="20401201T000000Z" end="20401202T000000Z"/>'
    const answer = await query(`<c:comp-filter name="VEVENT">${range}</c:comp-filter>`)
    expect(answer.status).toBe(403)
    expect(answer.text).toContain('number-of-matches-within-limits')
    expect(performance.now() - startedMs).toBeLessThan(10_000)
  })
})

describe('multiget and sync', () => {
  const multiget = (...hrefs: string[]) =>
    `<c:calendar-multiget ${NAMESPACES}><d:prop><d:getetag/><c:calendar-data/></d:prop>${hrefs.map((href) => `<d:href>${href}</d:href>`).join('')}</c:calendar-multiget>`
  const sync = (token: string, more = '') =>
    `<d:sync-collection ${NAMESPACES}><d:sync-token>${token}</d:sync-token><d:sync-level>1</d:sync-level>${more}<d:prop><d:getetag/></d:prop></d:sync-collection>`
  const tokenIn = ({ text }: Answer): string => /<d:sync-token>([^<]*)</.exec(text)?.[1] ?? ''

  beforeEach(() => send('MKCALENDAR', '/work/'))

  it('multiget gives what there is and says what there is not', async () => {
    await put('/work/m%20%C3%BC.ics', MEETING)
    const base = `/remote.php/dav${HOME}/work`
    const answer = await send('REPORT', '/work/', {
      body: multiget(`${base}/m%20%c3%bc.ics`, `${base}/none.ics`),
    })
    expect(names(answer)).toEqual(['m%20%c3%bc.ics', 'none.ics 404'])
    expect(answer.text).toContain('SUMMARY:Meeting')
  })

  it('sync tells what has changed since', async () => {
    await put('/work/a.ics', ics('VEVENT', 'a', 'DTSTART:20261201T090000Z'))
    await put('/work/b.ics', ics('VEVENT', 'b', 'DTSTART:20261201T090000Z'))
    const first = await send('REPORT', '/work/', { body: sync('') })
    expect(names(first)).toEqual(['a.ics', 'b.ics'])
    const ctag = await send('PROPFIND', '/work/', {
      headers: { depth: '0' },
      body: `<d:propfind ${NAMESPACES}><d:prop><cs:getctag/></d:prop></d:propfind>`,
    })
    expect(properties(ctag, '{http://calendarserver.org/ns/}getctag')[0]?.text).toBe(tokenIn(first))
    expect(names(await send('REPORT', '/work/', { body: sync(tokenIn(first)) }))).toEqual([])
    await put('/work/a.ics', ics('VEVENT', 'a', 'DTSTART:20261202T090000Z'))
    await send('DELETE', '/work/b.ics')
    await put('/work/c.ics', ics('VEVENT', 'c', 'DTSTART:20261201T090000Z'))
    expect(names(await send('REPORT', '/work/', { body: sync(tokenIn(first)) }))).toEqual([
      'a.ics',
      'b.ics 404',
      'c.ics',
    ])
    const limit = '<d:limit><d:nresults>2</d:nresults></d:limit>'
    const cut = await send('REPORT', '/work/', { body: sync(tokenIn(first), limit) })
    expect(names(cut)).toEqual(['a.ics', 'b.ics 404', 'work 507'])
    expect(names(await send('REPORT', '/work/', { body: sync(tokenIn(cut)) }))).toEqual(['c.ics'])
  })

  it.each([
    'nonsense',
    'http://sabre.io/ns/sync/999',
    'http://sabre.io/ns/sync/-1',
    'http://sabre.io/ns/sync/',
  ])('sync refuses the token %s', async (token) => {
    const answer = await send('REPORT', '/work/', { body: sync(token) })
    expect([answer.status, answer.text.includes('valid-sync-token')]).toEqual([403, true])
  })
})

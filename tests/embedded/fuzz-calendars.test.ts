import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { PROFILE_NAMES } from '../../src/nextcloud/embedded/profiles.js'
import { calendarQuery, dav, ics, NAMESPACES, type Answer, type Sent } from './caldav-visitor.js'

const SECRET = 'bobs-secret-meeting'
/** Of each of the three properties. */
const RUNS = 1_100
/** One request, however odd, on a busy machine. */
/** A hang, on a machine however busy. */
const SLOWEST_MS = 30_000

const clouds: EmbeddedNextcloud[] = []

beforeAll(async () => {
  for (const profile of PROFILE_NAMES) {
    const nextcloud = await startEmbeddedNextcloud({ profile })
    clouds.push(nextcloud)
    await dav(nextcloud, 'MKCALENDAR', '/calendars/alice/work/')
    const body = ics('VEVENT', SECRET, 'DTSTART:20261201T090000Z', `SUMMARY:${SECRET}`)
    await dav(nextcloud, 'PUT', '/calendars/bob/personal/secret.ics', { user: 'bob', body })
  }
})
afterAll(() => Promise.all(clouds.map((nextcloud) => nextcloud.stop())))

/** Which of the clouds a case is for. */
const cloud = fc.nat({ max: PROFILE_NAMES.length - 1 })

/** As alice. */
async function ask(index: number, method: string, path: string, sent: Sent = {}): Promise<Answer> {
  const startedMs = performance.now()
  const answer = await dav(clouds[index]!, method, path, sent)
  expect(performance.now() - startedMs).toBeLessThan(SLOWEST_MS)
  expect(answer.status).toBeLessThan(500)
  expect(answer.text).not.toContain(SECRET)
  return answer
}

const number = fc.oneof(fc.integer({ min: -400, max: 400 }), fc.constantFrom(0, 2_147_483_647, 1e15, -1))
const numbers = fc.array(number, { maxLength: 4 }).map((list) => list.join(','))
const days = fc.array(fc.constantFrom('MO', 'TU', 'SU', '1MO', '-1FR', '5WE', '99SA', 'XX', ''), {
  maxLength: 4,
})
const rule = fc
  .record({
    freq: fc.constantFrom(
      'SECONDLY',
      'MINUTELY',
      'HOURLY',
      'DAILY',
      'WEEKLY',
      'MONTHLY',
      'YEARLY',
      'NEVER',
      '',
    ),
    parts: fc.array(
      fc.oneof(
        fc.tuple(
          fc.constantFrom(
            'INTERVAL',
            'COUNT',
            'BYSECOND',
            'BYMINUTE',
            'BYHOUR',
            'BYMONTHDAY',
            'BYYEARDAY',
            'BYWEEKNO',
            'BYMONTH',
            'BYSETPOS',
            'UNTIL',
            'WKST',
            'X',
            '__proto__',
          ),
          numbers,
        ),
        fc.tuple(
          fc.constant('BYDAY'),
          days.map((list) => list.join(',')),
        ),
        fc.tuple(
          fc.constant('UNTIL'),
          fc.constantFrom('20270101', '20270101T000000Z', '99991231T235959Z', '00000101'),
        ),
      ),
      { maxLength: 5 },
    ),
  })
  .map(({ freq, parts }) => [`FREQ=${freq}`, ...parts.map(([name, value]) => `${name}=${value}`)].join(';'))
const time = fc.oneof(
  fc.constantFrom(
    '20261201T090000Z',
    '20261201T090000',
    '20261201',
    '00000000',
    '99991231T235959Z',
    '20260229',
    '20261301T250000Z',
    '19700101T000000Z',
    '00010101T000000',
    '2025-01-16 10:00:00',
    '',
    'tomorrow',
    '-10000101',
  ),
  fc.string({ maxLength: 12 }),
)
const zone = fc.constantFrom(
  '',
  ';TZID=Europe/Berlin',
  ';TZID=Mars/Base',
  ';TZID=__proto__',
  ';VALUE=DATE',
  ';VALUE=PERIOD',
  ';TZID="',
)
const oddLine = fc.oneof(
  fc
    .tuple(fc.constantFrom('DTSTART', 'DTEND', 'DUE', 'RDATE', 'EXDATE', 'RECURRENCE-ID'), zone, time)
    .map(([name, parameter, value]) => `${name}${parameter}:${value}`),
  rule.map((value) => `RRULE:${value}`),
  fc.constantFrom('DURATION:PT1H', 'DURATION:-P9999999W', 'DURATION:P1Y', 'DURATION:'),
  fc.string({ maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => `SUMMARY:${text}`),
  fc.constantFrom(
    'BEGIN:VEVENT',
    'END:VEVENT',
    'BEGIN:VALARM',
    'END:VALARM',
    'BEGIN:__proto__',
    'BEGIN:',
    'END:',
    'UID:',
    'UID:x',
    'METHOD:REQUEST',
    'TRIGGER:-PT15M',
    'TRIGGER;VALUE=DATE-TIME:20261201T090000Z',
    '__proto__:x',
    'constructor;a=b:c',
    'ATTENDEE;CN="a:mailto:b',
    'GEO:1;2;3',
    'REQUEST-STATUS:2;3',
    ' folded',
    '\tfolded',
    'BEGIN:VTIMEZONE',
    'TZID:Mars/Base',
    'END:VTIMEZONE',
    'BEGIN:STANDARD',
    'TZOFFSETFROM:+0100',
    'TZOFFSETTO:+9999',
    'END:STANDARD',
    '\0',
    '\uFEFF',
  ),
)
const object = fc
  .tuple(
    fc.constantFrom('VEVENT', 'VEVENT', 'VEVENT', 'VTODO', 'VJOURNAL', 'VCARD', 'VFREEBUSY'),
    fc.constantFrom(
      'DTSTART:20261201T090000Z',
      'DTSTART;VALUE=DATE:20261201',
      'DTSTART;TZID=Asia/Tokyo:20261201T090000',
      'X-A:b',
    ),
    fc.array(oddLine, { maxLength: 8 }),
  )
  .map(([kind, start, lines]) => ics(kind, 'fuzz', start, ...lines))

const wellFormedName = fc.constantFrom(
  'VCALENDAR',
  'VEVENT',
  'VTODO',
  'VALARM',
  'VTIMEZONE',
  'UID',
  'DTSTART',
  'RRULE',
  '__proto__',
  '',
)
const attribute = fc.constantFrom(
  'name="VEVENT"',
  'name=""',
  'start="20261201T000000Z"',
  'end="20261201T000000Z"',
  'start="x"',
  'end="99991231T235959Z"',
  'collation="i;octet"',
  'collation="__proto__"',
  'negate-condition="yes"',
  'content-type="application/calendar+json"',
  'xmlns:z="z"',
)
const element = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { maxDepth: 5 },
    fc.string({ maxLength: 10 }),
    fc
      .tuple(
        fc.constantFrom(
          'c:filter',
          'c:comp-filter',
          'c:prop-filter',
          'c:param-filter',
          'c:time-range',
          'c:text-match',
          'c:is-not-defined',
          'c:calendar-data',
          'c:expand',
          'd:prop',
          'd:href',
          'd:sync-token',
          'd:limit',
          'd:nresults',
          'd:getetag',
          'd:set',
          'x',
        ),
        fc.array(
          fc.oneof(
            attribute,
            wellFormedName.map((name) => `name="${name}"`),
          ),
          { maxLength: 2 },
        ),
        fc.array(tie('node'), { maxLength: 4 }),
      )
      .map(([tag, attributes, children]) => `<${tag} ${attributes.join(' ')}>${children.join('')}</${tag}>`),
  ),
})).node
const range = fc.constantFrom(
  '',
  '<c:time-range start="20261201T000000Z" end="20261202T000000Z"/>',
  '<c:time-range start="20261201T000000Z"/>',
  '<c:time-range end="20261201T000000Z"/>',
  '<c:time-range start="99990101T000000Z" end="99991231T235959Z"/>',
  '<c:time-range/>',
)
/** A multiget that asks for bob's event too. */
const hrefs = fc
  .array(
    fc.constantFrom(
      'bob/personal/secret.ics',
      'alice/../bob/personal/secret.ics',
      '%62ob/personal/secret.ics',
      'x',
    ),
    { minLength: 1, maxLength: 3 },
  )
  .map(
    (paths) =>
      `<c:calendar-multiget ${NAMESPACES}><d:prop><c:calendar-data/></d:prop>${paths
        .map((each) => `<d:href>/remote.php/dav/calendars/${each}</d:href>`)
        .join('')}</c:calendar-multiget>`,
  )
const reportBody = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'c:calendar-query',
        'c:calendar-multiget',
        'd:sync-collection',
        'c:free-busy-query',
        'd:propfind',
        'd:propertyupdate',
        'c:mkcalendar',
      ),
      fc.array(element, { maxLength: 4 }),
    )
    .map(([root, children]) => `<${root} ${NAMESPACES}>${children.join('')}</${root}>`),
  fc
    .tuple(
      fc.constantFrom('VEVENT', 'VTODO', 'VJOURNAL', 'VTIMEZONE', 'X'),
      range,
      fc.option(element, { nil: '' }),
    )
    .map(([kind, inside, more]) =>
      calendarQuery(`<c:comp-filter name="${kind}">${inside}${more}</c:comp-filter>`, '<c:calendar-data/>'),
    ),
  hrefs,
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    '<!DOCTYPE x [<!ENTITY e "e">]><x>&e;</x>',
    '<a'.repeat(500),
    '<a>'.repeat(500),
    '<?xml version="9"?>',
  ),
)

const segment = fc.oneof(
  fc.constantFrom(
    'alice',
    'bob',
    'personal',
    'work',
    'secret.ics',
    '..',
    '.',
    '',
    '%2e%2e',
    '%2f',
    '..%2f..%2fbob',
    '%00',
    '%',
    '%zz',
    '%ff',
    'inbox',
    'outbox',
    'trashbin',
    'restore',
    'objects',
    'contact_birthdays',
    '%F0%9F%93%85',
    '\\',
    '%5c',
    'bob%2fpersonal%2fsecret.ics',
    '*',
    '~',
    '__proto__',
    'constructor',
    'a?b=c',
    'a%3Fb',
    ';x',
    'ALICE',
    'alice%20',
  ),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((text) => encodeURIComponent(text)),
)
/** Ways to write the path of bob's event, and what is above and below it. */
const toSecret = fc
  .record({
    segments: fc.constantFrom(
      ['bob', 'personal', 'secret.ics'],
      ['bob', 'personal'],
      ['bob'],
      ['alice', '..', 'bob', 'personal', 'secret.ics'],
      ['bob%2fpersonal%2fsecret.ics'],
      ['alice', '%2e%2e%2fbob', 'personal', 'secret.ics'],
      ['%62ob', 'personal', 'secret.ics'],
    ),
    below: fc.array(segment, { maxLength: 1 }),
    separator: fc.constantFrom('/', '//'),
  })
  .map(({ segments, below, separator }) => `/calendars/${[...segments, ...below].join(separator)}`)
const path = fc.oneof(
  toSecret,
  fc.array(segment, { maxLength: 6 }).map((segments) => `/calendars/${segments.join('/')}`),
)
/** LOCK and what no plugin knows are 501, as recorded. */
const method = fc.constantFrom(
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'PROPFIND',
  'PROPPATCH',
  'REPORT',
  'MKCALENDAR',
  'MKCOL',
  'COPY',
  'MOVE',
  'OPTIONS',
)

describe('the calendars bear', () => {
  it('any object', async () => {
    const wide = calendarQuery(
      '<c:comp-filter name="VEVENT"><c:time-range start="20270601T000000Z" end="20270603T000000Z"/></c:comp-filter>',
      '<c:calendar-data><c:expand start="20261201T085000Z" end="20261201T091000Z"/></c:calendar-data>',
    )
    let stored = 0
    await fc.assert(
      fc.asyncProperty(cloud, object, async (index, body) => {
        const { status } = await ask(index, 'PUT', '/calendars/alice/work/fuzz.ics', { body })
        expect([201, 204, 400, 403, 415]).toContain(status)
        if (status < 300) stored += 1
        await ask(index, 'REPORT', '/calendars/alice/work/', { headers: { depth: '1' }, body: wide })
        await ask(index, 'GET', '/calendars/alice/work/fuzz.ics')
      }),
      { numRuns: RUNS },
    )
    // The cases would say little if all of them were refused at once.
    expect(stored).toBeGreaterThan(RUNS / 10)
  }, 60_000)

  it('any body of a report or of a change', async () => {
    const plain = ics('VEVENT', 'plain', 'DTSTART:20261201T090000Z', 'RRULE:FREQ=DAILY')
    for (const index of clouds.keys()) {
      await ask(index, 'PUT', '/calendars/alice/work/plain.ics', { body: plain })
    }
    await fc.assert(
      fc.asyncProperty(
        cloud,
        fc.constantFrom('REPORT', 'REPORT', 'PROPFIND', 'PROPPATCH', 'MKCALENDAR'),
        fc.constantFrom('', 'work/', 'work/plain.ics', 'inbox/', 'none/'),
        fc.constantFrom('0', '1', 'infinity', 'x'),
        reportBody,
        async (index, verb, target, depth, body) => {
          await ask(index, verb, `/calendars/alice/${target}`, { headers: { depth }, body })
          const headers = { 'x-nc-caldav-no-trashbin': '1' }
          if (verb === 'MKCALENDAR') await ask(index, 'DELETE', '/calendars/alice/none/', { headers })
        },
      ),
      { numRuns: RUNS },
    )
  }, 60_000)

  it("any path, and never show or change another's", async () => {
    const event = ics('VEVENT', 'p', 'DTSTART:20261201T090000Z')
    await fc.assert(
      fc.asyncProperty(
        cloud,
        method,
        path,
        path,
        fc.boolean(),
        async (index, verb, source, target, hasBody) => {
          // Dots are taken out before anything is sent, encoded ones too; other trees are not our subject.
          fc.pre(
            new URL(`http://x/remote.php/dav${source}`).pathname.startsWith('/remote.php/dav/calendars/'),
          )
          await ask(index, verb, source, {
            headers: { depth: '1', destination: `/remote.php/dav${target}`, 'x-nc-caldav-no-trashbin': '1' },
            ...(hasBody && verb !== 'GET' && verb !== 'HEAD' ? { body: event } : {}),
          })
          const kept = await dav(clouds[index]!, 'GET', '/calendars/bob/personal/secret.ics', { user: 'bob' })
          expect(kept.text).toContain(SECRET)
        },
      ),
      { numRuns: RUNS },
    )
    for (const nextcloud of clouds) {
      const listed = await dav(nextcloud, 'PROPFIND', '/calendars/bob/', {
        user: 'bob',
        headers: { depth: '1' },
      })
      expect(listed.text.match(/<d:response>/g)).toHaveLength(6)
    }
  }, 60_000)
})

import { describe, expect, it } from 'vitest'
import { Clock } from '../../src/icalendar/clock.js'
import { occurrencesOf } from '../../src/icalendar/occurrences.js'
import { ICalendarSyntaxError, parseICalendar } from '../../src/icalendar/parse.js'
import { ianaZone, wallClockIn } from '../../src/icalendar/zones.js'

function calendar(...lines: string[]) {
  return parseICalendar(['BEGIN:VCALENDAR', 'VERSION:2.0', ...lines, 'END:VCALENDAR', ''].join('\r\n'))
}

function event(...lines: string[]) {
  return calendar('BEGIN:VEVENT', 'UID:x', ...lines, 'END:VEVENT')
}

function starts(component: ReturnType<typeof event>, from: string, to: string): string[] {
  const range = { fromMs: Date.parse(from), toMs: Date.parse(to) }
  return Array.from(occurrencesOf(component, 'vevent', new Clock(component), range)).map(({ startMs }) =>
    new Date(startMs).toISOString().replace(':00.000Z', 'Z'),
  )
}

describe('a time zone', () => {
  it.each([
    ['Europe/Berlin', '2026-01-15T09:00:00Z', '2026-01-15T08:00:00Z'],
    ['Europe/Berlin', '2026-07-15T09:00:00Z', '2026-07-15T07:00:00Z'],
    ['america/new_york', '2026-12-01T09:00:00Z', '2026-12-01T14:00:00Z'],
    ['Asia/Kathmandu', '2026-12-01T09:00:00Z', '2026-12-01T03:15:00Z'],
    ['Pacific/Auckland', '2026-12-01T09:00:00Z', '2026-11-30T20:00:00Z'],
    // Twice: the first counts. Skipped: read with the offset before the change.
    ['Europe/Berlin', '2026-10-25T02:30:00Z', '2026-10-25T00:30:00Z'],
    ['Europe/Berlin', '2026-03-29T02:30:00Z', '2026-03-29T01:30:00Z'],
  ])('%s reads %s as %s', (name, wall, instant) => {
    expect(ianaZone(name)?.(Date.parse(wall))).toBe(Date.parse(instant))
  })

  it('tells the wall clock of an instant', () => {
    const instantMs = Date.parse('2026-07-15T07:00:00Z')
    expect(wallClockIn('Europe/Berlin', instantMs)).toBe(Date.parse('2026-07-15T09:00:00Z'))
  })

  it('of an unknown name is none', () => {
    expect(['Mars/Base', '+02:00', '', 'x'.repeat(100)].map(ianaZone)).toEqual([
      undefined,
      undefined,
      undefined,
      undefined,
    ])
  })
})

describe('occurrences', () => {
  it('keep the wall clock over a change of offset', () => {
    const weekly = event(
      'DTSTART;TZID=Europe/Berlin:20261019T090000',
      'DURATION:PT1H',
      'RRULE:FREQ=WEEKLY;COUNT=3',
    )
    expect(starts(weekly, '2026-01-01', '2027-01-01')).toEqual([
      '2026-10-19T07:00Z',
      '2026-10-26T08:00Z',
      '2026-11-02T08:00Z',
    ])
  })

  it('end with UNTIL, whose UTC is that of the series', () => {
    const rule = (until: string) =>
      event('DTSTART;TZID=Asia/Tokyo:20261201T090000', `RRULE:FREQ=DAILY;UNTIL=${until}`)
    expect(starts(rule('20261203T000000Z'), '2026-01-01', '2027-01-01')).toHaveLength(3)
    expect(starts(rule('20261202T235959Z'), '2026-01-01', '2027-01-01')).toHaveLength(2)
    expect(starts(rule('20261202'), '2026-01-01', '2027-01-01')).toHaveLength(2)
  })

  it('leave out EXDATE, add RDATE and move with RECURRENCE-ID', () => {
    const series = calendar(
      'BEGIN:VEVENT',
      'UID:x',
      'DTSTART:20261201T090000Z',
      'DTEND:20261201T100000Z',
      'RRULE:FREQ=DAILY;COUNT=4',
      'RDATE:20261210T090000Z',
      'EXDATE:20261202T090000Z',
      'END:VEVENT',
      'BEGIN:VEVENT',
      'UID:x',
      'RECURRENCE-ID:20261203T090000Z',
      'DTSTART:20261220T150000Z',
      'DTEND:20261220T160000Z',
      'END:VEVENT',
    )
    expect(starts(series, '2026-01-01', '2027-01-01')).toEqual([
      '2026-12-20T15:00Z',
      '2026-12-01T09:00Z',
      '2026-12-04T09:00Z',
      '2026-12-10T09:00Z',
    ])
    expect(starts(series, '2026-12-03', '2026-12-04')).toEqual([])
  })

  it('of whole days last until the next midnight, and count in between', () => {
    const days = event('DTSTART;VALUE=DATE:20261201', 'DTEND;VALUE=DATE:20261203')
    expect(starts(days, '2026-12-02T12:00:00Z', '2026-12-02T13:00:00Z')).toHaveLength(1)
    expect(starts(days, '2026-12-03T00:00:00Z', '2026-12-04T00:00:00Z')).toHaveLength(0)
    expect(starts(event('DTSTART;VALUE=DATE:20261201'), '2026-12-01T23:00:00Z', '2026-12-02')).toHaveLength(1)
  })

  it('without length are at their start', () => {
    const point = event('DTSTART:20261201T090000Z')
    expect(starts(point, '2026-12-01T09:00:00Z', '2026-12-01T09:00:01Z')).toHaveLength(1)
    expect(starts(point, '2026-12-01T08:00:00Z', '2026-12-01T09:00:00Z')).toHaveLength(0)
  })

  it('use the definition of a zone that has no IANA name', () => {
    const zoned = calendar(
      'BEGIN:VTIMEZONE',
      'TZID:Our own',
      'BEGIN:STANDARD',
      'DTSTART:19701025T030000',
      'RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU',
      'TZOFFSETFROM:+0200',
      'TZOFFSETTO:+0100',
      'END:STANDARD',
      'BEGIN:DAYLIGHT',
      'DTSTART:19700329T020000',
      'RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU',
      'TZOFFSETFROM:+0100',
      'TZOFFSETTO:+0200',
      'END:DAYLIGHT',
      'END:VTIMEZONE',
      'BEGIN:VEVENT',
      'UID:x',
      'DTSTART;TZID=Our own:20260115T090000',
      'RRULE:FREQ=MONTHLY;INTERVAL=6;COUNT=2',
      'END:VEVENT',
    )
    expect(starts(zoned, '2026-01-01', '2027-01-01')).toEqual(['2026-01-15T08:00Z', '2026-07-15T07:00Z'])
  })

  it('of a long daily series are found far from its start', () => {
    const daily = event('DTSTART:19700101T090000Z', 'RRULE:FREQ=DAILY;INTERVAL=3')
    expect(starts(daily, '2026-12-01', '2026-12-08')).toEqual(['2026-12-03T09:00Z', '2026-12-06T09:00Z'])
  })

  it.each([
    'FREQ=SECONDLY',
    'FREQ=SECONDLY;COUNT=2000000000',
    'FREQ=SECONDLY;BYMONTH=2',
    'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30',
    'FREQ=DAILY;INTERVAL=999999999',
    'FREQ=YEARLY;BYDAY=1MO;BYMONTH=4;BYMONTHDAY=15',
    'FREQ=YEARLY;BYWEEKNO=53',
    'FREQ=MONTHLY;BYDAY=5MO;BYMONTH=2',
    'FREQ=MONTHLY;BYMONTHDAY=31;BYMONTH=2',
    'FREQ=MINUTELY;BYHOUR=3;BYMINUTE=7;BYSECOND=1,2,3',
    'FREQ=HOURLY;INTERVAL=2147483647',
    'FREQ=MONTHLY;BYYEARDAY=1',
    'FREQ=WEEKLY;BYWEEKNO=1',
    'FREQ=YEARLY;BYMONTHDAY=32',
    'FREQ=DAILY;BYDAY=1MO',
  ])('of %s end in a short time', (rule) => {
    let count = 0
    const startedMs = performance.now()
    try {
      count = starts(event('DTSTART:20260304T090000Z', `RRULE:${rule}`), '2030-01-01', '2040-01-01').length
    } catch (error) {
      expect(error).toBeInstanceOf(ICalendarSyntaxError)
    }
    expect(performance.now() - startedMs).toBeLessThan(1_000)
    expect(count).toBeLessThanOrEqual(10_001)
  })
})

describe('a text that is no calendar', () => {
  it.each([
    ['', 'nothing'],
    ['nonsense', 'nonsense'],
    ['BEGIN:VCALENDAR\r\n', 'no end'],
    [`${'BEGIN:X\r\n'.repeat(100_000)}${'END:X\r\n'.repeat(100_000)}`, 'nested'],
    [`BEGIN:VCALENDAR\r\nX${';a=b'.repeat(100_000)}:1\r\nEND:VCALENDAR`, 'parameters'],
    ['BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRRULE:FREQ\r\nEND:VEVENT\r\nEND:VCALENDAR', 'a rule without value'],
    ['END:VCALENDAR\r\nEND:VCALENDAR\r\nSUMMARY:x', 'more ends'],
  ])('is refused at once (%#)', (text) => {
    expect(() => parseICalendar(text)).toThrow(ICalendarSyntaxError)
  })
})

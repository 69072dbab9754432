import ICAL from 'ical.js'

export const DAY_MS = 86_400_000

/** A date or date-time value (RFC 5545, 3.3.4 and 3.3.5). */
export interface CalendarTime {
  readonly form: 'date' | 'floating' | 'utc' | 'zoned'
  /** The wall clock reading, ms as if it were UTC; midnight for a date. */
  readonly wallMs: number
  /** Name of the time zone of the form `zoned`. */
  readonly tzid?: string
}

/**
 * All values of a property of dates or times; those that are malformed are left out.
 *
 * Periods (of RDATE) count from their start.
 */
export function timesOf(property: ICAL.Property): readonly CalendarTime[] {
  const tzid: unknown = property.getFirstParameter('tzid')
  const values = (property.jCal as unknown[]).slice(3)
  return values
    .map((value) => (Array.isArray(value) ? (value[0] as unknown) : value))
    .map((value) => (typeof value === 'string' ? readJCalTime(value, tzid) : undefined))
    .filter((time) => time !== undefined)
}

/** The value of a component's first property of that name. */
export function timeOf(component: ICAL.Component, name: string): CalendarTime | undefined {
  const property = component.getFirstProperty(name)
  return property === null ? undefined : timesOf(property)[0]
}

const JCAL_TIME = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d):(\d\d):(\d\d)(Z?))?$/

/**
 * Reads one value; `undefined` when it is malformed or no real date.
 *
 * @param value as jCal writes it (RFC 7265, 3.6), e.g. `2026-12-01T09:00:00`.
 */
export function readJCalTime(value: string, tzid?: unknown): CalendarTime | undefined {
  const parts = JCAL_TIME.exec(value)
  if (parts === null) return undefined
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts
    .slice(1, 7)
    .map((part: string | undefined) => Number(part ?? 0))
  const isReal = month >= 1 && month <= 12 && day >= 1 && day <= ICAL.Time.daysInMonth(month, year)
  if (!isReal || hour > 23 || minute > 59 || second > 60) return undefined
  const wallMs = wallClock(year, month, day, hour, minute, second)
  if (parts[4] === undefined) return { form: 'date', wallMs }
  if (parts[7] === 'Z') return { form: 'utc', wallMs }
  return typeof tzid === 'string' && tzid !== ''
    ? { form: 'zoned', wallMs, tzid }
    : { form: 'floating', wallMs }
}

/** ms as if the reading were UTC; years below 100 are meant as they are. */
function wallClock(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
): number {
  const date = new Date(0)
  date.setUTCFullYear(year, month - 1, day)
  date.setUTCHours(hour, minute, second)
  return date.getTime()
}

/** A time of ical.js's as a wall clock reading; its zone is not looked at. */
export function wallMsOf({ year, month, day, hour, minute, second }: ICAL.Time): number {
  return wallClock(year, month, day, hour, minute, second)
}

/** The opposite: a time without zone, which ical.js can count with. */
export function floatingTime(wallMs: number, isDate = false): ICAL.Time {
  const date = new Date(wallMs)
  const day = { year: date.getUTCFullYear(), month: date.getUTCMonth() + 1, day: date.getUTCDate() }
  const time = { hour: date.getUTCHours(), minute: date.getUTCMinutes(), second: date.getUTCSeconds() }
  return new ICAL.Time(isDate ? { ...day, isDate } : { ...day, ...time }, ICAL.Timezone.localTimezone)
}

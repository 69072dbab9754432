import type ICAL from 'ical.js'
import type { Clock } from '../../icalendar/clock.js'
import { DAY_MS, floatingTime, type CalendarTime } from '../../icalendar/times.js'
import { ianaZone, wallClockIn } from '../../icalendar/zones.js'
import type { ServerMutant } from '../mutants.js'
import { ToolError } from './tool.js'

const ISO =
  /^(\d{4})-(\d\d)-(\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,]\d{1,9})?)?)?(Z|[+-]\d\d:?\d\d)?(?:\[([^\]]{1,64})\])?$/i

export interface TimeReading {
  readonly isDate: boolean
  /** IANA name of the zone that the time is to be kept in; empty = none asked for. */
  readonly timezone: string
  /** What a time without offset and zone is like: in the same zone as this one. */
  readonly like?: CalendarTime | undefined
  /** Offset of a time that names none, e.g. `+02:00`. */
  readonly offset?: string | undefined
  readonly mutants: ReadonlySet<ServerMutant>
}

/** The offset that an ISO 8601 text names; `undefined` when it names none. */
export function offsetIn(text: string): string | undefined {
  return ISO.exec(text.trim())?.[7]
}

/**
 * Reads a time as a model writes it: ISO 8601, with an offset or without, or RFC 9557 with the name of a zone in
 * brackets. An offset alone is a moment and is stored in UTC; a zone's name is kept; neither means a floating time.
 *
 * @throws {ToolError} that names the value.
 */
export function readTime(
  text: string,
  { isDate, timezone, like, offset, mutants }: TimeReading,
): CalendarTime {
  const parts = ISO.exec(text.trim())
  const [year = '', month = '', day = '', hour = '00', minute = '00', second = '00', ownOffset, zoneName] =
    parts?.slice(1) ?? []
  const wallMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`)
  // Date.parse takes 31 February for 3 March.
  if (Number.isNaN(wallMs) || new Date(wallMs).getUTCDate() !== Number(day)) {
    throw new ToolError(`Invalid isoformat string: '${text}'`)
  }
  if (isDate) return { form: 'date', wallMs: wallMs - (wallMs % DAY_MS) }
  if (mutants.has('s-event-time-shifted')) return { form: 'floating', wallMs }
  const tzid = knownZone((zoneName ?? timezone) || (like?.form === 'zoned' ? like.tzid : undefined), text)
  const offsetText = ownOffset ?? (zoneName === undefined ? offset : undefined)
  if (offsetText === undefined) {
    if (tzid !== undefined) return { form: 'zoned', wallMs, tzid }
    return { form: like?.form === 'utc' ? 'utc' : 'floating', wallMs }
  }
  const instantMs = wallMs - offsetMs(offsetText, text)
  const wallThereMs = tzid === undefined ? undefined : wallClockIn(tzid, instantMs)
  return wallThereMs === undefined || tzid === undefined
    ? { form: 'utc', wallMs: instantMs }
    : { form: 'zoned', wallMs: wallThereMs, tzid }
}

/** UTC is no zone but a form of its own; `undefined` for it. */
function knownZone(name: string | undefined, text: string): string | undefined {
  if (name === undefined) return undefined
  if (ianaZone(name) === undefined) throw new ToolError(`Unknown time zone '${name}' of '${text}'`)
  return name
}

function offsetMs(offset: string, text: string): number {
  if (offset.toUpperCase() === 'Z') return 0
  const [, sign, hours, minutes] = /^([+-])(\d\d):?(\d\d)$/.exec(offset) ?? []
  if (Number(hours) > 23 || Number(minutes) > 59) throw new ToolError(`Invalid isoformat string: '${text}'`)
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * 60_000
}

/**
 * The edge of a range; dates and times without offset count as UTC, the end of a range of days is the end of its last.
 *
 * @returns ms since the epoch; `undefined` for an empty text.
 * @throws {ToolError} that names the value.
 */
export function readEdge(text: string, isEnd: boolean): number | undefined {
  if (text.trim() === '') return undefined
  const time = readTime(text, { isDate: false, timezone: '', mutants: new Set() })
  const instantMs =
    time.form === 'zoned' ? (ianaZone(time.tzid ?? '')?.(time.wallMs) ?? time.wallMs) : time.wallMs
  const isDay = /^\d{4}-\d\d-\d\d$/.test(text.trim())
  return isDay && isEnd ? instantMs + DAY_MS : instantMs
}

/** Replaces a component's property by this time. */
export function setTime(component: ICAL.Component, name: string, time: CalendarTime): void {
  component.removeAllProperties(name)
  const property = component.addPropertyWithValue(name, floatingTime(time.wallMs, time.form === 'date'))
  if (time.form === 'zoned' && time.tzid !== undefined) property.setParameter('tzid', time.tzid)
  if (time.form === 'utc') {
    // Written as text: a zone object would make ical.js compute with it.
    const jCal = property.jCal as unknown[]
    jCal[3] = `${String(jCal[3])}Z`
  }
}

/**
 * A time as ISO 8601: a date alone, without offset when floating, with `Z` or the zone's offset else.
 *
 * @param clock of the object that the time is in.
 */
export function formatTime(time: CalendarTime, clock: Clock): string {
  const iso = new Date(time.wallMs).toISOString()
  if (time.form === 'date') return iso.slice(0, 10)
  const wall = iso.slice(0, 19)
  if (time.form === 'floating') return wall
  const aheadMs = time.form === 'utc' ? 0 : time.wallMs - clock.instantMs(time)
  return wall + (aheadMs === 0 && time.form === 'utc' ? 'Z' : formatOffset(aheadMs))
}

function formatOffset(aheadMs: number): string {
  const minutes = Math.round(Math.abs(aheadMs) / 60_000)
  const two = (value: number): string => String(value).padStart(2, '0')
  return `${aheadMs < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`
}

/** An instant in the form and zone of another time; in UTC where the zone has no known name. */
export function timeLike(instantMs: number, like: CalendarTime): CalendarTime {
  if (like.form !== 'zoned') return { form: like.form, wallMs: instantMs }
  const wallMs = wallClockIn(like.tzid ?? '', instantMs)
  return wallMs === undefined ? { form: 'utc', wallMs: instantMs } : { ...like, wallMs }
}

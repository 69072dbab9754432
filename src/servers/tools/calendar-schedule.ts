import ICAL from 'ical.js'
import { Clock } from '../../icalendar/clock.js'
import { spanOf } from '../../icalendar/occurrences.js'
import { DAY_MS, timeOf, type CalendarTime } from '../../icalendar/times.js'
import { timezoneDefinition } from '../../icalendar/timezone-definition.js'
import { ianaZone } from '../../icalendar/zones.js'
import type { ServerMutant } from '../mutants.js'
import { offsetIn, readTime, setTime, timeLike } from './calendar-times.js'
import { ToolError } from './tool.js'

/** When an event is; members that are absent stay as they are. */
export interface ScheduleFields {
  readonly start_datetime?: string | undefined
  readonly end_datetime?: string | undefined
  readonly timezone?: string | undefined
  readonly all_day?: boolean | undefined
  readonly recurring?: boolean | undefined
  readonly recurrence_rule?: string | undefined
  readonly recurrence_end_date?: string | undefined
}

const HOUR_MS = 3_600_000

/**
 * Sets start and end. A start alone moves the event, a kind alone (`all_day`) keeps the day.
 *
 * @throws {ToolError} that names the value.
 */
export function setTimes(
  calendar: ICAL.Component,
  event: ICAL.Component,
  fields: ScheduleFields,
  mutants: ReadonlySet<ServerMutant>,
): void {
  const { start_datetime, end_datetime, timezone = '' } = fields
  const isDateNow = timeOf(event, 'dtstart')?.form === 'date'
  const isDate = fields.all_day ?? isDateNow
  if (start_datetime === undefined && end_datetime === undefined && isDate === isDateNow) return
  const clock = new Clock(calendar)
  const oldStart = timeOf(event, 'dtstart')
  const start =
    start_datetime === undefined
      ? retyped(oldStart, isDate)
      : readTime(start_datetime, { isDate, timezone, like: oldStart, mutants })
  const reading = { isDate, timezone, like: start, offset: offsetIn(start_datetime ?? ''), mutants }
  const end =
    end_datetime === undefined || end_datetime === ''
      ? movedEnd(event, oldStart, start, clock)
      : readTime(end_datetime, reading)
  if (clock.instantMs(end) < clock.instantMs(start)) {
    throw new ToolError(`end_datetime '${end_datetime ?? ''}' is before the start`)
  }
  setTime(event, 'dtstart', start)
  event.removeAllProperties('duration')
  // RFC 5545, 3.6.1: the end of whole days is the day after the last one.
  setTime(
    event,
    'dtend',
    isDate && end.wallMs === start.wallMs ? { ...end, wallMs: end.wallMs + DAY_MS } : end,
  )
  for (const time of [start, end]) defineZone(calendar, time)
}

function retyped(start: CalendarTime | undefined, isDate: boolean): CalendarTime {
  if (start === undefined) throw new ToolError('start_datetime is required')
  if (isDate) return { form: 'date', wallMs: start.wallMs - (start.wallMs % DAY_MS) }
  return start.form === 'date' ? { form: 'floating', wallMs: start.wallMs } : start
}

/** The event lasts as long as before; a new one an hour or a day. */
function movedEnd(
  event: ICAL.Component,
  oldStart: CalendarTime | undefined,
  start: CalendarTime,
  clock: Clock,
): CalendarTime {
  const isDate = start.form === 'date'
  const keepsKind = oldStart !== undefined && (oldStart.form === 'date') === isDate
  if (!keepsKind) return { ...start, wallMs: start.wallMs + (isDate ? DAY_MS : HOUR_MS) }
  const { startMs, endMs } = spanOf(event, oldStart, clock)
  if (isDate) return { ...start, wallMs: start.wallMs + (endMs - startMs) }
  return timeLike(clock.instantMs(start) + endMs - startMs, start)
}

/** RFC 5545, 3.2.19: a zone that is named is defined in the object. */
function defineZone(calendar: ICAL.Component, { form, tzid, wallMs }: CalendarTime): void {
  if (form !== 'zoned' || tzid === undefined || ianaZone(tzid) === undefined) return
  const known = calendar.getAllSubcomponents('vtimezone')
  if (known.some((zone) => zone.getFirstPropertyValue('tzid') === tzid)) return
  calendar.addSubcomponent(timezoneDefinition(tzid, wallMs))
}

/**
 * Makes, changes or ends the series.
 *
 * @throws {ToolError} that names the value.
 */
export function setRule(calendar: ICAL.Component, event: ICAL.Component, fields: ScheduleFields): void {
  const { recurring, recurrence_rule: text, recurrence_end_date: lastDay = '' } = fields
  const isEnded =
    recurring === false ? text === undefined || text === '' : recurring === undefined && text === ''
  const rule = isEnded ? undefined : text?.trim().replace(/^RRULE:/i, '') || existingRule(event)
  if (rule === undefined) {
    if (recurring === true) throw new ToolError('recurrence_rule is required for a recurring event')
    if (lastDay !== '') throw new ToolError('recurrence_end_date needs a recurrence_rule')
    if (isEnded) for (const name of ['rrule', 'rdate', 'exdate']) event.removeAllProperties(name)
    return
  }
  if ((text === undefined || text === '') && lastDay === '') return
  const property = readRule(
    lastDay === '' ? rule : `${withoutUntil(rule, lastDay)};UNTIL=${until(calendar, event, lastDay)}`,
  )
  event.removeAllProperties('rrule')
  event.addProperty(property)
}

function existingRule(event: ICAL.Component): string | undefined {
  return event
    .getFirstProperty('rrule')
    ?.toICALString()
    .replace(/^RRULE[^:]*:/, '')
}

/** @throws {ToolError} that names the rule. */
function readRule(rule: string): ICAL.Property {
  const invalid = `Invalid recurrence_rule: '${rule}'`
  // What ical.js does not know it would write as it is, line breaks too.
  if (
    !/^[A-Za-z]+=[A-Za-z0-9+,-]+(?:;[A-Za-z-]+=[A-Za-z0-9+,-]+)*$/.test(rule) ||
    !/(?:^|;)FREQ=/i.test(rule)
  ) {
    throw new ToolError(invalid)
  }
  try {
    // Its parts stay in their order this way, so that what is read back is what was written.
    return ICAL.Property.fromString(`RRULE:${rule.toUpperCase()}`)
  } catch (error) {
    throw new ToolError(invalid, { cause: error })
  }
}

function withoutUntil(rule: string, lastDay: string): string {
  const parts = rule.split(';').filter((part) => !/^UNTIL=/i.test(part))
  if (parts.some((part) => /^COUNT=/i.test(part))) {
    throw new ToolError(`recurrence_end_date '${lastDay}' cannot go with the COUNT of the recurrence_rule`)
  }
  return parts.join(';')
}

/** RFC 5545, 3.3.10: of the same type as the start, and in UTC where that has a zone. A day is included. */
function until(calendar: ICAL.Component, event: ICAL.Component, lastDay: string): string {
  const start = timeOf(event, 'dtstart') ?? { form: 'floating', wallMs: 0 }
  const isDate = start.form === 'date'
  const time = readTime(lastDay, { isDate, timezone: '', like: start, mutants: new Set() })
  const isWholeDay = /^\d{4}-\d\d-\d\d$/.test(lastDay.trim())
  const last = isWholeDay && !isDate ? { ...time, wallMs: time.wallMs + DAY_MS - 1000 } : time
  const wallMs = last.form === 'zoned' ? new Clock(calendar).instantMs(last) : last.wallMs
  const stamp = new Date(wallMs).toISOString().replace(/[-:]|\.\d{3}Z/g, '')
  if (isDate) return stamp.slice(0, 8)
  return start.form === 'floating' ? stamp : `${stamp}Z`
}

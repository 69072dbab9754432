import ICAL from 'ical.js'
import { Clock } from '../../../../../icalendar/clock.js'
import { occurrencesOf, STEPS_PER_OBJECT, type Occurrence } from '../../../../../icalendar/occurrences.js'
import { StepBudget } from '../../../../../icalendar/recurrence.js'
import type { CalendarObjectRow } from '../../../calendars.js'
import type { TimeRange } from './query-filter.js'

/** What sabre/dav expands at most. */
const MAX_OCCURRENCES = 3_500

/** What makes a series, and what each occurrence says anew. */
const REPLACED = ['rrule', 'rdate', 'exdate', 'dtstart', 'dtend', 'due', 'duration', 'recurrence-id']

/**
 * The object with one component per occurrence in the range (RFC 4791, 9.6.5): no rules, no zones, times in UTC, dates
 * as dates.
 */
export function expanded(object: CalendarObjectRow, range: TimeRange, budget: StepBudget): string {
  const { calendar, kind } = object
  const result = new ICAL.Component('vcalendar')
  for (const property of calendar.getAllProperties()) result.addProperty(copyOf(property))
  const clock = new Clock(calendar)
  const within = { fromMs: range.startMs, toMs: range.endMs }
  let count = 0
  const objectBudget = new StepBudget(STEPS_PER_OBJECT, budget)
  for (const occurrence of occurrencesOf(calendar, kind.toLowerCase(), clock, within, objectBudget)) {
    if (++count > MAX_OCCURRENCES) break
    result.addSubcomponent(componentOf(occurrence, clock))
  }
  return `${result.toString()}\r\n`
}

function componentOf(
  { component, start, startMs, endMs, recurrenceId }: Occurrence,
  clock: Clock,
): ICAL.Component {
  const copy = new ICAL.Component(structuredClone(component.jCal) as unknown[])
  for (const name of REPLACED) copy.removeAllProperties(name)
  const set = (name: string, instantMs: number): void => {
    const date = new Date(instantMs)
    const time = ICAL.Time.fromJSDate(date, true)
    if (start.form === 'date') time.isDate = true
    copy.addPropertyWithValue(name, time)
  }
  set('dtstart', startMs)
  if (component.hasProperty('due')) set('due', endMs)
  else if (component.hasProperty('dtend') || component.hasProperty('duration')) set('dtend', endMs)
  if (recurrenceId !== undefined) set('recurrence-id', clock.instantMs(recurrenceId))
  return copy
}

function copyOf(property: ICAL.Property): ICAL.Property {
  return new ICAL.Property(structuredClone(property.jCal) as unknown[])
}

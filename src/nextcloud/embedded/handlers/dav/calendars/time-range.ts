import type ICAL from 'ical.js'
import { Clock } from '../../../../../icalendar/clock.js'
import {
  durationOf,
  occurrencesOf,
  readDuration,
  type Occurrence,
  STEPS_PER_OBJECT,
} from '../../../../../icalendar/occurrences.js'
import { StepBudget } from '../../../../../icalendar/recurrence.js'
import { DAY_MS, timeOf, timesOf } from '../../../../../icalendar/times.js'
import type { CalendarObjectRow } from '../../../calendars.js'
import { badRequest } from '../dav-error.js'
import type { TimeJudge, TimeRange } from './query-filter.js'

/** Decides for one object which of its components and properties are in a range (RFC 4791, 9.9). */
export class ObjectTimes implements TimeJudge {
  readonly #object: CalendarObjectRow
  readonly #clock: Clock
  readonly #budget: StepBudget

  /** @param budget of the whole request; one object gets a part of it only. */
  constructor(object: CalendarObjectRow, budget: StepBudget) {
    this.#object = object
    this.#clock = new Clock(object.calendar)
    this.#budget = new StepBudget(STEPS_PER_OBJECT, budget)
  }

  component(component: ICAL.Component, range: TimeRange): boolean {
    switch (component.name) {
      case 'vevent':
      case 'vjournal':
        return this.#occurs(component, range)
      case 'vtodo':
        return isSeries(component) ? this.#occurs(component, range) : this.#task(component, range)
      case 'valarm':
        return this.#alarm(component, range)
      default:
        throw badRequest(
          `You cannot create a time-range filter on a ${component.name.toUpperCase()} component`,
        )
    }
  }

  property(property: ICAL.Property, { startMs, endMs }: TimeRange): boolean {
    const [time] = timesOf(property)
    if (time === undefined) return false
    const instantMs = this.#clock.instantMs(time)
    return startMs <= instantMs && instantMs <= endMs
  }

  #occurs(component: ICAL.Component, range: TimeRange): boolean {
    for (const occurrence of this.#occurrences(range)) {
      if (occurrence.component === component) return true
    }
    return false
  }

  #occurrences({ startMs, endMs }: TimeRange): Generator<Occurrence> {
    const { calendar, kind } = this.#object
    const range = { fromMs: startMs, toMs: endMs }
    return occurrencesOf(calendar, kind.toLowerCase(), this.#clock, range, this.#budget)
  }

  /** The table of RFC 4791, 9.9 for VTODO. */
  #task(task: ICAL.Component, { startMs, endMs }: TimeRange): boolean {
    const [start, due, completed, created] = ['dtstart', 'due', 'completed', 'created'].map((name) => {
      const time = timeOf(task, name)
      return time === undefined ? undefined : this.#clock.instantMs(time)
    })
    const duration = durationOf(task)
    if (start !== undefined && duration !== undefined) {
      const end = start + duration.days * DAY_MS + duration.exactMs
      return startMs <= end && (endMs > start || endMs >= end)
    }
    if (start !== undefined && due !== undefined) {
      return (startMs < due || startMs <= start) && (endMs > start || endMs >= due)
    }
    if (start !== undefined) return startMs <= start && endMs > start
    if (due !== undefined) return startMs < due && endMs >= due
    if (completed !== undefined && created !== undefined) {
      return (startMs <= created || startMs <= completed) && (endMs >= created || endMs >= completed)
    }
    if (completed !== undefined) return startMs <= completed && endMs >= completed
    return created === undefined || endMs > created
  }

  /** An alarm counts where one of its triggers is in the range. */
  #alarm(alarm: ICAL.Component, { startMs, endMs }: TimeRange): boolean {
    const trigger = alarm.getFirstProperty('trigger')
    if (trigger === null) return false
    const [absolute] = timesOf(trigger)
    if (absolute !== undefined) {
      const instantMs = this.#clock.instantMs(absolute)
      return startMs <= instantMs && instantMs < endMs
    }
    const value = (trigger.jCal as unknown[])[3]
    const offset = typeof value === 'string' ? readDuration(value) : undefined
    if (offset === undefined) return false
    const offsetMs = offset.days * DAY_MS + offset.exactMs
    const related: unknown = trigger.getParameter('related')
    const moved = { startMs: startMs - offsetMs - DAY_MS, endMs: endMs - offsetMs + DAY_MS }
    for (const occurrence of this.#occurrences(moved)) {
      const triggerMs = (related === 'END' ? occurrence.endMs : occurrence.startMs) + offsetMs
      if (startMs <= triggerMs && triggerMs < endMs) return true
    }
    return false
  }
}

function isSeries(component: ICAL.Component): boolean {
  return component.hasProperty('rrule') || component.hasProperty('rdate')
}

import type ICAL from 'ical.js'
import { ruleWalls, StepBudget } from './recurrence.js'
import { timeOf, timesOf, type CalendarTime } from './times.js'
import { ianaZone, utcZone, type Zone } from './zones.js'

/** Turns the times of one iCalendar object into instants. */
export class Clock {
  readonly #calendar: ICAL.Component
  readonly #floating: Zone
  readonly #zones = new Map<string, Zone>()

  /**
   * @param calendar whose VTIMEZONE components define what names mean that IANA does not know.
   * @param floating what dates and floating times are relative to; default UTC.
   */
  constructor(calendar: ICAL.Component, floating: Zone = utcZone) {
    this.#calendar = calendar
    this.#floating = floating
  }

  /** ms since the epoch. */
  instantMs(time: CalendarTime): number {
    return this.zoneOf(time)(time.wallMs)
  }

  /** What the time's wall clock is relative to. A name that nobody defines counts as UTC. */
  zoneOf({ form, tzid }: CalendarTime): Zone {
    if (form === 'utc') return utcZone
    if (form !== 'zoned' || tzid === undefined) return this.#floating
    const known = this.#zones.get(tzid)
    if (known !== undefined) return known
    const zone = ianaZone(tzid) ?? definedZone(this.#calendar, tzid) ?? utcZone
    this.#zones.set(tzid, zone)
    return zone
  }
}

interface Observance {
  readonly component: ICAL.Component
  readonly onsetMs: number
  readonly fromMs: number
  readonly toMs: number
}

/** The zone that a VTIMEZONE defines (RFC 5545, 3.6.5), by the last change before the wall clock reading. */
function definedZone(calendar: ICAL.Component, tzid: string): Zone | undefined {
  const definition = calendar
    .getAllSubcomponents('vtimezone')
    .find((zone) => zone.getFirstPropertyValue('tzid') === tzid)
  const observances = [
    ...(definition?.getAllSubcomponents('standard') ?? []),
    ...(definition?.getAllSubcomponents('daylight') ?? []),
  ].flatMap((component): Observance[] => {
    const onset = timeOf(component, 'dtstart')
    const [fromMs, toMs] = ['tzoffsetfrom', 'tzoffsetto'].map((name) => utcOffsetMs(component, name))
    if (onset === undefined || fromMs === undefined || toMs === undefined) return []
    return [{ component, onsetMs: onset.wallMs, fromMs, toMs }]
  })
  const first = observances.toSorted((a, b) => a.onsetMs - b.onsetMs)[0]
  if (first === undefined) return undefined
  return (wallMs) => {
    let latest = { onsetMs: -Infinity, toMs: first.fromMs }
    for (const { component, onsetMs, toMs } of observances) {
      const lastOnsetMs = lastOnset(component, onsetMs, wallMs)
      if (lastOnsetMs !== undefined && lastOnsetMs > latest.onsetMs) latest = { onsetMs: lastOnsetMs, toMs }
    }
    return wallMs - latest.toMs
  }
}

/** Enough for every change since 1970, twice a year and more. */
const MAX_ONSET_STEPS = 2_000

function lastOnset(component: ICAL.Component, onsetMs: number, wallMs: number): number | undefined {
  if (onsetMs > wallMs) return undefined
  let last = onsetMs
  for (const rdate of component.getAllProperties('rdate').flatMap(timesOf)) {
    if (rdate.wallMs <= wallMs && rdate.wallMs > last) last = rdate.wallMs
  }
  const budget = new StepBudget(MAX_ONSET_STEPS)
  for (const rule of component.getAllProperties('rrule')) {
    for (const startMs of ruleWalls(rule, { form: 'floating', wallMs: onsetMs }, budget)) {
      if (startMs > wallMs) break
      if (startMs > last) last = startMs
    }
  }
  return last
}

function utcOffsetMs(component: ICAL.Component, name: string): number | undefined {
  const value = (component.getFirstProperty(name)?.jCal as unknown[] | undefined)?.[3]
  const parts = typeof value === 'string' ? /^([+-])(\d\d):?(\d\d)(?::?(\d\d))?$/.exec(value) : null
  if (parts === null) return undefined
  const [, sign, hours, minutes, seconds = '0'] = parts
  const ms = ((Number(hours) * 60 + Number(minutes)) * 60 + Number(seconds)) * 1000
  return sign === '-' ? -ms : ms
}

import type ICAL from 'ical.js'
import type { Clock } from './clock.js'
import { ruleWalls, StepBudget } from './recurrence.js'
import { DAY_MS, timeOf, timesOf, type CalendarTime } from './times.js'

/** One occurrence of a VEVENT, VTODO or VJOURNAL. */
export interface Occurrence {
  /** What describes it: the series' own component, or the one that overrides this occurrence. */
  readonly component: ICAL.Component
  readonly start: CalendarTime
  /** ms since the epoch. */
  readonly startMs: number
  /** ms since the epoch; the start when there is neither an end nor a duration. */
  readonly endMs: number
  /** The start that the series gives it; absent where nothing recurs. */
  readonly recurrenceId?: CalendarTime
}

export interface OccurrenceRange {
  /** ms since the epoch; occurrences that end before are left out. */
  readonly fromMs: number
  /** ms since the epoch; occurrences that start then or later are left out. */
  readonly toMs: number
}

/** What one object may cost. More than 25 years of a daily series. */
export const STEPS_PER_OBJECT = 10_000

/** No wall clock is further from UTC. */
const ZONE_MARGIN_MS = DAY_MS

/**
 * The occurrences of one calendar object (components of one kind with one UID) in a range, each series ascending.
 * RRULE, RDATE, EXDATE and RECURRENCE-ID count (RFC 5545, 3.8.4 and 3.8.5). Ends early when the budget is spent.
 *
 * @param kind `vevent`, `vtodo` or `vjournal`.
 */
export function* occurrencesOf(
  calendar: ICAL.Component,
  kind: string,
  clock: Clock,
  range: OccurrenceRange,
  budget = new StepBudget(STEPS_PER_OBJECT),
): Generator<Occurrence> {
  const components = calendar.getAllSubcomponents(kind)
  const overridden = new Set<number>()
  for (const component of components) {
    const recurrenceId = timeOf(component, 'recurrence-id')
    const start = timeOf(component, 'dtstart') ?? timeOf(component, 'due')
    if (recurrenceId === undefined) continue
    overridden.add(clock.instantMs(recurrenceId))
    if (start === undefined) continue
    const occurrence = { ...spanOf(component, start, clock), recurrenceId }
    if (isIn(occurrence, range)) yield occurrence
  }
  for (const component of components) {
    if (component.hasProperty('recurrence-id')) continue
    yield* seriesOf(component, overridden, clock, range, budget)
  }
}

function* seriesOf(
  component: ICAL.Component,
  overridden: ReadonlySet<number>,
  clock: Clock,
  range: OccurrenceRange,
  budget: StepBudget,
): Generator<Occurrence> {
  const start = timeOf(component, 'dtstart')
  if (start === undefined) return
  const spanAt = spansOf(component, start, clock)
  const first = spanAt(start)
  const isRecurring = component.hasProperty('rrule') || component.hasProperty('rdate')
  if (!isRecurring) {
    if (!overridden.has(first.startMs) && isIn(first, range)) yield first
    return
  }
  const excluded = new Set(
    component.getAllProperties('exdate').flatMap(timesOf).map(exclusionKey(clock, start)),
  )
  const lengthMs = first.endMs - first.startMs
  const zone = clock.zoneOf(start)
  for (const wallMs of startsOf(component, start, budget, {
    fromWallMs: range.fromMs - lengthMs - ZONE_MARGIN_MS,
    zone,
  })) {
    const at: CalendarTime = { ...start, wallMs }
    const occurrence = { ...spanAt(at), recurrenceId: at }
    if (wallMs > range.toMs + ZONE_MARGIN_MS) return
    if (overridden.has(occurrence.startMs) || excluded.has(occurrence.startMs)) continue
    if (isIn(occurrence, range)) yield occurrence
  }
}

/** Starts of a series on the wall clock, ascending: DTSTART, what the rules give, and RDATE. */
function* startsOf(
  component: ICAL.Component,
  start: CalendarTime,
  budget: StepBudget,
  range: { readonly fromWallMs: number; readonly zone: (wallMs: number) => number },
): Generator<number> {
  const additions = [start, ...component.getAllProperties('rdate').flatMap(timesOf)].map(
    ({ wallMs }) => wallMs,
  )
  const sources: Iterator<number>[] = [
    additions.sort((a, b) => a - b)[Symbol.iterator](),
    ...component.getAllProperties('rrule').map((rule) => ruleWalls(rule, start, budget, range)),
  ]
  const heads = sources.map((source) => source.next())
  let last = -Infinity
  for (;;) {
    let nearest = -1
    for (const [index, head] of heads.entries()) {
      if (head.done === true) continue
      const best = heads[nearest]
      if (best === undefined || best.done === true || head.value < best.value) nearest = index
    }
    const head = heads[nearest]
    const source = sources[nearest]
    if (head === undefined || head.done === true || source === undefined) return
    if (head.value > last) yield head.value
    last = Math.max(last, head.value)
    heads[nearest] = source.next()
  }
}

/** EXDATE names the instant of an occurrence, or its day where the series has times (seen in the wild). */
function exclusionKey(clock: Clock, start: CalendarTime): (time: CalendarTime) => number {
  return (time) =>
    time.form === 'date' && start.form !== 'date'
      ? clock.instantMs({ ...start, wallMs: time.wallMs + (start.wallMs - dayOf(start.wallMs)) })
      : clock.instantMs(time)
}

function dayOf(wallMs: number): number {
  return Math.floor(wallMs / DAY_MS) * DAY_MS
}

/** Start and end of a component. */
export function spanOf(component: ICAL.Component, start: CalendarTime, clock: Clock): Occurrence {
  return spansOf(component, start, clock)(start)
}

/**
 * Start and end of a component moved to any start; what is the same for all of them is looked up once.
 *
 * @param original where the component starts by itself.
 */
function spansOf(
  component: ICAL.Component,
  original: CalendarTime,
  clock: Clock,
): (start: CalendarTime) => Occurrence {
  const endOf = endsOf(component, original, clock)
  return (start) => {
    const startMs = clock.instantMs(start)
    return { component, start, startMs, endMs: Math.max(startMs, endOf(start, startMs)) }
  }
}

function endsOf(
  component: ICAL.Component,
  original: CalendarTime,
  clock: Clock,
): (start: CalendarTime, startMs: number) => number {
  const end = timeOf(component, 'dtend') ?? timeOf(component, 'due')
  if (end !== undefined) {
    const isSameClock = end.form === original.form && end.tzid === original.tzid
    if (isSameClock) {
      return ({ wallMs }) => clock.instantMs({ ...end, wallMs: wallMs + (end.wallMs - original.wallMs) })
    }
    const lengthMs = clock.instantMs(end) - clock.instantMs(original)
    return (_start, startMs) => startMs + lengthMs
  }
  const isWholeDay = original.form === 'date' && component.name !== 'vtodo'
  const { days, exactMs } = durationOf(component) ?? { days: isWholeDay ? 1 : 0, exactMs: 0 }
  if (days === 0) return (_start, startMs) => startMs + exactMs
  return (start) => clock.instantMs({ ...start, wallMs: start.wallMs + days * DAY_MS }) + exactMs
}

/** A DURATION (RFC 5545, 3.3.6): days are nominal, the rest is exact. `undefined` when there is none. */
export function durationOf(
  component: ICAL.Component,
): { readonly days: number; readonly exactMs: number } | undefined {
  const value = (component.getFirstProperty('duration')?.jCal as unknown[] | undefined)?.[3]
  return typeof value === 'string' ? readDuration(value) : undefined
}

const DURATION = /^([+-])?P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,9})S)?)?$/

/** Reads a duration value, e.g. `-PT15M`; `undefined` when it is malformed. */
export function readDuration(value: string): { readonly days: number; readonly exactMs: number } | undefined {
  const parts = DURATION.exec(value)
  if (parts === null) return undefined
  const [weeks = 0, days = 0, hours = 0, minutes = 0, seconds = 0] = parts
    .slice(2)
    .map((part: string | undefined) => Number(part ?? 0))
  const sign = parts[1] === '-' ? -1 : 1
  return {
    days: sign * (weeks * 7 + days),
    exactMs: sign * ((hours * 60 + minutes) * 60 + seconds) * 1000,
  }
}

/** RFC 4791, 9.9: an occurrence without length counts as being at its start. */
function isIn({ startMs, endMs }: Occurrence, { fromMs, toMs }: OccurrenceRange): boolean {
  return endMs > startMs ? startMs < toMs && endMs > fromMs : startMs >= fromMs && startMs < toMs
}

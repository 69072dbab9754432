import ICAL from 'ical.js'
import { DAY_MS, floatingTime, readJCalTime, wallMsOf, type CalendarTime } from './times.js'

/** Steps that may still be taken. A rule such as "every second" has no end, and some never find a day. */
export class StepBudget {
  #left: number
  readonly #parent: StepBudget | undefined

  /** @param parent pays too, e.g. the budget of a whole request. */
  constructor(steps: number, parent?: StepBudget) {
    this.#left = steps
    this.#parent = parent
  }

  get isSpent(): boolean {
    return this.#left <= 0 || this.#parent?.isSpent === true
  }

  /** @throws {BudgetSpent} */
  spend(steps: number): void {
    if (this.isSpent) throw new BudgetSpent()
    this.#left -= steps
    this.#parent?.spend(steps)
  }
}

class BudgetSpent extends Error {}

interface BoundedIteratorOptions {
  readonly rule: ICAL.Recur
  readonly dtstart: ICAL.Time
  readonly budget?: StepBudget
}

/** ical.js's iterator, which by itself may loop for ever inside one step; every loop of its own pays here. */
class BoundedIterator extends ICAL.RecurIterator {
  // Set in `fromData`: the base class's constructor iterates already, before a field of this one could be.
  declare private budget: StepBudget

  override fromData(options: BoundedIteratorOptions): void {
    this.budget = options.budget ?? new StepBudget(0)
    super.fromData(options)
  }

  override check_contracting_rules(): boolean {
    this.budget.spend(1)
    // The base class computes weeks and days of the year even where no part of the rule looks at them.
    return Object.keys(this.rule.parts).length === 0 || super.check_contracting_rules()
  }

  override expand_year_days(year: number): number {
    this.budget.spend(3)
    return super.expand_year_days(year)
  }

  override increment_month(): void {
    this.budget.spend(1)
    super.increment_month()
  }

  override increment_monthday(days: number): void {
    this.budget.spend(Math.ceil(Math.abs(days) / 100))
    if (this.budget.isSpent) throw new BudgetSpent()
    super.increment_monthday(days)
  }
}

/** Length of a step of those frequencies whose steps are equally long on the wall clock, ms. */
const STEP_MS: Readonly<Record<string, number>> = {
  SECONDLY: 1000,
  MINUTELY: 60_000,
  HOURLY: 3_600_000,
  DAILY: DAY_MS,
  WEEKLY: 7 * DAY_MS,
}

export interface RuleRange {
  /** Occurrences before this wall clock reading may be left out. */
  readonly fromWallMs?: number
  /** Turns a wall clock reading of the series into an instant; needed for an UNTIL in UTC. Default: UTC. */
  readonly zone?: (wallMs: number) => number
}

/**
 * The wall clock readings that a rule gives, ascending, without the start itself where the rule does not name it.
 * Ends early when the budget is spent or the rule makes no sense.
 *
 * @param rule an RRULE property (RFC 5545, 3.8.5.3).
 */
export function* ruleWalls(
  rule: ICAL.Property,
  start: CalendarTime,
  budget: StepBudget,
  range: RuleRange = {},
): Generator<number> {
  const { recur, until } = readRule(rule)
  if (recur === undefined) return
  const startMs = laterStart(recur, start.wallMs, range.fromWallMs)
  const isPast = untilTest(until, range.zone ?? ((wallMs) => wallMs))
  try {
    const dtstart = floatingTime(startMs, start.form === 'date')
    const options: BoundedIteratorOptions = { rule: recur, dtstart, budget }
    const iterator = new BoundedIterator(options)
    for (;;) {
      // Typed as if it never ended.
      const next = iterator.next() as unknown
      if (!(next instanceof ICAL.Time)) return
      const wallMs = wallMsOf(next)
      if (Number.isNaN(wallMs) || isPast(wallMs)) return
      yield wallMs
    }
  } catch (error) {
    if (error instanceof BudgetSpent) return
    // ical.js refuses combinations that RFC 5545 forbids only when it comes to iterate.
    if (error instanceof Error) return
    throw error
  }
}

function readRule(rule: ICAL.Property): {
  readonly recur: ICAL.Recur | undefined
  readonly until: CalendarTime | undefined
} {
  const data = (rule.jCal as unknown[])[3]
  if (typeof data !== 'object' || data === null) return { recur: undefined, until: undefined }
  // UNTIL is compared by us: ical.js would need the zone for it.
  const { until, ...rest } = data as Record<string, unknown>
  try {
    const recur = ICAL.Recur.fromData(structuredClone(rest))
    return { recur, until: typeof until === 'string' ? readJCalTime(until) : undefined }
  } catch {
    return { recur: undefined, until: undefined }
  }
}

/** A start nearer to what is asked for; a series that is counted must be walked from its beginning. */
function laterStart(recur: ICAL.Recur, startMs: number, fromWallMs: number | undefined): number {
  const stepMs = (STEP_MS[recur.freq] ?? 0) * recur.interval
  if (fromWallMs === undefined || recur.count || !(stepMs > 0)) return startMs
  const steps = Math.floor((fromWallMs - startMs) / stepMs) - 1
  return steps > 0 ? startMs + steps * stepMs : startMs
}

function untilTest(
  until: CalendarTime | undefined,
  zone: (wallMs: number) => number,
): (wallMs: number) => boolean {
  if (until === undefined) return () => false
  if (until.form === 'utc') return (wallMs) => zone(wallMs) > until.wallMs
  if (until.form === 'date') return (wallMs) => wallMs >= until.wallMs + DAY_MS
  return (wallMs) => wallMs > until.wallMs
}

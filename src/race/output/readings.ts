import { oneLine, withoutControls } from '../../report/text.js'
import type { Cause, RaceReport, Rate, StepMeasurement } from '../model.js'

/** Longest text of a target's that is shown; the model caps them, too. */
const MAX_TEXT = 1_000

/** The report with every text fit for terminals and XML: no control characters, and none too long. */
export function cleanReport(report: RaceReport): RaceReport {
  return cleaned(report) as RaceReport
}

function cleaned(value: unknown): unknown {
  if (typeof value === 'string') return shortened(value, MAX_TEXT)
  if (Array.isArray(value)) return value.map(cleaned)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, cleaned(member)]))
}

/** A text without control characters that is cut, visibly, after so many UTF-16 units. */
export function shortened(text: string, length: number): string {
  // The cut may leave half a character, which goes with the control characters.
  return withoutControls(text.length > length ? `${text.slice(0, length - 1)}…` : text)
}

/** The causes that were measured, in the report's order. */
export function causesOf(report: RaceReport): readonly Cause[] {
  return [
    ...new Set(
      [...report.diagnoses, ...report.steps, ...report.remedies, ...(report.server ?? [])].map(
        ({ cause }) => cause,
      ),
    ),
  ]
}

/** Succeeded trials, 0 to 1; NaN without trials. */
export function shareOf({ succeeded, trials }: Rate): number {
  return succeeded / trials
}

/** The success of a step without any delay; `undefined` when that was not measured. */
export function rateAtOnce({ points }: StepMeasurement): Rate | undefined {
  return points.find(({ delayMs }) => delayMs === 0)?.rate
}

/** The shortest delay, ms, from which on no trial failed; `undefined` when there is none. */
export function alwaysFromMs({ points }: StepMeasurement): number | undefined {
  const sorted = points.toSorted((a, b) => a.delayMs - b.delayMs)
  const lastFailure = sorted.findLastIndex(({ rate }) => rate.succeeded < rate.trials || rate.trials === 0)
  return sorted[lastFailure + 1]?.delayMs
}

/** The same for people: `0 ms`, `2.25 s`, `not within 3 s`. */
export function alwaysText(step: StepMeasurement): string {
  const delayMs = alwaysFromMs(step)
  if (delayMs !== undefined) return millisecondsText(delayMs)
  const longestMs = Math.max(...step.points.map((point) => point.delayMs))
  return step.points.length === 0 ? '–' : `not within ${millisecondsText(longestMs)}`
}

/** E.g. `12 ms`, `2.04 s`: exact enough to tell two delays apart. */
export function millisecondsText(ms: number): string {
  if (ms < 10 && !Number.isInteger(ms)) return `${ms.toFixed(1)} ms`
  return Math.round(ms) < 1_000 ? `${Math.round(ms)} ms` : `${Number((ms / 1_000).toFixed(2))} s`
}

/** The lag that was set: as it was given where it is a distribution, with its median. */
export function lagText({ lag, lagMs }: Pick<RaceReport, 'lag' | 'lagMs'>): string {
  const typical = millisecondsText(lagMs)
  return lag?.includes(':') === true ? `${oneLine(lag)} (median ${typical})` : typical
}

/** E.g. `97 %`, `99.5 %`, never rounded to all or nothing. */
export function percentText(share: number): string {
  if (Number.isNaN(share)) return '–'
  if (share === 0 || share === 1) return `${share * 100} %`
  return `${Math.min(99.9, Math.max(0.1, share * 100)).toFixed(1)} %`
}

/** For an axis, e.g. `80 %`. */
export function tickPercent(share: number): string {
  return `${Math.round(share * 100)} %`
}

/** The interval of a rate in percent, e.g. `91–98`. */
export function intervalText(low: number, high: number): string {
  return `${Number((low * 100).toFixed(1))}–${Number((high * 100).toFixed(1))}`
}

/** What failed, from 0 to 1, with its interval: the complement of a rate. */
export function failuresOf(rate: Rate): { share: number; low: number; high: number } {
  return { share: 1 - shareOf(rate), low: 1 - rate.high, high: 1 - rate.low }
}

type FailingAnswer = StepMeasurement['failingAnswers'][number] & {
  /** Where its place does not tell. */
  readonly step?: string | undefined
}

/** E.g. `400 invalid_grant “Could not find …”`, with the step before it where the answer names one. */
export function answerText(answer: FailingAnswer): string {
  const { status, error, description, step } = answer
  return [
    ...(step === undefined ? [] : [`${oneLine(step)}:`]),
    status === null ? 'no answer' : String(status),
    ...(error === undefined || error === '' ? [] : [oneLine(error)]),
    ...(description === undefined || description === '' ? [] : [`“${oneLine(description)}”`]),
  ].join(' ')
}

/** At most one decimal. */
export function numberText(value: number): string {
  return String(Number(value.toFixed(value < 1 ? 2 : 1)))
}

/** The step that a cause makes fail: the diagnosed one, or the one that fails most without a delay. */
export function failingStep(report: RaceReport, cause: Cause): StepMeasurement | undefined {
  const steps = report.steps.filter((step) => step.cause === cause && alwaysFromMs(step) !== 0)
  const diagnosed = report.diagnoses.find((one) => one.cause === cause)?.failingStep
  const shareAtOnce = (step: StepMeasurement): number => {
    const rate = rateAtOnce(step)
    return rate === undefined ? 1 : shareOf(rate)
  }
  return (
    steps.find(({ step }) => step === diagnosed) ??
    steps.toSorted((a, b) => shareAtOnce(a) - shareAtOnce(b))[0]
  )
}

import type { Cause, RaceReport, RemedyMeasurement, Step, StepMeasurement } from '../../src/race/model.js'
import { runLaboratory, type LaboratoryOptions } from '../../src/race/laboratory.js'
import { BUILT_IN_REMEDIES } from '../../src/race/remedies/built-in.js'

export const REMEDIES = BUILT_IN_REMEDIES

/** A laboratory in simulated time, with a lag of two seconds and delays on both sides of it. */
export function simulate(options: Partial<LaboratoryOptions> = {}): Promise<RaceReport> {
  return runLaboratory({
    place: { kind: 'simulated', profile: 'oidc-2.0.9' },
    causes: ['none'],
    remedies: Object.values(BUILT_IN_REMEDIES),
    trials: 6,
    seed: 1,
    concurrency: 1,
    delaysMs: [0, 1_500, 2_500],
    lag: 2_000,
    lagText: '2s',
    signal: new AbortController().signal,
    ...options,
  })
}

export function stepOf(report: RaceReport, cause: Cause, step: Step): StepMeasurement {
  const found = report.steps.find((measured) => measured.cause === cause && measured.step === step)
  if (found === undefined) throw new Error(`${step} was not measured under ${cause}`)
  return found
}

export function remedyOf(report: RaceReport, cause: Cause, remedy: string): RemedyMeasurement {
  const found = report.remedies.find((measured) => measured.cause === cause && measured.remedy === remedy)
  if (found === undefined) throw new Error(`${remedy} was not measured under ${cause}`)
  return found
}

/** Failed and all trials of a remedy, e.g. `6/6`. */
export function failuresOf(report: RaceReport, cause: Cause, remedy: string): string {
  const { succeeded, trials } = remedyOf(report, cause, remedy).firstAuthorization
  return `${trials - succeeded}/${trials}`
}

/** Successes and trials of a step by delay, e.g. `{ 0: '0/2' }`. */
export function successes({ points }: StepMeasurement): Record<number, string> {
  return Object.fromEntries(points.map(({ delayMs, rate }) => [delayMs, `${rate.succeeded}/${rate.trials}`]))
}

/** What must be the same whenever the seed is. */
export function numbersOf({ startedAt: _, durationMs: __, ...numbers }: RaceReport): string {
  return JSON.stringify(numbers)
}

import { FailingAnswers } from './failing-answers.js'
import type { FlowResult } from './flow.js'
import {
  STEPS,
  type Cause,
  type RemedyMeasurement,
  type Step,
  type StepMeasurement,
  type Timeline,
} from './model.js'
import { evenSample, percentilesOf, wilsonRate } from './statistics.js'
import type { StepTrialResult } from './step-trial.js'

const MAX_LATENCIES = 1_000
const MAX_ENTRIES = 60

interface Count {
  trials: number
  succeeded: number
}

/** Counts what the trials of one step come to. */
class StepTally {
  readonly points = new Map<number, Count>()
  readonly firstSuccessesMs: number[] = []
  readonly failing = new FailingAnswers()
  readonly discovery: Count = { trials: 0, succeeded: 0 }
}

/** Counts what the step trials of one cause come to. */
export class StepTallies {
  readonly #steps = new Map<Step, StepTally>()

  add({ samples, discoveryAnswered }: StepTrialResult): void {
    for (const { step, delayMs, succeeded, firstSuccessMs, failure } of samples) {
      const tally = this.#steps.get(step) ?? new StepTally()
      this.#steps.set(step, tally)
      count(tally.points, delayMs, succeeded)
      if (delayMs === 0 && firstSuccessMs !== undefined) tally.firstSuccessesMs.push(firstSuccessMs)
      if (failure !== undefined) tally.failing.add(failure)
      if (!succeeded) {
        tally.discovery.trials += 1
        if (discoveryAnswered) tally.discovery.succeeded += 1
      }
    }
  }

  measurements(cause: Cause): StepMeasurement[] {
    return STEPS.flatMap((step) => {
      const tally = this.#steps.get(step)
      if (tally === undefined) return []
      const { points, firstSuccessesMs, failing, discovery } = tally
      const timeToFirstSuccessMs = percentilesOf(firstSuccessesMs)
      return [
        {
          cause,
          step,
          points: [...points.entries()]
            .toSorted(([first], [second]) => first - second)
            .map(([delayMs, { succeeded, trials }]) => ({ delayMs, rate: wilsonRate(succeeded, trials) })),
          ...(timeToFirstSuccessMs === undefined ? {} : { timeToFirstSuccessMs }),
          ...(discovery.trials === 0
            ? {}
            : { discoveryWhileFailing: wilsonRate(discovery.succeeded, discovery.trials) }),
          failingAnswers: failing.list(),
        },
      ]
    })
  }
}

/** Counts what the first authorizations with one remedy under one cause come to. */
export class RemedyTally {
  readonly #count: Count = { trials: 0, succeeded: 0 }
  readonly #latenciesMs: number[] = []
  readonly #failing = new FailingAnswers()
  #requests = 0
  #registrations = 0
  #timeline: { readonly trial: number; readonly entries: Timeline['entries'] } | undefined

  add(trial: number, result: FlowResult): void {
    this.#count.trials += 1
    if (result.succeeded) this.#count.succeeded += 1
    this.#latenciesMs.push(result.extraMs)
    this.#requests += result.requests
    this.#registrations += result.registrations
    if (result.failure === undefined) return
    this.#failing.add(result.failure)
    this.#timeline ??= { trial, entries: result.entries.slice(0, MAX_ENTRIES) }
  }

  measurement(cause: Cause, remedy: string): RemedyMeasurement | undefined {
    const { trials, succeeded } = this.#count
    const extraLatencyMs = percentilesOf(this.#latenciesMs)
    if (extraLatencyMs === undefined) return undefined
    return {
      cause,
      remedy,
      firstAuthorization: wilsonRate(succeeded, trials),
      extraLatencyMs,
      latenciesMs: evenSample(this.#latenciesMs, MAX_LATENCIES),
      requests: { total: this.#requests, perTrial: perTrial(this.#requests, trials) },
      registrations: { total: this.#registrations, perTrial: perTrial(this.#registrations, trials) },
      failingAnswers: this.#failing.list(),
    }
  }

  /** The first trial that failed. */
  timeline(cause: Cause, remedy: string): Timeline | undefined {
    return this.#timeline === undefined ? undefined : { cause, remedy, ...this.#timeline }
  }
}

function count(counts: Map<number, Count>, key: number, succeeded: boolean): void {
  const known = counts.get(key) ?? { trials: 0, succeeded: 0 }
  counts.set(key, { trials: known.trials + 1, succeeded: known.succeeded + (succeeded ? 1 : 0) })
}

function perTrial(total: number, trials: number): number {
  return Math.round((total / trials) * 100) / 100
}

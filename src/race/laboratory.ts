import type { Delay } from '../nextcloud/embedded/consistency.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { packageVersion } from '../package-root.js'
import { diagnose } from './diagnosis.js'
import { firstAuthorization } from './flow.js'
import { typicalMs } from './lag.js'
import type { Cause, RaceReport } from './model.js'
import type { RemedyDefinition } from './remedies/remedy.js'
import { createSimulatedWorld } from './simulated-world.js'
import { measureSteps } from './step-trial.js'
import { RemedyTally, StepTallies } from './tally.js'
import { StopLaboratory } from './wire.js'
import type { World } from './world.js'

/** How far a laboratory is. */
export interface LaboratoryProgress {
  readonly cause: Cause
  readonly done: number
  readonly total: number
}

/** Where trials take place: in simulated time, or on a Nextcloud that runs. */
export type LaboratoryPlace =
  | { readonly kind: 'simulated'; readonly profile: ProfileName }
  | { readonly kind: 'real'; readonly nextcloud: RaceReport['nextcloud']; openWorld(): Promise<World> }

export interface LaboratoryOptions {
  readonly place: LaboratoryPlace
  /** Only `none` on a Nextcloud that runs. */
  readonly causes: readonly Cause[]
  readonly remedies: readonly RemedyDefinition[]
  /** Per cause: so many trials are shared by the delays of the step curves, and each remedy gets as many. */
  readonly trials: number
  readonly seed: number
  /** Sessions that start together. */
  readonly concurrency: number
  /** Delays of the step curves, ms. */
  readonly delaysMs: readonly number[]
  readonly lag: Delay
  /** The lag as it was given. */
  readonly lagText: string
  readonly signal: AbortSignal
  readonly onProgress?: (progress: LaboratoryProgress) => void
}

/**
 * Measures steps and remedies under each cause. On a Nextcloud that runs it ends early when the budget of
 * registrations is spent; its clients are deleted however it ends.
 *
 * @throws {HarnessError} as the parts do; the signal's reason when it is aborted.
 */
export async function runLaboratory(options: LaboratoryOptions): Promise<RaceReport> {
  const startedAt = new Date()
  const { place, seed, trials, concurrency, causes, lag, lagText } = options
  const results: CauseResult[] = []
  const spent = { requests: 0, registrations: 0, clientsLeft: 0 }
  for (const [index, cause] of causes.entries()) {
    const world = await openWorld(options, cause)
    try {
      results.push(await measureCause(world, options, cause, index))
    } finally {
      await world.close()
    }
    const { requests, registrations } = world.spent()
    spent.requests += requests
    spent.registrations += registrations
    spent.clientsLeft += world.ledger.size
  }
  const steps = results.flatMap((result) => result.steps)
  const remedies = results.flatMap((result) => result.remedies)
  return {
    schemaVersion: 1,
    tool: { name: 'nc-mcp-conformance', version: packageVersion() },
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    seed,
    trials,
    concurrency,
    clock: place.kind,
    nextcloud: place.kind === 'real' ? place.nextcloud : { kind: 'embedded', profile: place.profile },
    lagMs: typicalMs(lag),
    lag: lagText,
    steps,
    remedies,
    timelines: results.flatMap((result) => result.timelines),
    diagnoses: causes.map((cause) => diagnose(cause, steps, remedies)),
    spent,
  }
}

type CauseResult = Pick<RaceReport, 'steps' | 'remedies' | 'timelines'>

function openWorld(options: LaboratoryOptions, cause: Cause): Promise<World> {
  const { place, lag, seed, concurrency, signal } = options
  if (place.kind === 'real') return place.openWorld()
  return createSimulatedWorld({ cause, lag, seed, concurrency, profile: place.profile, signal })
}

/** Trial by trial, so that all remedies have as many when the budget ends it. */
async function measureCause(
  world: World,
  options: LaboratoryOptions,
  cause: Cause,
  position: number,
): Promise<CauseResult> {
  const { trials, remedies, causes } = options
  const steps = new StepTallies()
  const tallies = remedies.map((remedy) => ({ remedy, tally: new RemedyTally() }))
  const total = trials * causes.length
  try {
    for (let trial = 0; trial < trials; trial += world.measuredTogether) {
      options.onProgress?.({ cause, done: position * trials + trial, total })
      const batch = Array.from(
        { length: Math.min(world.measuredTogether, trials - trial) },
        (_, offset) => trial + offset,
      )
      await measureStepsOf(world, batch, options, steps)
      for (const { remedy, tally } of tallies) await measureRemedy(world, batch, remedy, tally)
    }
    options.onProgress?.({ cause, done: (position + 1) * trials, total })
  } catch (error) {
    options.signal.throwIfAborted()
    if (!(error instanceof StopLaboratory)) throw error
  }
  return {
    steps: steps.measurements(cause),
    remedies: tallies.flatMap(({ remedy, tally }) => tally.measurement(cause, remedy.name) ?? []),
    timelines: tallies.flatMap(({ remedy, tally }) => tally.timeline(cause, remedy.name) ?? []),
  }
}

async function measureStepsOf(
  world: World,
  batch: readonly number[],
  { delaysMs, trials }: LaboratoryOptions,
  steps: StepTallies,
): Promise<void> {
  const setting = await world.beginTrial(batch[0] ?? 0, false)
  await runTogether(world, batch, setting.companions, async (trial) => {
    await world.clock.sleep(setting.startsAfterMs)
    steps.add(await measureSteps(world, delayOf(trial, trials, delaysMs)))
  })
}

/** Trials take the delays in turn; where there are fewer trials than delays, evenly over all of them. */
function delayOf(trial: number, trials: number, delaysMs: readonly number[]): number {
  const place =
    trials >= delaysMs.length
      ? trial % delaysMs.length
      : Math.round((trial * (delaysMs.length - 1)) / Math.max(1, trials - 1))
  return delaysMs[place] ?? 0
}

async function measureRemedy(
  world: World,
  batch: readonly number[],
  remedy: RemedyDefinition,
  tally: RemedyTally,
): Promise<void> {
  const setting = await world.beginTrial(batch[0] ?? 0, remedy.keepsClient === true)
  await runTogether(world, batch, setting.companions, async (trial) => {
    await world.clock.sleep(setting.startsAfterMs)
    tally.add(trial, await firstAuthorization(world, setting, remedy))
  })
}

/** The clients of a trial are deleted, whatever became of it. */
async function runTogether(
  world: World,
  batch: readonly number[],
  companions: readonly (() => Promise<void>)[],
  session: (trial: number) => Promise<void>,
): Promise<void> {
  try {
    await world.clock.together([...batch.map((trial) => () => session(trial)), ...companions])
  } finally {
    await world.endTrial()
  }
}

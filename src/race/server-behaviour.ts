import { rm } from 'node:fs/promises'
import type { LaunchSpec } from '../engine/handle.js'
import { HarnessError } from '../errors.js'
import { launchServer } from '../launch.js'
import { connectMcp, McpConnectError } from '../mcp/client.js'
import type { Delay } from '../nextcloud/embedded/consistency.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { growingPauseMs } from '../oauth/growing-pause.js'
import { seededNumbers } from '../seeded-numbers.js'
import { addUserEnvironment } from '../server-environment.js'
import { REVISIONS, type RunningServer } from '../servers/server.js'
import { serverEnvironment } from '../stack.js'
import { createTemporaryFolder } from '../temporary-folder.js'
import { CAUSE_DEFINITIONS } from './causes.js'
import { FailingAnswers } from './failing-answers.js'
import type { Cause, FailingAnswer, ServerBehaviour } from './model.js'
import { setServerStage, type ServerStage } from './server-stage.js'
import { wilsonRate } from './statistics.js'
import { authorizeLoggedIn, exchange, prepareAuthorization } from './steps.js'
import { realClock, type TrialClock } from './trial-clock.js'
import { Wire } from './wire.js'

/** MCP sessions that are opened at the same time, to see whether each registers. */
const SESSIONS = 4
/** How long alice's client tries to get its token, and a token to be accepted, ms. */
const PATIENCE_MS = 20_000
const REVISION = REVISIONS[1]

export interface ServerMeasurementOptions {
  readonly spec: LaunchSpec
  readonly causes: readonly Cause[]
  /** Starts of the server per cause. */
  readonly starts: number
  readonly lag: Delay
  readonly profile: ProfileName
  readonly seed: number
  readonly startupTimeoutMs: number
  readonly signal: AbortSignal
  /** Told before each start. */
  readonly onProgress?: (progress: {
    readonly cause: Cause
    readonly done: number
    readonly total: number
  }) => void
}

/**
 * Measures a server from the outside, in real time, on an embedded Nextcloud under each cause: how often it registers
 * at a start and for a session, and whether the first session can be opened at the first ready moment, with a token that
 * a patient client of alice's just got.
 *
 * @throws the signal's reason when it is aborted. A server that does not start is a finding.
 */
export async function measureServer(options: ServerMeasurementOptions): Promise<readonly ServerBehaviour[]> {
  const { causes, starts, signal } = options
  const behaviours: ServerBehaviour[] = []
  for (const [position, cause] of causes.entries()) {
    const numbers = seededNumbers(options.seed)
    const seen: Observation[] = []
    for (let start = 0; start < starts; start += 1) {
      signal.throwIfAborted()
      options.onProgress?.({ cause, done: position * starts + start, total: causes.length * starts })
      seen.push(await observeStart(options, cause, numbers))
    }
    behaviours.push(summed(cause, seen))
  }
  return behaviours
}

/** What one start showed. */
interface Observation {
  readonly atStart: number
  readonly sessions: number
  readonly duringSessions: number
  readonly firstFlow: boolean
  readonly failures: readonly Omit<FailingAnswer, 'count'>[]
}

function summed(cause: Cause, seen: readonly Observation[]): ServerBehaviour {
  const failing = new FailingAnswers()
  for (const failure of seen.flatMap(({ failures }) => failures)) failing.add(failure)
  const sum = (of: (observation: Observation) => number): number =>
    seen.reduce((total, observation) => total + of(observation), 0)
  const sessions = sum((observation) => observation.sessions)
  return {
    cause,
    registrationsPerStart: mean(
      sum(({ atStart }) => atStart),
      seen.length,
    ),
    registrationsPerSession: mean(
      sum(({ duringSessions }) => duringSessions),
      sessions,
    ),
    firstFlow: wilsonRate(seen.filter(({ firstFlow }) => firstFlow).length, seen.length),
    failingAnswers: failing.list(),
  }
}

function mean(total: number, count: number): number {
  return count === 0 ? 0 : Math.round((total / count) * 100) / 100
}

async function observeStart(
  options: ServerMeasurementOptions,
  cause: Cause,
  numbers: () => number,
): Promise<Observation> {
  const { lag, profile, signal } = options
  const clock = realClock(signal)
  const folder = await createTemporaryFolder()
  const servers: RunningServer[] = []
  try {
    await using stage = await setServerStage({ cause, lag, profile, numbers, clock })
    const sharesFile = CAUSE_DEFINITIONS[cause].sharesFile === true
    const launch = async (): Promise<void> => {
      servers.push(await launchOn(stage, options, folder))
    }
    const companions = clock.together(stage.companions)
    // Two processes on one file, where that is the cause; the second one does nothing but start.
    const launches = await Promise.allSettled([launch(), ...(sharesFile ? [launch()] : [])])
    const atStart = stage.registrations().length
    try {
      const failed = launches.find((end) => end.status === 'rejected')
      if (failed !== undefined) {
        if (!(failed.reason instanceof HarnessError)) throw failed.reason
        return { atStart, sessions: 0, duringSessions: 0, firstFlow: false, failures: startFailures(stage) }
      }
      const [server] = servers
      if (server === undefined) throw new TypeError('a start without a server')
      return await observeSessions(stage, server.url, clock, cause, atStart)
    } finally {
      await companions
    }
  } finally {
    for (const server of servers) await server.stop()
    await rm(folder, { recursive: true, force: true })
  }
}

function launchOn(
  { nextcloud }: ServerStage,
  { spec, profile, startupTimeoutMs, signal }: ServerMeasurementOptions,
  folder: string,
): Promise<RunningServer> {
  return launchServer({
    spec,
    mode: 'oauth',
    env: addUserEnvironment(serverEnvironment(nextcloud, 'oauth', folder, [], profile), spec),
    nextcloud,
    mutants: [],
    cwd: folder,
    startupTimeoutMs,
    signal,
  })
}

function startFailures(stage: ServerStage): Omit<FailingAnswer, 'count'>[] {
  const refused = refusedRegistrations(stage)
  return refused.length > 0 ? refused : [{ step: 'start', status: null, error: 'not ready' }]
}

function refusedRegistrations(stage: ServerStage): Omit<FailingAnswer, 'count'>[] {
  return stage
    .registrations()
    .filter((status) => status >= 400)
    .map((status) => ({ step: 'register', status }))
}

async function observeSessions(
  stage: ServerStage,
  url: string,
  clock: TrialClock,
  cause: Cause,
  atStart: number,
): Promise<Observation> {
  if (stage.idleMs > 0) stage.nextcloud.clock.shift(stage.idleMs / 1_000)
  const token = await patientToken(stage, url, clock)
  const first = token === undefined ? NO_TOKEN : await openSession(url, token)
  const failures: Omit<FailingAnswer, 'count'>[] = first === undefined ? [] : [first]
  let sessions = 0
  let duringSessions = 0
  const accepted =
    token !== undefined &&
    (await patiently(clock, async () => (await openSession(url, token)) === undefined || undefined)) === true
  if (accepted) {
    const before = stage.registrations().length
    sessions = Math.max(SESSIONS, CAUSE_DEFINITIONS[cause].sessions ?? 0)
    const ends = await Promise.all(Array.from({ length: sessions }, () => openSession(url, token)))
    failures.push(...ends.filter((end) => end !== undefined))
    duringSessions = stage.registrations().length - before
  }
  return {
    atStart,
    sessions,
    duringSessions,
    firstFlow: first === undefined,
    failures: [...refusedRegistrations(stage), ...failures],
  }
}

const NO_TOKEN = { step: 'token', status: null, error: 'the client got no token' } as const

/** A token of alice's for this server, as an MCP client gets it that tries again whatever fails. */
async function patientToken(stage: ServerStage, url: string, clock: TrialClock): Promise<string | undefined> {
  const { server, person } = stage
  const wire = new Wire({ fetch, clock, registrationEndpoint: server.metadata.registration_endpoint })
  const client = await stage.clientOfAlice()
  const requests = await prepareAuthorization(server, url)
  const code = await patiently(clock, async () => {
    const outcome = await authorizeLoggedIn(wire, requests, client, person)
    return outcome.ok ? outcome.value : undefined
  })
  if (code === undefined) return undefined
  return patiently(clock, async () => {
    const outcome = await exchange(wire, server, client, code)
    return outcome.ok ? outcome.value : undefined
  })
}

/** Tries with growing pauses until there is a value, or patience is over. */
async function patiently<T>(
  clock: TrialClock,
  attempt: () => Promise<T | undefined>,
): Promise<T | undefined> {
  const endMs = clock.nowMs() + PATIENCE_MS
  for (let tries = 1; ; tries += 1) {
    const value = await attempt()
    if (value !== undefined || clock.nowMs() > endMs) return value
    await clock.sleep(growingPauseMs(tries))
  }
}

/** Opens and ends an MCP session; how it failed, when it did. */
async function openSession(url: string, token: string): Promise<Omit<FailingAnswer, 'count'> | undefined> {
  try {
    const connection = await connectMcp(url, { token, revision: REVISION, fetch })
    await connection.close()
    return undefined
  } catch (error) {
    if (!(error instanceof McpConnectError)) throw error
    const { cause } = error
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const status = typeof code === 'number' && code >= 100 && code < 600 ? code : null
    return { step: 'session', status, ...(status === null ? { error: 'no session' } : {}) }
  }
}

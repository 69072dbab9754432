import { HarnessError } from '../errors.js'
import type { Delay } from '../nextcloud/embedded/consistency.js'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../nextcloud/embedded/index.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../oauth/discovery.js'
import type { RegisteredClient } from '../oauth/registration.js'
import { openPersonSession, type PersonSession } from '../user-agent/person-session.js'
import { CAUSE_DEFINITIONS, type CauseInside } from './causes.js'
import { typicalMs } from './lag.js'
import type { Cause } from './model.js'
import { register } from './steps.js'
import { Wire } from './wire.js'
import type { TrialClock } from './trial-clock.js'

/** Longer than limits that count a minute: what we do ourselves is over by then. */
const BEFORE_SECONDS = 600

export interface ServerStageOptions {
  readonly cause: Cause
  readonly lag: Delay
  readonly profile: ProfileName
  /** Numbers in [0, 1) that everything random of the cause is drawn from. */
  readonly numbers: () => number
  readonly clock: TrialClock
}

/** A served Nextcloud under one cause, on which a server is about to be started. */
export interface ServerStage extends AsyncDisposable {
  readonly nextcloud: EmbeddedNextcloud
  readonly server: AuthorizationServer
  /** Alice, who has been logged in for long. */
  readonly person: PersonSession
  /** The OAuth client of alice's MCP client: older than the cause, and a new one where that has come to its end. */
  clientOfAlice(): Promise<RegisteredClient>
  /** How long the server runs before alice comes, ms; pass it by the Nextcloud's clock. */
  readonly idleMs: number
  /** What happens while the server starts. */
  readonly companions: readonly (() => Promise<void>)[]
  /** Registrations so far, all callers together, with the status of their answers. */
  registrations(): readonly number[]
}

/** Starts a Nextcloud, lets alice log in and her client register, and only then sets the cause up. */
export async function setServerStage(options: ServerStageOptions): Promise<ServerStage> {
  const cause = CAUSE_DEFINITIONS[options.cause]
  const { lag, ...given } = cause.embedded?.(options.lag) ?? {}
  const nextcloud = await startEmbeddedNextcloud({ consent: false, profile: options.profile, ...given })
  const { baseUrl, clock, context, users } = nextcloud
  const server = await discoverAuthorizationServer(baseUrl)
  const person = openPersonSession(users.alice, fetch)
  await person.logIn(baseUrl)
  const { registration_endpoint: endpoint } = server.metadata
  const registerOther = async (): Promise<RegisteredClient | undefined> => {
    const wire = new Wire({ fetch, clock: options.clock, registrationEndpoint: endpoint })
    const outcome = await register(wire, server)
    return outcome.ok ? outcome.value : undefined
  }
  let staying = 0
  // Before the start, others take no real time: the instance's clock is moved on for them.
  const before: CauseInside = {
    clock: {
      nowMs: () => clock.nowMs(),
      sleep: (ms) => {
        clock.shift(ms / 1_000)
        return Promise.resolve()
      },
    },
    numbers: options.numbers,
    faults: context.faults,
    registerOther: (life) => {
      if (life === 'stays') staying += 1
      return registerOther()
    },
    clientsThatStay: () => staying,
    async callRegistration() {
      await (await fetch(endpoint ?? '', { method: 'POST' })).text()
    },
  }
  const registerForAlice = async (): Promise<RegisteredClient> => {
    const registered = await registerOther()
    if (registered !== undefined) return registered
    throw new HarnessError('NCMC_INTERNAL', 'the embedded Nextcloud refuses the registration of a client')
  }
  const client = await registerForAlice()
  clock.shift(BEFORE_SECONDS)
  await cause.prepare?.(before)
  if (lag !== undefined)
    context.consistency.setLag({ ...lag, seed: Math.floor(options.numbers() * 0x1_0000_0000) })
  if (cause.answerTime !== undefined) {
    context.faults.inject({ scope: 'all', kind: 'slow', delayMs: typicalMs(options.lag) })
  }
  nextcloud.twin.clearRequests()
  return {
    nextcloud,
    server,
    person,
    clientOfAlice: () => (cause.idleMs === undefined ? Promise.resolve(client) : registerForAlice()),
    idleMs: cause.idleMs ?? 0,
    // Another process that shares the file is a second server; see its starter.
    companions:
      cause.sharesFile === true ? [] : (cause.companions?.({ ...before, clock: options.clock }, {}) ?? []),
    registrations: () =>
      nextcloud.twin
        .requests()
        .filter(({ method, path }) => method === 'POST' && path === '/apps/oidc/register')
        .map(({ status }) => status),
    [Symbol.asyncDispose]: () => nextcloud.stop(),
  }
}

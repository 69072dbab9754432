import { randomBytes } from 'node:crypto'
import { createContext } from '../nextcloud/embedded/create-context.js'
import { createEmbeddedApp } from '../nextcloud/embedded/app.js'
import { delayMs, type Delay } from '../nextcloud/embedded/consistency.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import { discoverAuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { RegisteredClient } from '../oauth/registration.js'
import { seededNumbers } from '../seeded-numbers.js'
import { openPersonSession } from '../user-agent/person-session.js'
import { CAUSE_DEFINITIONS, storming, type CauseInside } from './causes.js'
import { ClientLedger } from './client-ledger.js'
import type { Cause } from './model.js'
import { SimulatedTime } from './simulated-time.js'
import { prepareAuthorization, register } from './steps.js'
import { StopLaboratory, Wire } from './wire.js'
import type { SharedClientFile, World } from './world.js'

/** Nobody can be reached there: all requests stay in this process. */
const BASE_URL = 'http://nextcloud.invalid'
/** What any dynamic request of a real Nextcloud was seen to take on two cores. */
const ANSWER_TIME: Delay = { kind: 'uniform', minMs: 35, maxMs: 60 }
/** After so long a server gives up on a request: the default of the HTTP client that the seed uses. */
export const REQUEST_TIMEOUT_MS = 5_000
/** Longer than limits that count a minute, and than any lag. Trials start at whole steps of it. */
const QUARTER_MS = 900_000
/** Ten years: clients end where that is the cause, and nowhere else. */
const ENDLESS_SECONDS = '315360000'

export interface SimulatedWorldOptions {
  readonly cause: Cause
  readonly lag: Delay
  readonly seed: number
  readonly profile?: ProfileName
  /** Sessions that start together within a second. Default 1. */
  readonly concurrency?: number
  readonly signal: AbortSignal
}

/**
 * An embedded Nextcloud without a socket, in simulated time, under one cause. Each request takes a modelled time (35 to
 * 60 ms) before it is served, so that what it writes is written when its answer arrives.
 */
export async function createSimulatedWorld(options: SimulatedWorldOptions): Promise<World> {
  const cause = CAUSE_DEFINITIONS[options.cause]
  const clock = new SimulatedTime()
  const given = cause.embedded?.(options.lag) ?? {}
  const { lag = {}, ...rest } = given
  const alice = {
    userId: 'alice',
    password: randomBytes(18).toString('base64url'),
    displayName: 'Alice',
    email: '',
  }
  const context = createContext(
    embeddedOptions(options, rest, () => clock.nowMs()),
    [alice],
  )
  const app = createEmbeddedApp(context)
  const answerTime = cause.answerTime?.(options.lag) ?? ANSWER_TIME
  let numbers = seededNumbers(options.seed)
  const spent = { requests: 0, registrations: 0 }
  let staying = 0
  const ledger = new ClientLedger(ask, clock)
  const server = await discoverAuthorizationServer(BASE_URL, { fetch: ask })
  const { registration_endpoint: endpoint = '' } = server.metadata
  const person = openPersonSession(alice, ask, options.signal)
  await person.logIn(BASE_URL)

  /** Served at once. The signal stays here: a hundred thousand requests would all listen to it. */
  async function ask(...[url, init]: Parameters<FetchLike>): Promise<Response> {
    options.signal.throwIfAborted()
    const { signal: _, ...sent } = init ?? {}
    spent.requests += 1
    const isRegistration = sent.method === 'POST' && url === endpoint
    if (isRegistration) spent.registrations += 1
    return app.request(url instanceof Request ? url.url : String(url), sent)
  }
  /** The client of a registration is deleted after the trial. */
  const askAndNote: FetchLike = async (url, init) => {
    const response = await ask(url, init)
    if (init?.method === 'POST' && url === endpoint && response.status === 201)
      ledger.add((await response.clone().json()) as RegisteredClient)
    return response
  }
  const serve: FetchLike = async (url, init) => {
    const takesMs = delayMs(answerTime, [numbers(), numbers()])
    await clock.sleep(Math.min(takesMs, REQUEST_TIMEOUT_MS))
    const response = await askAndNote(url, init)
    if (takesMs > REQUEST_TIMEOUT_MS) throw new DOMException('the server gave up', 'TimeoutError')
    return response
  }
  const registerBy = async (send: FetchLike): Promise<RegisteredClient | undefined> => {
    const outcome = await register(new Wire({ fetch: send, clock, registrationEndpoint: endpoint }), server)
    return outcome.ok ? outcome.value : undefined
  }
  const inside: CauseInside = {
    clock,
    numbers: () => numbers(),
    faults: context.faults,
    async registerOther(life) {
      if (life === 'stays') staying += 1
      return registerBy(life === 'stays' ? ask : serve)
    },
    clientsThatStay: () => staying,
    async callRegistration() {
      await ask(endpoint, { method: 'POST' })
    },
  }

  return {
    clock,
    measuredTogether: 1,
    server,
    requests: await prepareAuthorization(server),
    baseUrl: BASE_URL,
    fetch: serve,
    person,
    newPerson: () => openPersonSession(alice, serve, options.signal),
    ledger,
    spent: () => spent,
    signal: options.signal,
    async beginTrial(trial, keepsClient) {
      if (options.signal.aborted) throw new StopLaboratory('interrupted')
      const trialSeed = mix(options.seed, trial)
      numbers = seededNumbers(mix(trialSeed, 1))
      context.consistency.setLag({})
      await nextQuarter(clock)
      const kept = keepsClient ? await registerBy(askAndNote) : undefined
      await nextQuarter(clock)
      await cause.prepare?.(inside)
      // Drawn anew, whatever was written so far: the same trial meets the same lag whichever the remedy is.
      context.consistency.setLag({ ...lag, seed: trialSeed })
      numbers = seededNumbers(mix(trialSeed, 2))
      const file: SharedClientFile = {}
      const sessions = Math.max(cause.sessions ?? 1, options.concurrency ?? 1)
      return {
        ...(kept === undefined ? {} : { kept }),
        companions: [
          ...(cause.companions?.(inside, file) ?? []),
          ...(keepsClient ? [] : Array.from({ length: sessions - 1 }, () => sessionOfOther(inside))),
        ],
        startsAfterMs: sessions > 1 && !keepsClient ? storming(numbers) : 0,
        idleMs: cause.idleMs ?? 0,
        ...(cause.sharesFile === true && !keepsClient ? { sharedFile: file } : {}),
      }
    },
    async endTrial() {
      context.consistency.setLag({})
      await ledger.deleteAll()
    },
    close: () => Promise.resolve(),
  }
}

/** Goes on at the next full quarter of an hour but one, so that all that came before is over. */
async function nextQuarter(clock: SimulatedTime): Promise<void> {
  await clock.sleep(2 * QUARTER_MS - (clock.nowMs() % QUARTER_MS))
}

/** Another session of the same server: it registers a client of its own. */
function sessionOfOther(inside: CauseInside): () => Promise<void> {
  const startsAfterMs = storming(inside.numbers)
  return async () => {
    await inside.clock.sleep(startsAfterMs)
    await inside.registerOther()
  }
}

function embeddedOptions(
  { profile }: SimulatedWorldOptions,
  given: Partial<EmbeddedOptions>,
  realNowMs: () => number,
): EmbeddedOptions {
  return {
    consent: false,
    ...(profile === undefined ? {} : { profile }),
    ...given,
    oidcConfig: { client_expire_time: ENDLESS_SECONDS, ...given.oidcConfig },
    realNowMs,
  }
}

/** Another 32-bit seed for each pair. */
function mix(seed: number, number: number): number {
  const next = seededNumbers((seed ^ Math.imul(number + 1, 0x9e37_79b1)) >>> 0)
  return Math.floor(next() * 0x1_0000_0000)
}

import { HarnessError } from '../errors.js'
import type { Nextcloud } from '../nextcloud/nextcloud.js'
import { discoverAuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { RegisteredClient } from '../oauth/registration.js'
import { openPersonSession, type PersonSession } from '../user-agent/person-session.js'
import { ClientLedger } from './client-ledger.js'
import { RegistrationGate, REGISTRATIONS_PER_MINUTE } from './registration-gate.js'
import { prepareAuthorization, register } from './steps.js'
import { realClock, type TrialClock } from './trial-clock.js'
import { StopLaboratory, Wire } from './wire.js'
import type { World } from './world.js'

const REQUEST_TIMEOUT_MS = 10_000
/** How long a fresh login may take to be seen, ms: each is a login of its own, as a look too early loses it. */
const LOGIN_WAITS_MS = [0, 2_500, 5_000, 10_000, 20_000]

export interface RealWorldOptions {
  readonly nextcloud: Nextcloud
  readonly signal: AbortSignal
  /** Sessions that are measured side by side. */
  readonly concurrency: number
  /** Registrations at most. Default: as many as it takes. */
  readonly budget?: number
  /** Whether registrations are paced to stay within Nextcloud's limit of ten a minute. */
  readonly paced: boolean
  /** Leave the clients. */
  readonly keepClients: boolean
  /** Told before a pause for the pace. */
  readonly onPause?: (ms: number) => void
  /** Default: the real one. */
  readonly clock?: TrialClock
}

/**
 * A Nextcloud that runs, as it is: nothing of it is changed but the clients that are registered, and those are deleted
 * after each trial.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST`, `NCMC_LOGIN_FAILED`, `NCMC_NEXTCLOUD_UNREACHABLE` when it cannot be used.
 */
export async function openRealWorld(options: RealWorldOptions): Promise<World> {
  const { nextcloud, signal, keepClients } = options
  const { baseUrl } = nextcloud
  const { alice } = nextcloud.users
  const clock = options.clock ?? realClock(signal)
  let requests = 0
  const gate = new RegistrationGate({
    clock,
    ...(options.paced ? { perMinute: REGISTRATIONS_PER_MINUTE } : {}),
    ...(options.budget === undefined ? {} : { budget: options.budget }),
    ...(options.onPause === undefined ? {} : { onPause: options.onPause }),
  })
  /** Nothing but its own bound stops it: what is registered must be known, and what is left over deleted. */
  const ask: FetchLike = (url, init) => {
    requests += 1
    const bound = AbortSignal.timeout(REQUEST_TIMEOUT_MS)
    const given = init?.signal
    return fetch(url, { ...init, signal: given == null ? bound : AbortSignal.any([given, bound]) })
  }
  const ledger = new ClientLedger(ask, options.clock)
  const server = await discoverAuthorizationServer(baseUrl, { fetch: ask })
  const { registration_endpoint: endpoint } = server.metadata
  const send: FetchLike = (url, init) => {
    signal.throwIfAborted()
    if (init?.method !== 'POST' || url !== endpoint) {
      return ask(url, {
        ...init,
        signal: init?.signal == null ? signal : AbortSignal.any([init.signal, signal]),
      })
    }
    return gate.pass(async () => {
      const response = await ask(url, init)
      if (response.status === 201) ledger.add((await response.clone().json()) as RegisteredClient)
      return response
    })
  }
  const person = await loggedIn(baseUrl, () => openPersonSession(alice, ask, signal), clock)
  let kept: RegisteredClient | undefined
  const registerKept = async (): Promise<RegisteredClient | undefined> => {
    const outcome = await register(new Wire({ fetch: send, clock, registrationEndpoint: endpoint }), server)
    // Seen by all reads before it counts as one of an earlier start.
    if (outcome.ok) await clock.sleep(LOGIN_WAITS_MS[1] ?? 0)
    return outcome.ok ? outcome.value : undefined
  }

  return {
    clock,
    measuredTogether: options.concurrency,
    server,
    requests: await prepareAuthorization(server),
    baseUrl,
    fetch: send,
    person,
    newPerson: () => openPersonSession(alice, send, signal),
    ledger,
    spent: () => ({ requests, registrations: gate.spent }),
    signal,
    async beginTrial(_trial, keepsClient) {
      signal.throwIfAborted()
      if (keepsClient) kept ??= await registerKept()
      else if (gate.left < options.concurrency)
        throw new StopLaboratory('the budget of registrations is spent')
      else await gate.whenOpen(options.concurrency)
      return {
        companions: [],
        startsAfterMs: 0,
        idleMs: 0,
        ...(keepsClient && kept !== undefined ? { kept } : {}),
      }
    },
    async endTrial() {
      if (!keepClients && !signal.aborted) await ledger.deleteAll(kept)
    },
    async close() {
      if (!keepClients) await ledger.deletePatiently()
    },
  }
}

/** A session that Nextcloud knows: where a fresh one is seen late, the first look comes later. */
async function loggedIn(
  baseUrl: string,
  open: () => PersonSession,
  clock: TrialClock,
): Promise<PersonSession> {
  for (const waitMs of LOGIN_WAITS_MS) {
    const person = open()
    await person.logIn(baseUrl)
    await clock.sleep(waitMs)
    if (await person.isLoggedIn(baseUrl)) return person
  }
  throw new HarnessError(
    'NCMC_LOGIN_FAILED',
    'the login was accepted, but its session is not known afterwards; is the database replica of the Nextcloud far behind?',
  )
}

import { NcmcError } from '../errors.js'
import { wellKnownUrl } from '../oauth/discovery.js'
import type { RegisteredClient } from '../oauth/registration.js'
import type { FailingAnswer, Step } from './model.js'
import {
  authorizeLoggedIn,
  authorizeLoggedOut,
  callApi,
  discoveryAnswers,
  exchange,
  readClient,
  register,
  userinfo,
  type IssuedCode,
} from './steps.js'
import { Wire, type StepOutcome } from './wire.js'
import type { World } from './world.js'

/** Between two tries of a step whose first success is looked for. */
const POLL_MS = 100
/** Between two tries of a step that has to succeed only for what comes behind it. */
const COARSE_POLL_MS = 500
/** How long a step is tried after its first failure before it counts as failed for good. */
const PATIENCE_MS = 20_000

/** One try of a step, so long after the write that it depends on. */
export interface StepSample {
  readonly step: Step
  readonly delayMs: number
  readonly succeeded: boolean
  /** From the write to the first success, the tries after a failure included; absent when there was none. */
  readonly firstSuccessMs?: number
  readonly failure?: Omit<FailingAnswer, 'count'>
}

export interface StepTrialResult {
  readonly samples: readonly StepSample[]
  /** Whether the discovery document answered at the moment of the first try. */
  readonly discoveryAnswered: boolean
}

/** What a step is measured by: the first try after the delay, then tries until it succeeds. */
interface Measured<T> {
  readonly value?: T
}

/**
 * Measures every step once, `delayMs` after the answer of the write that it depends on: reading the client and both
 * forms of authorize after the registration, the token request after the code was issued, userinfo and the API after
 * the token was, the first request of a session after its login. Without a delay, a step that fails is tried again
 * until it succeeds; with one only where a step behind it could not be measured otherwise.
 */
export async function measureSteps(world: World, delayMs: number): Promise<StepTrialResult> {
  const trial = new StepTrial(world, delayMs)
  const discoveryAnswered = await trial.run()
  return { samples: trial.samples, discoveryAnswered }
}

class StepTrial {
  readonly samples: StepSample[] = []
  readonly #world: World
  readonly #delayMs: number
  readonly #wire: Wire

  constructor(world: World, delayMs: number) {
    this.#world = world
    this.#delayMs = delayMs
    this.#wire = new Wire({
      fetch: world.fetch,
      clock: world.clock,
      registrationEndpoint: world.server.metadata.registration_endpoint,
    })
  }

  async run(): Promise<boolean> {
    const { server, requests, clock } = this.#world
    const registered = await register(this.#wire, server)
    let discoveryAnswered = true
    const askDiscovery = async (): Promise<void> => {
      await clock.sleep(this.#delayMs)
      discoveryAnswered = await discoveryAnswers(this.#wire, wellKnownUrl(server.issuer))
    }
    if (!registered.ok) {
      await askDiscovery()
      return discoveryAnswered
    }
    const client = registered.value
    let code: IssuedCode | undefined
    await clock.together([
      askDiscovery,
      async () => {
        if (client.registration_client_uri === undefined) return
        await this.#measure('read-client', () => readClient(this.#wire, client))
      },
      async () => {
        await this.#measure('authorize-logged-out', () => authorizeLoggedOut(this.#wire, requests, client))
      },
      async () => {
        const { value } = await this.#measure('authorize-logged-in', () => this.#authorize(client))
        code = value
      },
    ])
    // Right after the last of them, a code of its own: how long that one takes to be seen is another question.
    const fresh = code === undefined ? undefined : await this.#authorize(client)
    if (fresh?.ok === true) await this.#measureTokens(client, fresh.value)
    if (code !== undefined) await this.#measureSession(client)
    return discoveryAnswered
  }

  async #measureTokens(client: RegisteredClient, code: IssuedCode): Promise<void> {
    const { server, baseUrl, clock } = this.#world
    const { value: token } = await this.#measure('token', () => exchange(this.#wire, server, client, code))
    if (token === undefined) return
    await clock.together([
      async () => {
        await this.#measure('userinfo', () => userinfo(this.#wire, server, token))
      },
      async () => {
        await this.#measure('api', () => callApi(this.#wire, baseUrl, token))
      },
    ])
  }

  /** By a client that is known by now. A session that is lost once stays lost, so it is tried once. */
  async #measureSession(client: RegisteredClient): Promise<void> {
    const { requests, baseUrl } = this.#world
    const person = this.#world.newPerson()
    try {
      await person.logIn(baseUrl, this.#wire.fetchAs('login'))
    } catch (error) {
      // There is no session to measure, as while Nextcloud restarts.
      if (error instanceof NcmcError) return
      throw error
    }
    await this.#measure(
      'session',
      () => authorizeLoggedIn(this.#wire, requests, client, person, 'session'),
      true,
    )
  }

  #authorize(client: RegisteredClient): Promise<StepOutcome<IssuedCode>> {
    return authorizeLoggedIn(this.#wire, this.#world.requests, client, this.#world.person)
  }

  /** @param isFinal whether it is tried once: a later success means nothing. */
  async #measure<T>(
    step: Step,
    attempt: () => Promise<StepOutcome<T>>,
    isFinal = false,
  ): Promise<Measured<T>> {
    const { clock } = this.#world
    const writtenAtMs = clock.nowMs()
    await clock.sleep(this.#delayMs)
    const first = await attempt()
    const sample = { step, delayMs: this.#delayMs, succeeded: first.ok }
    const looksFurther = this.#delayMs === 0 || step === 'authorize-logged-in' || step === 'token'
    const patienceMs = isFinal || !looksFurther ? 0 : PATIENCE_MS
    let last = first
    while (!last.ok && clock.nowMs() - writtenAtMs < this.#delayMs + patienceMs) {
      await clock.sleep(this.#delayMs === 0 ? POLL_MS : COARSE_POLL_MS)
      last = await attempt()
    }
    this.samples.push({
      ...sample,
      ...(last.ok ? { firstSuccessMs: clock.nowMs() - writtenAtMs } : {}),
      ...(first.ok ? {} : { failure: first.answer }),
    })
    return last.ok ? { value: last.value } : {}
  }
}

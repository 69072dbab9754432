import { growingPauseMs } from '../oauth/growing-pause.js'
import { wellKnownUrl } from '../oauth/discovery.js'
import type { RegisteredClient } from '../oauth/registration.js'
import type { FailingAnswer } from './model.js'
import { textOfPage } from './answer-text.js'
import { PATIENCE_MS } from './remedies/built-in.js'
import type { RemedyContext, RemedyDefinition } from './remedies/remedy.js'
import { authorizeLoggedIn, exchange, REDIRECT_URI, register, userinfo } from './steps.js'
import { isStop, Wire, type Entry, type StepOutcome } from './wire.js'
import type { TrialSetting, World } from './world.js'

/** A kept client is renewed when it ends within this time, s. */
const RENEWAL_SECONDS = 60

/** What one first authorization came to. */
export interface FlowResult {
  readonly succeeded: boolean
  /** Time that the remedy took, ms: its waits, and what failed requests and the pauses after them took. */
  readonly extraMs: number
  readonly requests: number
  readonly registrations: number
  /** The answer that ended it. */
  readonly failure?: Omit<FailingAnswer, 'count'>
  readonly entries: readonly Entry[]
}

/**
 * A server's first authorization: registration, remedy, authorization by a person who is logged in, exchange of the
 * code, and the token's first validation (userinfo).
 */
export async function firstAuthorization(
  world: World,
  setting: TrialSetting,
  remedy: RemedyDefinition,
): Promise<FlowResult> {
  const flow = new Flow(world, setting, remedy)
  const failure = await flow.run()
  const { wire } = flow
  return {
    succeeded: failure === undefined,
    extraMs: flow.extraMs,
    requests: wire.requests,
    registrations: wire.registrations,
    ...(failure === undefined ? {} : { failure }),
    entries: wire.entries,
  }
}

type Failure = Omit<FailingAnswer, 'count'>

class Flow {
  readonly wire: Wire
  extraMs = 0
  readonly #world: World
  readonly #setting: TrialSetting
  readonly #remedy: RemedyDefinition
  #own: RegisteredClient | undefined

  constructor(world: World, setting: TrialSetting, remedy: RemedyDefinition) {
    this.#world = world
    this.#setting = setting
    this.#remedy = remedy
    this.wire = new Wire({
      fetch: world.fetch,
      clock: world.clock,
      registrationEndpoint: world.server.metadata.registration_endpoint,
    })
  }

  /** The failure that ended it, if one did. */
  async run(): Promise<Failure | undefined> {
    const { server, requests, person, clock } = this.#world
    const { kept, idleMs } = this.#setting
    if (kept === undefined) {
      const failed = await this.#register()
      if (failed !== undefined) return failed
    }
    if (idleMs > 0) await this.wire.pause('wait', idleMs, 'nobody authorizes')
    if (kept !== undefined) {
      const endsMs = (kept.client_secret_expires_at ?? 0) * 1_000
      const lives = endsMs === 0 || endsMs > clock.nowMs() + RENEWAL_SECONDS * 1_000
      this.#own = kept
      const failed = lives ? undefined : await this.#register()
      if (failed !== undefined) return failed
    }

    const authorized = await authorizeLoggedIn(this.wire, requests, this.#client(), person)
    if (!authorized.ok) return { step: 'authorize-logged-in', ...authorized.answer }
    const code = authorized.value
    const exchanged = await this.#try(() => exchange(this.wire, server, this.#client(), code))
    if (!exchanged.ok) return { step: 'token', ...exchanged.answer }
    const token = exchanged.value
    const validated = await this.#try(() => userinfo(this.wire, server, token))
    return validated.ok ? undefined : { step: 'userinfo', ...validated.answer }
  }

  async #register(): Promise<Failure | undefined> {
    const registered = await this.#try(() => register(this.wire, this.#world.server))
    if (!registered.ok) return { step: 'register', ...registered.answer }
    this.#own = registered.value
    const { sharedFile } = this.#setting
    if (sharedFile !== undefined) sharedFile.client = registered.value
    return this.#wait(registered.value)
  }

  /** The remedy's own part. What it throws ends the authorization, as it would end the server's start. */
  async #wait(client: RegisteredClient): Promise<Failure | undefined> {
    const { clock } = this.#world
    const before = clock.nowMs()
    try {
      await this.#remedy.beforeUse?.(this.#contextFor(client))
      return undefined
    } catch (error) {
      if (isStop(error)) throw error
      const description = textOfPage(error instanceof Error ? error.message : String(error))
      return { step: 'remedy', status: null, error: 'the remedy threw', description }
    } finally {
      this.extraMs += clock.nowMs() - before
    }
  }

  #contextFor(client: RegisteredClient): RemedyContext {
    const { clock, server, signal } = this.#world
    return {
      fetch: this.wire.fetchAs('remedy'),
      client: {
        client_id: client.client_id,
        registration_client_uri: client.registration_client_uri,
        registration_access_token: client.registration_access_token,
        redirect_uri: REDIRECT_URI,
      },
      metadata: server.metadata,
      documentUrl: wellKnownUrl(server.issuer),
      sleep: (ms) => this.wire.pause('wait', ms),
      nowMs: () => clock.nowMs(),
      signal,
    }
  }

  /** Two processes with one client file read it again for each request. */
  #client(): RegisteredClient {
    const client = this.#setting.sharedFile?.client ?? this.#own
    if (client === undefined) throw new TypeError('a flow without a client')
    return client
  }

  async #try<T>(step: () => Promise<StepOutcome<T>>): Promise<StepOutcome<T>> {
    const { clock } = this.#world
    const before = clock.nowMs()
    for (let tries = 1; ; tries += 1) {
      const tryAtMs = clock.nowMs()
      const outcome = await step()
      if (outcome.ok || this.#remedy.retries !== true) {
        this.extraMs += tryAtMs - before
        return outcome
      }
      const pauseMs = growingPauseMs(tries)
      if (clock.nowMs() + pauseMs - before >= PATIENCE_MS) {
        this.extraMs += clock.nowMs() - before
        return outcome
      }
      await this.wire.pause('wait', pauseMs)
    }
  }
}

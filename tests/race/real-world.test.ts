import { afterEach, describe, expect, it } from 'vitest'
import { attachNextcloud } from '../../src/nextcloud/attached.js'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { runLaboratory, type LaboratoryOptions } from '../../src/race/laboratory.js'
import type { RaceReport } from '../../src/race/model.js'
import { openRealWorld, type RealWorldOptions } from '../../src/race/real-world.js'
import { SimulatedTime } from '../../src/race/simulated-time.js'
import { remedyOf, REMEDIES, stepOf, successes } from './laboratory-support.js'

let running: EmbeddedNextcloud | undefined
afterEach(() => running?.stop())

/** A Nextcloud on a port whose time is the laboratory's: minutes pass at once, requests are real. */
async function started(
  options: EmbeddedOptions = {},
): Promise<{ nextcloud: EmbeddedNextcloud; clock: SimulatedTime }> {
  const clock = new SimulatedTime()
  running = await startEmbeddedNextcloud({ ...options, realNowMs: () => clock.nowMs() })
  return { nextcloud: running, clock }
}

interface Attached {
  readonly laboratory?: Partial<LaboratoryOptions>
  readonly world?: Partial<RealWorldOptions>
}

async function measureAttached(
  nextcloud: EmbeddedNextcloud,
  clock: SimulatedTime,
  { laboratory = {}, world = {} }: Attached = {},
): Promise<RaceReport> {
  const attached = await attachNextcloud({ url: nextcloud.baseUrl, users: nextcloud.users })
  const signal = laboratory.signal ?? new AbortController().signal
  return runLaboratory({
    place: {
      kind: 'real',
      nextcloud: { kind: attached.kind, url: attached.baseUrl },
      openWorld: () =>
        openRealWorld({
          nextcloud: attached,
          signal,
          concurrency: 1,
          paced: true,
          keepClients: false,
          clock,
          ...world,
        }),
    },
    causes: ['none'],
    remedies: [REMEDIES.none],
    trials: 4,
    seed: 1,
    concurrency: 1,
    delaysMs: [0, 3_000],
    lag: 2_000,
    lagText: '2s',
    signal,
    ...laboratory,
  })
}

const registrationsOf = ({ context }: EmbeddedNextcloud) =>
  context.requests.filter(({ method, path }) => method === 'POST' && path === '/apps/oidc/register')

const clientsOf = ({ context }: EmbeddedNextcloud) =>
  [...context.store.clients.values()].filter(({ dcr }) => dcr)

describe('a Nextcloud that runs', () => {
  it('is never asked for more than ten registrations in a minute', async () => {
    const { nextcloud, clock } = await started({ rateLimit: true })
    const report = await measureAttached(nextcloud, clock, { laboratory: { trials: 16 } })
    const registrations = registrationsOf(nextcloud)
    expect(registrations).toHaveLength(32)
    expect(registrations.filter(({ status }) => status !== 201)).toEqual([])
    expect(report.clock).toBe('real')
    expect(report.spent).toMatchObject({ registrations: 32, clientsLeft: 0 })
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('refuses the eleventh without the pace, which is what the pace is for', async () => {
    const { nextcloud, clock } = await started({ rateLimit: true })
    const report = await measureAttached(nextcloud, clock, {
      laboratory: { trials: 8, delaysMs: [0] },
      world: { paced: false },
    })
    expect(remedyOf(report, 'none', 'none').failingAnswers).toMatchObject([{ step: 'register', status: 429 }])
    expect(report.spent.clientsLeft).toBe(0)
  })

  it('shows its lag, and its clients are deleted although it knows them late', async () => {
    const { nextcloud, clock } = await started({ lag: { replica: 2_000 } })
    const report = await measureAttached(nextcloud, clock, {
      laboratory: { remedies: [REMEDIES.none, REMEDIES['retry-first-use']] },
    })
    expect(successes(stepOf(report, 'none', 'authorize-logged-in'))).toEqual({ 0: '2/2', 3000: '2/2' })
    for (const step of ['read-client', 'token', 'userinfo', 'api', 'session'] as const) {
      expect(successes(stepOf(report, 'none', step)), step).toEqual({ 0: '0/2', 3000: '2/2' })
    }
    expect(remedyOf(report, 'none', 'none').firstAuthorization.succeeded).toBe(0)
    expect(remedyOf(report, 'none', 'retry-first-use').firstAuthorization.succeeded).toBe(4)
    expect(report.diagnoses[0]?.failingStep).toBe('token')
    expect(clientsOf(nextcloud)).toEqual([])
    expect(report.spent.clientsLeft).toBe(0)
  })

  it('is asked for no more registrations than the budget has, and all remedies get as many trials', async () => {
    const { nextcloud, clock } = await started()
    const remedies = [REMEDIES.none, REMEDIES['fixed-wait']]
    const report = await measureAttached(nextcloud, clock, {
      laboratory: { remedies, trials: 50 },
      world: { budget: 9 },
    })
    expect(registrationsOf(nextcloud)).toHaveLength(9)
    expect(report.remedies.map(({ firstAuthorization }) => firstAuthorization.trials)).toEqual([3, 3])
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('registers the client that is kept once, for all trials', async () => {
    const { nextcloud, clock } = await started()
    const report = await measureAttached(nextcloud, clock, {
      laboratory: { remedies: [REMEDIES['keep-client']], trials: 3 },
    })
    expect(remedyOf(report, 'none', 'keep-client').registrations.total).toBe(0)
    expect(remedyOf(report, 'none', 'keep-client').firstAuthorization).toMatchObject({
      trials: 3,
      succeeded: 3,
    })
    // One per trial of the steps, and the kept one.
    expect(registrationsOf(nextcloud)).toHaveLength(4)
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('keeps no client after a stop in the middle', async () => {
    const { nextcloud, clock } = await started({ lag: { registrationToken: 1_000 } })
    const stop = new AbortController()
    const measuring = measureAttached(nextcloud, clock, {
      laboratory: {
        trials: 20,
        signal: stop.signal,
        onProgress: ({ done }) => {
          if (done === 2) stop.abort(new Error('Ctrl-C'))
        },
      },
    })
    await expect(measuring).rejects.toThrow()
    expect(registrationsOf(nextcloud).length).toBeGreaterThan(2)
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('keeps no client after a stop while a registration is answered', async () => {
    const { nextcloud, clock } = await started()
    const stop = new AbortController()
    const original = nextcloud.context.consistency.written.bind(nextcloud.context.consistency)
    nextcloud.context.consistency.written = (view, row) => {
      original(view, row)
      if (view === 'client') stop.abort(new Error('Ctrl-C'))
    }
    await expect(measureAttached(nextcloud, clock, { laboratory: { signal: stop.signal } })).rejects.toThrow()
    expect(registrationsOf(nextcloud)).toHaveLength(1)
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('keeps no client after a failure of the laboratory', async () => {
    const { nextcloud, clock } = await started()
    const measuring = measureAttached(nextcloud, clock, {
      laboratory: {
        onProgress: ({ done }) => {
          if (done === 1) throw new Error('a fault of ours')
        },
      },
      world: { keepClients: false },
    })
    await expect(measuring).rejects.toThrow('a fault of ours')
    expect(clientsOf(nextcloud)).toEqual([])
  })

  it('keeps the clients when it is told to, and the report counts them', async () => {
    const { nextcloud, clock } = await started()
    const report = await measureAttached(nextcloud, clock, { world: { keepClients: true } })
    expect(report.spent.clientsLeft).toBe(8)
    expect(clientsOf(nextcloud)).toHaveLength(8)
  })

  it('counts clients that cannot be deleted', async () => {
    // The provider of that time has no client management (RFC 7592).
    const { nextcloud, clock } = await started({ profile: 'oidc-1.9.0' })
    const report = await measureAttached(nextcloud, clock, { laboratory: { trials: 2 } })
    expect(report.steps.map(({ step }) => step)).not.toContain('read-client')
    expect(report.spent.clientsLeft).toBe(4)
    expect(clientsOf(nextcloud)).toHaveLength(4)
  })

  it('measures sessions side by side', async () => {
    const { nextcloud, clock } = await started({ rateLimit: true })
    const report = await measureAttached(nextcloud, clock, {
      laboratory: { trials: 12, concurrency: 4 },
      world: { concurrency: 4 },
    })
    expect(remedyOf(report, 'none', 'none').firstAuthorization).toMatchObject({ trials: 12, succeeded: 12 })
    expect(registrationsOf(nextcloud).filter(({ status }) => status !== 201)).toEqual([])
    expect(clientsOf(nextcloud)).toEqual([])
  })
})

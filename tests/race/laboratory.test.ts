import { describe, expect, it } from 'vitest'
import { CAUSES, raceReportSchema } from '../../src/race/model.js'
import {
  failuresOf,
  numbersOf,
  REMEDIES,
  remedyOf,
  simulate,
  stepOf,
  successes,
} from './laboratory-support.js'

const EVERY = { 0: '2/2', 1500: '2/2', 2500: '2/2' }
const ONLY_LATER = { 0: '0/2', 1500: '0/2', 2500: '2/2' }

describe('the measured table of a real Nextcloud', () => {
  it('is reproduced without lag: every step works right after its write', async () => {
    const report = await simulate({ causes: ['none'], remedies: [] })
    expect(Object.fromEntries(report.steps.map((step) => [step.step, successes(step)]))).toEqual({
      'read-client': EVERY,
      'authorize-logged-out': EVERY,
      'authorize-logged-in': EVERY,
      token: EVERY,
      userinfo: EVERY,
      api: EVERY,
      session: EVERY,
    })
    expect(report.diagnoses).toEqual([
      {
        cause: 'none',
        sentence: 'Nothing fails: every step works right after the write that it depends on.',
      },
    ])
  })

  it('is reproduced with a replica that is two seconds behind', async () => {
    const report = await simulate({ causes: ['replica-lag'], remedies: [] })
    expect(Object.fromEntries(report.steps.map((step) => [step.step, successes(step)]))).toEqual({
      'read-client': ONLY_LATER,
      'authorize-logged-out': EVERY,
      'authorize-logged-in': EVERY,
      token: ONLY_LATER,
      userinfo: ONLY_LATER,
      api: ONLY_LATER,
      session: ONLY_LATER,
    })
    expect(stepOf(report, 'replica-lag', 'token').failingAnswers).toEqual([
      {
        status: 400,
        error: 'invalid_grant',
        description: 'Could not find access token for code or refresh_token.',
        count: 4,
      },
    ])
    expect(stepOf(report, 'replica-lag', 'read-client').failingAnswers).toMatchObject([
      { status: 401, error: 'invalid_token', count: 4 },
    ])
    expect(stepOf(report, 'replica-lag', 'session').failingAnswers).toMatchObject([
      { error: 'the login page' },
    ])
    expect(stepOf(report, 'replica-lag', 'token').timeToFirstSuccessMs?.p50).toBeCloseTo(2_050, -2)
    expect(stepOf(report, 'replica-lag', 'session').timeToFirstSuccessMs).toBeUndefined()
  })

  it('says which step is behind and that discovery cannot show it, from the measurements alone', async () => {
    const report = await simulate({ causes: ['replica-lag'] })
    const [diagnosis] = report.diagnoses
    expect(diagnosis).toMatchObject({ cause: 'replica-lag', failingStep: 'token' })
    expect(diagnosis?.lagMs).toBeGreaterThan(2_000)
    expect(diagnosis?.lagMs).toBeLessThan(2_200)
    expect(diagnosis?.sentence).toContain('400 invalid_grant')
    expect(diagnosis?.sentence).toContain('polling discovery cannot see this')
    expect(diagnosis?.sentence).toContain('What helps: retry-first-use; not:')
  })
})

describe('remedies on the same seeds', () => {
  it('tell the wait of the seed from a probe where a fresh client is seen two seconds late', async () => {
    const report = await simulate({ causes: ['client-lag'] })
    const failures = report.remedies.map(({ remedy }) => [remedy, failuresOf(report, 'client-lag', remedy)])
    expect(Object.fromEntries(failures)).toEqual({
      none: '6/6',
      'fixed-wait': '6/6',
      'discovery-poll': '6/6',
      'authorize-probe': '0/6',
      'client-read-probe': '0/6',
      'retry-first-use': '6/6',
      'keep-client': '0/6',
    })
  })

  it('show that no wait before the first use covers a code that is seen late, and a retry does', async () => {
    const report = await simulate({ causes: ['replica-lag'] })
    expect(failuresOf(report, 'replica-lag', 'client-read-probe')).toBe('6/6')
    expect(failuresOf(report, 'replica-lag', 'keep-client')).toBe('6/6')
    expect(failuresOf(report, 'replica-lag', 'retry-first-use')).toBe('0/6')
    const { extraLatencyMs } = remedyOf(report, 'replica-lag', 'retry-first-use')
    // The code is two seconds late, and so is the token that is issued for it.
    expect(extraLatencyMs.p50).toBeGreaterThan(4_000)
  })

  it('tell a probe of the client from one of its redirect URI', async () => {
    const report = await simulate({ causes: ['redirect-uri-lag'] })
    expect(failuresOf(report, 'redirect-uri-lag', 'client-read-probe')).toBe('6/6')
    expect(failuresOf(report, 'redirect-uri-lag', 'authorize-probe')).toBe('0/6')
  })

  it('spend no registration where a client is kept, and one where it has to be renewed', async () => {
    const causes = [
      'none',
      'registration-limit',
      'client-cap',
      'registration-storm',
      'client-expiry',
    ] as const
    const report = await simulate({ causes, remedies: [REMEDIES.none, REMEDIES['keep-client']] })
    expect(causes.map((cause) => remedyOf(report, cause, 'keep-client').registrations.total)).toEqual([
      0, 0, 0, 0, 6,
    ])
    for (const cause of causes) expect(failuresOf(report, cause, 'keep-client')).toBe('0/6')
    for (const cause of ['registration-limit', 'client-cap', 'client-expiry'] as const) {
      expect(failuresOf(report, cause, 'none')).toBe('6/6')
    }
  })

  it('meet the same lag in the same trial, whatever they do', async () => {
    const lag = { kind: 'uniform', minMs: 0, maxMs: 4_000 } as const
    const remedies = [REMEDIES['client-read-probe'], { ...REMEDIES['client-read-probe'], name: 'again' }]
    const report = await simulate({ causes: ['client-lag'], lag, remedies, trials: 12 })
    const [first, second] = report.remedies
    expect(first?.latenciesMs).toEqual(second?.latenciesMs)
    expect(new Set(first?.latenciesMs).size).toBeGreaterThan(4)
  })

  it('are joined: the waits of both, and the retries', async () => {
    const { combine } = await import('../../src/race/remedies/built-in.js')
    const both = combine('client-read-probe+retry-first-use', [
      REMEDIES['client-read-probe'],
      REMEDIES['retry-first-use'],
    ])
    const report = await simulate({ causes: ['client-lag', 'code-lag'], remedies: [both] })
    expect(failuresOf(report, 'client-lag', both.name)).toBe('0/6')
    expect(failuresOf(report, 'code-lag', both.name)).toBe('0/6')
  })

  it('count their requests and the time that they take', async () => {
    const report = await simulate({ causes: ['none'], remedies: [REMEDIES['discovery-poll']] })
    // Registration, authorize, token and userinfo; and the document once, as it answers.
    expect(remedyOf(report, 'none', 'discovery-poll').requests.perTrial).toBe(5)
    expect(remedyOf(report, 'none', 'discovery-poll').extraLatencyMs.p50).toBeGreaterThan(500)
  })
})

describe('causes', () => {
  it('refuse the registration itself, which no wait after it can help', async () => {
    const report = await simulate({ causes: ['registration-limit', 'client-cap'] })
    expect(remedyOf(report, 'registration-limit', 'none').failingAnswers).toEqual([
      { step: 'register', status: 429, count: 6 },
    ])
    expect(remedyOf(report, 'client-cap', 'none').failingAnswers).toMatchObject([
      { step: 'register', status: 400, error: 'max_num_clients_exceeded' },
    ])
    expect(report.diagnoses.map(({ failingStep }) => failingStep)).toEqual(['register', 'register'])
  })

  it('lets ten sessions of a storm of fifteen through', async () => {
    const report = await simulate({ causes: ['registration-storm'], remedies: [REMEDIES.none], trials: 60 })
    const { succeeded, trials } = remedyOf(report, 'registration-storm', 'none').firstAuthorization
    expect(trials).toBe(60)
    expect(succeeded).toBeGreaterThan(25)
    expect(succeeded).toBeLessThan(55)
  })

  it('mix the clients of two processes that share a file', async () => {
    const report = await simulate({ causes: ['shared-client-file'], remedies: [REMEDIES.none], trials: 60 })
    expect(remedyOf(report, 'shared-client-file', 'none').failingAnswers).toMatchObject([
      {
        step: 'token',
        status: 400,
        error: 'invalid_grant',
        description: 'Grant is not valid for this client.',
      },
    ])
  })

  it('show a restart in the discovery document, too', async () => {
    const report = await simulate({
      causes: ['restarting-nextcloud'],
      trials: 30,
      delaysMs: [0, 1_000, 2_500, 6_000],
    })
    const authorize = stepOf(report, 'restarting-nextcloud', 'authorize-logged-in')
    expect(authorize.failingAnswers).toMatchObject([{ status: 502 }])
    expect(authorize.discoveryWhileFailing?.succeeded).toBeLessThan(
      authorize.discoveryWhileFailing?.trials ?? 0,
    )
    expect(report.diagnoses[0]?.sentence).toContain('polling discovery can see this while it lasts')
    // It begins after the start, so it is no lag, although later delays are good again.
    expect(report.diagnoses[0]?.sentence).toContain('at no particular delay')
    expect(report.diagnoses[0]?.lagMs).toBeUndefined()
  })

  it('let a slow Nextcloud answer too late for the server', async () => {
    const report = await simulate({ causes: ['slow-nextcloud'], remedies: [REMEDIES.none], trials: 30 })
    expect(remedyOf(report, 'slow-nextcloud', 'none').failingAnswers).toContainEqual(
      expect.objectContaining({ status: null, error: 'no answer in time' }),
    )
  })

  it('leave no client behind, and give a report of the published form', async () => {
    const report = await simulate({ causes: CAUSES, trials: 3 })
    expect(report.spent.clientsLeft).toBe(0)
    expect(raceReportSchema.parse(report)).toEqual(report)
    // No name, no token, no code of a trial: they are all 64 characters or longer.
    expect(JSON.stringify(report)).not.toMatch(/[A-Za-z0-9]{60}/)
  })
})

describe('reproduction', () => {
  it('gives the same numbers for the same seed, and others for another', async () => {
    const options = {
      causes: CAUSES,
      lag: { kind: 'log-normal', medianMs: 800, sigma: 0.8 },
      trials: 4,
    } as const
    const first = await simulate(options)
    expect(numbersOf(await simulate(options))).toBe(numbersOf(first))
    expect(numbersOf(await simulate({ ...options, seed: 2 }))).not.toBe(numbersOf(first))
  })

  it('measures a cause the same way, alone or beside others', async () => {
    const together = await simulate({ causes: ['client-lag', 'replica-lag'], trials: 4 })
    const alone = await simulate({ causes: ['replica-lag'], trials: 4 })
    expect(together.remedies.filter(({ cause }) => cause === 'replica-lag')).toEqual(alone.remedies)
  })

  it('stops when it is told to', async () => {
    const stop = new AbortController()
    const progress: number[] = []
    const measuring = simulate({
      trials: 1_000,
      signal: stop.signal,
      onProgress: ({ done }) => {
        progress.push(done)
        if (done === 2) stop.abort(new Error('enough'))
      },
    })
    await expect(measuring).rejects.toThrow('enough')
    expect(progress.length).toBeLessThan(5)
  })
})

import {
  raceReportSchema,
  REMEDIES,
  STEPS,
  type Cause,
  type RaceReport,
  type Rate,
  type Remedy,
  type Step,
} from '../../src/race/model.js'

/** Texts of a target that would break a page, a picture or a terminal that trusts them. */
export const HOSTILE = {
  error: '"><script>document.title="owned"</script>',
  description:
    'line one\nline two \u001b[31mred\u001b[0m </text><image href="https://evil.example/x.png"/> 錯誤',
  path: '/apps/oidc/<img src=x onerror=alert(1)>',
  note: ']]></style><style>body{display:none}</style>{{=1+1}}<%= it %>',
  remedy: 'custom:</title><b>wait & see</b>',
  sentence: 'Tokens of </p><script>alert(1)</script> fail for 1.5 s.',
  url: 'javascript:alert(1)//<b>',
} as const

const DELAYS_MS = [0, 100, 250, 500, 1_000, 1_500, 2_000, 2_250, 3_000] as const
const TRIALS = 200
const LAG_MS = 2_000

/** Wilson score interval at 95 %, as the laboratory reports it. */
export function rateOf(succeeded: number, trials = TRIALS): Rate {
  if (trials === 0) return { trials, succeeded, low: 0, high: 1 }
  const z = 1.96
  const share = succeeded / trials
  const scale = 1 + z ** 2 / trials
  const center = (share + z ** 2 / (2 * trials)) / scale
  const half = (z * Math.sqrt((share * (1 - share)) / trials + z ** 2 / (4 * trials ** 2))) / scale
  return { trials, succeeded, low: Math.max(0, center - half), high: Math.min(1, center + half) }
}

/** The steps that read from the replica, as measured on a real Nextcloud. */
const LAGGING: Readonly<Partial<Record<Cause, readonly Step[]>>> = {
  'replica-lag': ['read-client', 'token', 'session'],
  'token-lag': ['userinfo', 'api'],
  'registration-limit': STEPS,
}

const ANSWERS: Readonly<Partial<Record<Step, { status: number; error: string; description: string }>>> = {
  'read-client': { status: 401, error: 'invalid_token', description: 'Client not found.' },
  token: {
    status: 400,
    error: 'invalid_grant',
    description: 'Could not find access token for code or refresh_token.',
  },
  session: { status: 303, error: 'login_required', description: 'The login is lost.' },
  userinfo: { status: 400, error: 'invalid_request', description: HOSTILE.description },
}

function stepsOf(cause: Cause): RaceReport['steps'] {
  return STEPS.map((step) => {
    const lags = LAGGING[cause]?.includes(step) === true
    const successes = DELAYS_MS.map((delayMs) => {
      if (!lags) return TRIALS
      if (cause === 'registration-limit') return Math.round(TRIALS * 0.2)
      if (cause === 'token-lag') return Math.round(TRIALS * Math.min(1, delayMs / 1_500))
      return delayMs > LAG_MS ? TRIALS : delayMs === LAG_MS ? Math.round(TRIALS * 0.31) : 0
    })
    const answer = ANSWERS[step] ?? { status: 429, error: HOSTILE.error, description: '' }
    return {
      cause,
      step,
      points: DELAYS_MS.map((delayMs, index) => ({ delayMs, rate: rateOf(successes[index] ?? 0) })),
      ...(lags ? { timeToFirstSuccessMs: { p50: 2_010, p95: 2_060, p99: 2_110 } } : {}),
      failingAnswers: lags
        ? [
            { ...answer, count: 1_200 },
            { status: null, count: 2 },
          ]
        : [],
    }
  })
}

/** Share of first authorizations that succeed, the time that the remedy takes, and what it sends. */
const OUTCOMES: Readonly<
  Record<Remedy, { share: number; waitMs: number; spreadMs: number; requests: number }>
> = {
  none: { share: 0, waitMs: 0, spreadMs: 0, requests: 4 },
  'fixed-wait': { share: 0, waitMs: 500, spreadMs: 2, requests: 4 },
  'discovery-poll': { share: 0.01, waitMs: 35, spreadMs: 30, requests: 5 },
  'authorize-probe': { share: 0.02, waitMs: 60, spreadMs: 40, requests: 5 },
  'client-read-probe': { share: 1, waitMs: 2_040, spreadMs: 90, requests: 24.4 },
  'retry-first-use': { share: 0.97, waitMs: 2_300, spreadMs: 900, requests: 11.2 },
  'keep-client': { share: 0.06, waitMs: 4, spreadMs: 6, requests: 3.1 },
}

function remedyOf(
  cause: Cause,
  remedy: string,
  outcome: (typeof OUTCOMES)[Remedy],
): RaceReport['remedies'][number] {
  const latencies = Array.from(
    { length: TRIALS },
    (_, index) => outcome.waitMs + outcome.spreadMs * -Math.log(1 - (index + 0.5) / TRIALS) * 0.4,
  )
  const at = (share: number): number => latencies[Math.floor(share * TRIALS)] ?? 0
  const succeeded = Math.round(outcome.share * TRIALS)
  return {
    cause,
    remedy,
    firstAuthorization: rateOf(succeeded),
    extraLatencyMs: { p50: at(0.5), p95: at(0.95), p99: at(0.99) },
    latenciesMs: latencies,
    requests: { total: Math.round(outcome.requests * TRIALS), perTrial: outcome.requests },
    registrations: {
      total: remedy === 'keep-client' ? 1 : TRIALS,
      perTrial: remedy === 'keep-client' ? 1 / TRIALS : 1,
    },
    failingAnswers:
      succeeded === TRIALS ? [] : [{ status: 400, error: 'invalid_grant', count: TRIALS - succeeded }],
  }
}

function timelineOf(cause: Cause): RaceReport['timelines'][number] {
  return {
    cause,
    remedy: 'fixed-wait',
    trial: 17,
    entries: [
      {
        atMs: 0,
        durationMs: 3,
        step: 'discovery',
        method: 'GET',
        path: '/.well-known/openid-configuration',
        status: 200,
        succeeded: true,
      },
      {
        atMs: 4,
        durationMs: 42,
        step: 'register',
        method: 'POST',
        path: '/apps/oidc/register',
        status: 201,
        succeeded: true,
      },
      { atMs: 46, durationMs: 500, step: 'wait', succeeded: true, note: 'a fixed half second' },
      {
        atMs: 546,
        durationMs: 38,
        step: 'read-client',
        method: 'GET',
        path: HOSTILE.path,
        status: 401,
        succeeded: false,
        note: HOSTILE.note,
      },
      {
        atMs: 590,
        durationMs: 95,
        step: 'authorize-logged-in',
        method: 'GET',
        path: '/apps/oidc/authorize',
        status: 303,
        succeeded: true,
      },
      {
        atMs: 690,
        durationMs: 61,
        step: 'token',
        method: 'POST',
        path: '/apps/oidc/token',
        status: 400,
        succeeded: false,
        note: '400 invalid_grant',
      },
      {
        atMs: 760,
        durationMs: 20,
        step: 'api',
        method: 'GET',
        path: '/ocs/v2.php/cloud/user',
        succeeded: false,
        note: 'no answer',
      },
    ],
  }
}

/** What a run of the laboratory with these causes would report. */
export function fixtureReport(
  causes: readonly Cause[] = ['none', 'replica-lag', 'token-lag', 'registration-limit'],
): RaceReport {
  return raceReportSchema.parse({
    schemaVersion: 1,
    tool: { name: 'nc-mcp-conformance', version: '0.1.0' },
    startedAt: '2026-11-23T13:00:00.000Z',
    durationMs: 9_420,
    seed: 42,
    trials: TRIALS,
    concurrency: 4,
    clock: 'simulated',
    nextcloud: { kind: 'embedded', profile: 'oidc-2.0.9', url: HOSTILE.url },
    lagMs: LAG_MS,
    steps: causes.flatMap(stepsOf),
    remedies: causes.flatMap((cause) =>
      cause === 'none'
        ? REMEDIES.map((remedy) => remedyOf(cause, remedy, { ...OUTCOMES[remedy], share: 1 }))
        : [
            ...REMEDIES.map((remedy) => remedyOf(cause, remedy, OUTCOMES[remedy])),
            ...(cause === 'token-lag'
              ? [remedyOf(cause, HOSTILE.remedy, { share: 0.4, waitMs: 900, spreadMs: 300, requests: 9 })]
              : []),
          ],
    ),
    timelines: causes.filter((cause) => cause !== 'none').map(timelineOf),
    diagnoses: causes.map((cause) => ({
      cause,
      sentence:
        cause === 'token-lag'
          ? HOSTILE.sentence
          : cause === 'none'
            ? 'Every step works at once: there is no race.'
            : cause === 'registration-limit'
              ? 'After 10 registrations a minute Nextcloud answers 429: a server that registers for each session runs into it.'
              : 'Reads come from a replica that is 2.0 s behind: the code exchange fails until then, and polling discovery does not notice.',
      ...(cause === 'none'
        ? {}
        : { failingStep: cause === 'token-lag' ? 'userinfo' : 'token', lagMs: LAG_MS }),
    })),
    server: [
      {
        cause: 'replica-lag',
        registrationsPerStart: 1,
        registrationsPerSession: 0.5,
        firstFlow: rateOf(3, 20),
        failingAnswers: [
          { status: 400, error: 'invalid_grant', description: HOSTILE.description, count: 17 },
        ],
      },
    ],
    spent: { requests: 12_345, registrations: 2_400, clientsLeft: 0 },
  } satisfies RaceReport)
}

import type {
  Cause,
  FailingAnswer,
  RaceReport,
  Rate,
  RemedyMeasurement,
  Step,
  StepMeasurement,
} from './model.js'

type Diagnosis = RaceReport['diagnoses'][number]

/** In the order in which a first authorization meets them; the reads that only probes make come last. */
const STEP_ORDER: readonly Step[] = [
  'authorize-logged-in',
  'token',
  'userinfo',
  'api',
  'session',
  'authorize-logged-out',
  'read-client',
]

const STEP_TEXTS: Readonly<Record<Step, string>> = {
  'authorize-logged-in': 'authorize with the fresh client',
  token: 'the exchange of a fresh code',
  userinfo: 'userinfo with a fresh token',
  api: 'an API call with a fresh token',
  session: 'the first request of a fresh login session',
  'authorize-logged-out': 'authorize with the fresh client and prompt=none',
  'read-client': 'the RFC 7592 read of the fresh client',
}

/**
 * What was found out about a cause, from nothing but the measurements: which step fails, with which answer, until
 * about when, whether the discovery document could have told, and which remedies left fewer failures than none.
 */
export function diagnose(
  cause: Cause,
  allSteps: readonly StepMeasurement[],
  allRemedies: readonly RemedyMeasurement[],
): Diagnosis {
  const steps = allSteps.filter((measured) => measured.cause === cause)
  const remedies = allRemedies.filter((measured) => measured.cause === cause)
  const failing = STEP_ORDER.flatMap((name) => steps.find(({ step }) => step === name) ?? []).filter(
    failsAtAll,
  )
  const [first] = failing
  const helped = helpText(remedies)
  if (first !== undefined) {
    const lagMs = lagOf(first)
    return {
      cause,
      sentence: `${sentence([stepText(first, lagMs), ...alsoText(failing.slice(1)), discoveryText(first)])}${helped}`,
      failingStep: first.step,
      ...(lagMs === undefined ? {} : { lagMs }),
    }
  }
  const [worst] = worstFailure(remedies)
  if (worst !== undefined) {
    const step = worst.answer.step
    return {
      cause,
      sentence: `${sentence([flowText(worst), pollingText(remedies)])}${helped}`,
      ...(step === 'register' || isStep(step) ? { failingStep: step } : {}),
    }
  }
  if (steps.length === 0 && remedies.length === 0) return { cause, sentence: 'Nothing was measured.' }
  return { cause, sentence: 'Nothing fails: every step works right after the write that it depends on.' }
}

function failsAtAll({ points }: StepMeasurement): boolean {
  return points.some(({ rate }) => rate.succeeded < rate.trials)
}

/** How far behind the step is, if waiting is what helps: the median time to its first success. */
function lagOf(measured: StepMeasurement): number | undefined {
  const { points, timeToFirstSuccessMs } = measured
  const window = failingWindow(measured)
  if (window !== undefined)
    return timeToFirstSuccessMs?.p50 ?? (window.lastFailingMs + window.worksFromMs) / 2
  // Later than all delays that were tried, it worked all the same.
  return points.every(({ rate }) => rate.succeeded === 0) ? timeToFirstSuccessMs?.p50 : undefined
}

interface Window {
  readonly lastFailingMs: number
  /** The shortest delay from which on everything worked. */
  readonly worksFromMs: number
}

/** Present when the step fails right after the write, and works from some delay on. */
function failingWindow({ points }: StepMeasurement): Window | undefined {
  const lastFailing = points.findLastIndex(({ rate }) => rate.succeeded < rate.trials)
  const [first] = points
  const after = points[lastFailing + 1]
  const last = points[lastFailing]
  if (first === undefined || after === undefined || last === undefined) return undefined
  // What is late is worst at once; what fails more often later fails for another reason.
  const worstAtOnce = points.every(({ rate }) => shareOf(rate) >= shareOf(first.rate))
  if (!worstAtOnce || first.rate.succeeded === first.rate.trials) return undefined
  return { lastFailingMs: last.delayMs, worksFromMs: after.delayMs }
}

function stepText(measured: StepMeasurement, lagMs: number | undefined): string {
  const { step, points, failingAnswers } = measured
  const answer = answerText(failingAnswers[0])
  const window = failingWindow(measured)
  if (lagMs !== undefined) {
    const [first] = points
    const share =
      first === undefined ? '' : shareText(first.rate.trials - first.rate.succeeded, first.rate.trials)
    const until =
      window !== undefined && measured.timeToFirstSuccessMs === undefined
        ? `from a delay between ${seconds(window.lastFailingMs)} and ${seconds(window.worksFromMs)} on`
        : `after about ${seconds(lagMs)}`
    return `${STEP_TEXTS[step]} fails right after the write (${share}) ${answer} and works ${until}, as if it read data that is that far behind`
  }
  const failed = points.reduce((sum, { rate }) => sum + rate.trials - rate.succeeded, 0)
  const trials = points.reduce((sum, { rate }) => sum + rate.trials, 0)
  return `${STEP_TEXTS[step]} fails in ${shareText(failed, trials)} ${answer}, at no particular delay`
}

function alsoText(others: readonly StepMeasurement[]): string[] {
  if (others.length === 0) return []
  return [`so ${others.length === 1 ? 'does' : 'do'} ${list(others.map(({ step }) => STEP_TEXTS[step]))}`]
}

function discoveryText({ discoveryWhileFailing }: StepMeasurement): string {
  if (discoveryWhileFailing === undefined) return ''
  const { succeeded, trials } = discoveryWhileFailing
  if (succeeded === trials) {
    return `polling discovery cannot see this: the document answered in all ${trials} failing trials`
  }
  const failed = `the document failed as well in ${trials - succeeded} of ${trials} failing trials`
  return succeeded > trials / 2
    ? `polling discovery mostly misses this: ${failed}`
    : `polling discovery can see this while it lasts: ${failed}`
}

interface FlowFailure {
  readonly answer: FailingAnswer
  readonly trials: number
}

/** The most frequent failure without any remedy, or with the first remedy that was measured. */
function worstFailure(remedies: readonly RemedyMeasurement[]): FlowFailure[] {
  const plain = remedies.find(({ remedy }) => remedy === 'none') ?? remedies[0]
  const [answer] = plain?.failingAnswers ?? []
  return plain === undefined || answer === undefined
    ? []
    : [{ answer, trials: plain.firstAuthorization.trials }]
}

function flowText({ answer, trials }: FlowFailure): string {
  const share = shareText(answer.count, trials)
  if (answer.step === 'register') {
    return `the registration itself is refused ${answerText(answer)} in ${share}; nothing that waits between registration and first use, as polling discovery does, can help`
  }
  return `every step works right after its write, but the first authorization fails at ${answer.step ?? 'some step'} ${answerText(answer)} in ${share}`
}

/** Only where polling was measured, and the registration had not failed before it. */
function pollingText(remedies: readonly RemedyMeasurement[]): string {
  const polling = remedies.find(({ remedy }) => remedy === 'discovery-poll')
  const plain = remedies.find(({ remedy }) => remedy === 'none')
  if (polling === undefined || plain === undefined || plain.failingAnswers[0]?.step === 'register') return ''
  return shareOf(polling.firstAuthorization) > shareOf(plain.firstAuthorization)
    ? 'with polling discovery it fails less often'
    : 'polling discovery does not see this: it fails as often with it'
}

/** Which remedies left clearly fewer failures than none: their intervals do not overlap. */
function helpText(remedies: readonly RemedyMeasurement[]): string {
  const plain = remedies.find(({ remedy }) => remedy === 'none')
  if (plain === undefined || plain.firstAuthorization.succeeded === plain.firstAuthorization.trials) return ''
  const others = remedies.filter((measured) => measured !== plain)
  const helping = others.filter(
    ({ firstAuthorization }) => firstAuthorization.low > plain.firstAuthorization.high,
  )
  if (others.length === 0) return ''
  if (helping.length === 0) {
    const better = others.filter(
      ({ firstAuthorization }) => shareOf(firstAuthorization) > shareOf(plain.firstAuthorization),
    )
    return better.length === 0
      ? ' No remedy that was measured helps.'
      : ` Too few trials to tell what helps; fewer failures than without were seen with ${list(better.map(({ remedy }) => remedy))}.`
  }
  const texts = helping.map(({ remedy, firstAuthorization: { succeeded, trials } }) =>
    succeeded === trials ? remedy : `${remedy} (${trials - succeeded} of ${trials} still fail)`,
  )
  const useless = others.filter((measured) => !helping.includes(measured)).map(({ remedy }) => remedy)
  const not = useless.length === 0 ? '' : `; not: ${list(useless)}`
  return ` What helps: ${list(texts)}${not}.`
}

function shareOf({ succeeded, trials }: Pick<Rate, 'succeeded' | 'trials'>): number {
  return succeeded / trials
}

function answerText(answer: FailingAnswer | undefined): string {
  if (answer === undefined) return 'without an answer that says why'
  const { status, error, description } = answer
  const words = [
    status === null ? '' : String(status),
    error ?? '',
    description === undefined ? '' : `"${description.replace(/\.$/, '')}"`,
  ].filter((word) => word !== '')
  return `with ${words.join(' ')}`
}

function shareText(count: number, trials: number): string {
  return `${count} of ${trials} trials`
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(1)} s`
}

function list(texts: readonly string[]): string {
  return texts.length < 2 ? (texts[0] ?? '') : `${texts.slice(0, -1).join(', ')} and ${texts.at(-1) ?? ''}`
}

function sentence(parts: readonly string[]): string {
  const text = parts.filter((part) => part !== '').join('; ')
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`
}

function isStep(step: string | undefined): step is Step {
  return STEP_ORDER.some((known) => known === step)
}

import { OAUTH_ERROR_LENGTH, textOfPage } from './answer-text.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { FailingAnswer, Timeline } from './model.js'
import { tenths } from './statistics.js'
import type { TrialClock } from './trial-clock.js'

/** What came back, as far as a step is judged by it. The body may hold secrets. */
export interface Answer {
  /** `null` when there was no answer. */
  readonly status: number | null
  readonly body: string
  /** The body, when it is a JSON object; else empty. */
  readonly json: Readonly<Record<string, unknown>>
  /** Absolute target of a redirect. */
  readonly location?: URL
  /** Why there was no answer. */
  readonly failure?: string
}

export type Entry = {
  -readonly [Member in keyof Timeline['entries'][number]]: Timeline['entries'][number][Member]
}

/** The outcome of a step: what it gave, or how it was refused. */
export type StepOutcome<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly answer: Omit<FailingAnswer, 'count'> }

export interface WireInput {
  readonly fetch: FetchLike
  readonly clock: TrialClock
  /** Registrations are counted by it. */
  readonly registrationEndpoint: string | undefined
}

/** The requests of one session of one trial: sends them, counts them and writes its timeline. */
export class Wire {
  readonly entries: Entry[] = []
  registrations = 0
  readonly #input: WireInput
  readonly #startMs: number

  constructor(input: WireInput) {
    this.#input = input
    this.#startMs = input.clock.nowMs()
  }

  get requests(): number {
    return this.entries.filter(({ method }) => method !== undefined).length
  }

  /** From the start of the trial. */
  elapsedMs(): number {
    return this.#input.clock.nowMs() - this.#startMs
  }

  /** A fetch whose requests are entries of this step. Redirects are not followed unless asked for. */
  fetchAs(step: string): FetchLike {
    return async (url, init) => {
      const method = init?.method ?? (url instanceof Request ? url.method : 'GET')
      const href = url instanceof Request ? url.url : String(url)
      const entry: Entry = {
        atMs: tenths(this.elapsedMs()),
        durationMs: 0,
        step,
        method,
        path: pathOf(href),
        succeeded: false,
      }
      this.entries.push(entry)
      if (method === 'POST' && href === this.#input.registrationEndpoint) this.registrations += 1
      const before = this.#input.clock.nowMs()
      try {
        const response = await this.#input.fetch(url, { redirect: 'manual', ...init })
        entry.status = response.status
        entry.succeeded = response.status < 400
        return response
      } catch (error) {
        entry.note = failureOf(error)
        throw error
      } finally {
        entry.durationMs = tenths(this.#input.clock.nowMs() - before)
      }
    }
  }

  /** Sends a request and reads the answer. Never throws for what the other side does. */
  async send(step: string, url: string, init: RequestInit = {}): Promise<Answer> {
    try {
      const response = await this.fetchAs(step)(url, init)
      const body = await response.text()
      const location = response.headers.get('location')
      return {
        status: response.status,
        body,
        json: objectOf(body),
        ...(location !== null && URL.canParse(location, url) ? { location: new URL(location, url) } : {}),
      }
    } catch (error) {
      if (isStop(error)) throw error
      return { status: null, body: '', json: {}, failure: failureOf(error) }
    }
  }

  /** A pause that the timeline shows. */
  async pause(step: string, ms: number, note?: string): Promise<void> {
    const entry: Entry = {
      atMs: tenths(this.elapsedMs()),
      durationMs: tenths(ms),
      step,
      succeeded: true,
      ...(note === undefined ? {} : { note }),
    }
    this.entries.push(entry)
    await this.#input.clock.sleep(ms)
  }

  /** Corrects the last entry where the status alone does not tell, as of an error page with status 200. */
  judge(succeeded: boolean, note?: string): void {
    const last = this.entries.findLast(({ method }) => method !== undefined)
    if (last === undefined) return
    last.succeeded = succeeded
    if (note !== undefined) last.note = note
  }
}

/** How an answer refused a step: OAuth's own words, or what the page says. */
export function refusalBy(answer: Answer): Omit<FailingAnswer, 'count'> {
  const { error, error_description: description } = answer.json
  if (typeof error === 'string') {
    return {
      status: answer.status,
      error: error.slice(0, OAUTH_ERROR_LENGTH),
      ...(typeof description === 'string' ? { description: textOfPage(description) } : {}),
    }
  }
  if (answer.failure !== undefined) return { status: null, error: answer.failure }
  const text = textOfPage(messageOf(answer.json) ?? answer.body)
  return { status: answer.status, ...(text === '' ? {} : { description: text }) }
}

/** What Nextcloud's own APIs say: OCS in its envelope, others plainly. */
function messageOf(json: Answer['json']): string | undefined {
  const { ocs, message } = json as { ocs?: { meta?: { message?: unknown } }; message?: unknown }
  const told = ocs?.meta?.message ?? message
  return typeof told === 'string' ? told : undefined
}

/** Ends a laboratory and is no finding: Ctrl-C, or the budget is spent. */
export class StopLaboratory extends Error {
  override readonly name = 'StopLaboratory'
}

/** Whether an error is no finding, but the end of the laboratory. */
export function isStop(error: unknown): boolean {
  return error instanceof StopLaboratory || (error instanceof Error && error.name === 'AbortError')
}

function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no answer'
  if (error.name === 'TimeoutError') return 'no answer in time'
  const { cause } = error
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : undefined
  return code === undefined ? 'no answer' : `no answer (${code.slice(0, 40)})`
}

/** Without the query; what names a client is left out. */
function pathOf(href: string): string {
  return URL.canParse(href)
    ? new URL(href).pathname.replace(/(\/register\/)[^/]+$/, '$1{client_id}').slice(0, 200)
    : ''
}

function objectOf(text: string): Record<string, unknown> {
  if (!text.startsWith('{')) return {}
  try {
    return JSON.parse(text) as Record<string, unknown>
  } catch {
    return {}
  }
}

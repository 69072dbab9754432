import type { FetchLike } from '../oauth/fetch-like.js'
import type { Evidence, Exchange } from '../report/model.js'
import { fetchUnderHost } from './fetch-under-host.js'
import type { Redactor } from './redactor.js'

/** Bodies are cut to this many characters in the evidence. */
const MAX_BODY_CHARACTERS = 4_000
/** Of longer bodies only this much is looked at for the evidence. */
const MAX_REDACTED_CHARACTERS = 16_000
/** A cell keeps its first and its last exchanges; what lies between is counted in a note. */
const KEPT_AT_EACH_END = 30
/** Response bodies are read up to this size for leak scans. */
const MAX_SCANNED_CHARACTERS = 1_048_576

/** A response as it came, for scans; never stored. */
export interface RawResponse {
  readonly origin: string
  readonly status: number
  /** Header lines and body. */
  readonly text: string
}

/** Collects the evidence of one cell: numbered exchanges, notes and screenshots, redacted at capture. */
export class EvidenceRecorder {
  readonly #redactor: Redactor
  readonly #startedAtMs = Date.now()
  readonly #items: Evidence[] = []
  readonly #screenshots = new Map<string, Uint8Array>()
  readonly #raw: RawResponse[] = []
  readonly #pendingBodies = new Set<Promise<void>>()
  #number = 0

  constructor(redactor: Redactor) {
    this.#redactor = redactor
  }

  /** A fetch that records what it does. Redirects are not followed unless the caller asks for it. */
  readonly fetch: FetchLike = async (input, init) => {
    const request = new Request(input, { redirect: 'manual', ...init })
    const exchange: Exchange = {
      kind: 'exchange',
      number: ++this.#number,
      atMs: Date.now() - this.#startedAtMs,
      durationMs: 0,
      request: {
        method: request.method,
        url: this.#redactor.text(request.url),
        headers: this.#redactor.headers(request.headers),
        ...bodyMember(this.#redactor, textOf(init?.body)),
      },
    }
    this.#items.push(exchange)
    const started = performance.now()
    try {
      const response = await (request.headers.has('host') ? fetchUnderHost(request) : fetch(request))
      exchange.durationMs = round(performance.now() - started)
      return this.#capture(exchange, response, new URL(request.url).origin)
    } catch (error) {
      exchange.durationMs = round(performance.now() - started)
      exchange.failure = this.#redactor.text(describeFailure(error))
      throw error
    }
  }

  note(text: string): void {
    this.#items.push({ kind: 'note', text: this.#redactor.text(text) })
  }

  /** @param name file name stem; made safe and unique here. */
  screenshot(name: string, png: Uint8Array): void {
    const stem = `${name.replaceAll(/[^\w.-]+/g, '-')}-${this.#screenshots.size + 1}`
    this.#screenshots.set(stem, png)
    this.#items.push({ kind: 'screenshot', name, file: `${stem}.png` })
  }

  responsesFrom(origin: string): readonly RawResponse[] {
    return this.#raw.filter((response) => response.origin === origin)
  }

  /** File name to PNG, as named by the evidence. */
  get screenshots(): ReadonlyMap<string, Uint8Array> {
    return new Map([...this.#screenshots].map(([stem, png]) => [`${stem}.png`, png]))
  }

  /** The evidence so far; waits for bodies that are still being read (event streams: what has arrived). */
  async evidence(): Promise<Evidence[]> {
    await Promise.race([
      Promise.allSettled(this.#pendingBodies),
      new Promise((resolve) => setTimeout(resolve, 200).unref()),
    ])
    const exchanges = this.#items.filter((item) => item.kind === 'exchange')
    if (exchanges.length <= 2 * KEPT_AT_EACH_END) return [...this.#items]
    const dropped = new Set(exchanges.slice(KEPT_AT_EACH_END, -KEPT_AT_EACH_END))
    const kept = this.#items.filter((item) => item.kind !== 'exchange' || !dropped.has(item))
    const at = kept.indexOf(exchanges[KEPT_AT_EACH_END - 1] as Exchange)
    kept.splice(at + 1, 0, { kind: 'note', text: `${dropped.size} more exchanges are not shown` })
    return kept
  }

  #capture(exchange: Exchange, response: Response, origin: string): Response {
    const headers = this.#redactor.headers(response.headers)
    exchange.response = { status: response.status, headers }
    const headerLines = [...response.headers].map(([name, value]) => `${name}: ${value}`).join('\n')
    const raw: { origin: string; status: number; text: string } = {
      origin,
      status: response.status,
      text: headerLines,
    }
    this.#raw.push(raw)
    if (response.body === null) return response
    const [forCaller, forEvidence] = response.body.tee()
    let isLong = false
    const reading = readInto(forEvidence, (text) => {
      raw.text = `${headerLines}\n\n${text}`
      // What is shown of a long body does not change when more of it arrives.
      if (isLong) return
      isLong = text.length > MAX_REDACTED_CHARACTERS
      Object.assign(exchange.response ?? {}, bodyMember(this.#redactor, text))
    }).finally(() => this.#pendingBodies.delete(reading))
    this.#pendingBodies.add(reading)
    const copy = new Response(forCaller, {
      status: response.status,
      statusText: response.statusText,
      headers: response.headers,
    })
    Object.defineProperty(copy, 'url', { value: response.url })
    return copy
  }
}

/** Reads a stream chunk by chunk, so that an endless one still leaves what has arrived. */
async function readInto(stream: ReadableStream<Uint8Array>, onText: (text: string) => void): Promise<void> {
  const decoder = new TextDecoder()
  let text = ''
  const reader = stream.getReader()
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      text += decoder.decode(value, { stream: true })
      onText(text)
      if (text.length > MAX_SCANNED_CHARACTERS) {
        await reader.cancel()
        break
      }
    }
  } catch {
    // The caller sees the same failure on its branch of the stream; what arrived before it is kept.
  }
}

function bodyMember(redactor: Redactor, body: string | undefined): { body?: string } {
  if (body === undefined || body === '') return {}
  const isCut = body.length > MAX_REDACTED_CHARACTERS
  // A secret that the cut went through would no longer be recognised: the word at the cut is left out.
  const text = isCut ? body.slice(0, MAX_REDACTED_CHARACTERS).replace(/[\w.~+/=%-]*$/, '') : body
  const redacted = redactor.text(text)
  return {
    body:
      isCut || redacted.length > MAX_BODY_CHARACTERS
        ? `${redacted.slice(0, MAX_BODY_CHARACTERS)}…`
        : redacted,
  }
}

function textOf(body: unknown): string | undefined {
  if (typeof body === 'string') return body
  if (body instanceof URLSearchParams) return body.toString()
  return undefined
}

/** The whole cause chain on one line: fetch hides the socket error in `cause`. */
function describeFailure(error: unknown): string {
  const parts: string[] = []
  for (let current: unknown = error; current instanceof Error && parts.length < 4; current = current.cause) {
    parts.push(current.message)
  }
  return parts.join(': ')
}

function round(ms: number): number {
  return Math.round(ms * 10) / 10
}

import { setTimeout as delay } from 'node:timers/promises'
import type { OAuthRequestOptions } from './fetch-like.js'
import { growingPauseMs } from './growing-pause.js'

/** Time as a wait sees it; a simulation puts its own in. */
export interface WaitClock {
  /** Milliseconds, from any beginning. */
  nowMs(): number
  sleep(ms: number): Promise<void>
}

const REAL_TIME: WaitClock = { nowMs: () => performance.now(), sleep: (ms) => delay(ms) }

export interface VisibilityOptions extends OAuthRequestOptions {
  /** How long to pause after the n-th read, from 1. Default {@link growingPauseMs}. */
  readonly pauseMs?: (attempts: number) => number
  /** Default: real time. With another one each request's own bound is the caller's, in `fetch`. */
  readonly clock?: WaitClock
}

/** What a client's own configuration is read with (RFC 7592 §2.1). */
export interface ReadableClient {
  readonly client_id: string
  readonly registration_client_uri?: string | undefined
  readonly registration_access_token?: string | undefined
}

export interface ClientVisibility {
  readonly visible: boolean
  /** Requests that were sent. */
  readonly attempts: number
  readonly elapsedMs: number
}

/**
 * Waits until the provider's reads know a freshly registered client: reads its `registration_client_uri`
 * (RFC 7592 §2.1) at once and then with growing pauses (50 ms × 1.5, at most 1 s). Reads can lag behind the
 * registration where the instance reads from a database replica; the discovery document says nothing about that.
 *
 * @returns `visible: false` when `timeoutMs` (default 10 000) passes first, and at once, without a request,
 * when the client has no `registration_client_uri`. Never throws for what the provider answers.
 */
export async function waitUntilClientVisible(
  client: ReadableClient,
  options: VisibilityOptions = {},
): Promise<ClientVisibility> {
  const clock = options.clock ?? REAL_TIME
  const startedAt = clock.nowMs()
  const elapsedMs = (): number => Math.round(clock.nowMs() - startedAt)
  const uri = client.registration_client_uri
  if (uri === undefined) return { visible: false, attempts: 0, elapsedMs: 0 }

  const timeoutMs = options.timeoutMs ?? 10_000
  const signal = options.clock === undefined ? AbortSignal.timeout(timeoutMs) : undefined
  for (let attempts = 1; ; attempts += 1) {
    if (await isVisible(uri, client, options, signal))
      return { visible: true, attempts, elapsedMs: elapsedMs() }
    const pauseMs = (options.pauseMs ?? growingPauseMs)(attempts)
    if (signal?.aborted === true || elapsedMs() + pauseMs >= timeoutMs) {
      return { visible: false, attempts, elapsedMs: elapsedMs() }
    }
    await clock.sleep(pauseMs)
  }
}

async function isVisible(
  uri: string,
  client: ReadableClient,
  options: OAuthRequestOptions,
  signal: AbortSignal | undefined,
): Promise<boolean> {
  try {
    const response = await (options.fetch ?? fetch)(uri, {
      headers: {
        authorization: `Bearer ${client.registration_access_token ?? ''}`,
        accept: 'application/json',
      },
      redirect: 'manual',
      ...(signal === undefined ? {} : { signal }),
    })
    // Read to its end, whatever it says: the connection can serve the next attempt.
    const text = await response.text()
    return response.status === 200 && namesClient(JSON.parse(text), client.client_id)
  } catch {
    return false
  }
}

function namesClient(answer: unknown, clientId: string): boolean {
  return (
    typeof answer === 'object' && answer !== null && 'client_id' in answer && answer.client_id === clientId
  )
}

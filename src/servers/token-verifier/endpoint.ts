import type { FetchLike } from '../../oauth/fetch-like.js'

/** What an endpoint of the authorization server answered; no answer in time is `undefined`. */
export interface EndpointAnswer {
  readonly status: number
  /** `undefined` when the body is not JSON. */
  readonly json: unknown
}

export interface EndpointOptions {
  readonly fetch: FetchLike
  /** Called when the connection failed (not when it was too slow). */
  readonly onUnreachable: () => void
}

const TIMEOUT_MS = 5_000

/** One request with a credential: at most 5 s, no redirect followed, nothing thrown. */
export async function askEndpoint(
  url: string,
  init: RequestInit,
  { fetch, onUnreachable }: EndpointOptions,
): Promise<EndpointAnswer | undefined> {
  const signal = AbortSignal.timeout(TIMEOUT_MS)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    return { status: response.status, json: parseJson(await response.text()) }
  } catch {
    if (!signal.aborted) onUnreachable()
    return undefined
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

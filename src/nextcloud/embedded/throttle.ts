import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { noticePage } from './pages.js'
import { emptyResponse } from './responses.js'

const BRUTE_FORCE_WINDOW_MS = 30 * 60 * 1000
const BRUTE_FORCE_LIMIT = 10
const FIRST_DELAY_MS = 200
const MAX_DELAY_MS = 25_000

/** Instance times (ms) of counted calls by key. All callers are one address: the listener is on loopback. */
const countedCalls = new WeakMap<EmbeddedContext, Map<string, number[]>>()

function recentCalls(ctx: EmbeddedContext, key: string, windowMs: number): number[] {
  const counted = countedCalls.get(ctx) ?? new Map<string, number[]>()
  countedCalls.set(ctx, counted)
  const now = ctx.clock.nowMs()
  const calls = (counted.get(key) ?? []).filter((atMs) => atMs > now - windowMs)
  counted.set(key, calls)
  return calls
}

/**
 * Counts a call against Nextcloud's rate limit for anonymous callers, failed calls too. Returns the 429 answer (empty,
 * no Retry-After but in profiles that follow the texts; a page for browsers) when `limit` calls were made within `periodSeconds`, else `null`. Always `null`
 * unless the instance was started with `rateLimit`.
 */
export function rateLimited(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  key: string,
  limit: number,
  periodSeconds: number,
): Response | null {
  if (ctx.options.rateLimit !== true) return null
  const calls = recentCalls(ctx, `rate ${key}`, periodSeconds * 1000)
  if (calls.length >= limit && !ctx.mutants.has('n-no-throttle')) {
    const response =
      c.req.header('accept')?.includes('html') === true ? tooManyRequests(c) : emptyResponse(c, 429)
    return withRetryAfter(ctx, response, (calls[0] ?? 0) + periodSeconds * 1000)
  }
  calls.push(ctx.clock.nowMs())
  return null
}

export interface BruteForceGuard {
  /** The 429 page when there were more than 10 failures within 30 minutes. */
  readonly refused: Response | null
  /** Counts a failure; the answer then tells the delay that older Nextclouds would really have slept. */
  fail(): void
}

/** Nextcloud's brute-force protection of an action, e.g. `login`. Does nothing unless switched on. */
export function bruteForce(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, action: string): BruteForceGuard {
  if (ctx.options.bruteForceProtection !== true) return { refused: null, fail: () => undefined }
  const failures = recentCalls(ctx, `failures ${action}`, BRUTE_FORCE_WINDOW_MS)
  return {
    refused:
      failures.length > BRUTE_FORCE_LIMIT && !ctx.mutants.has('n-no-throttle')
        ? withRetryAfter(ctx, tooManyRequests(c), (failures[0] ?? 0) + BRUTE_FORCE_WINDOW_MS)
        : null,
    fail: () => {
      failures.push(ctx.clock.nowMs())
      const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (failures.length - 1), MAX_DELAY_MS)
      c.header('x-nextcloud-bruteforce-throttled', `${delayMs}ms`)
    },
  }
}

/** Adds when the next try has a chance, whole seconds (RFC 6585 4), where the profile tells it. */
function withRetryAfter(ctx: EmbeddedContext, response: Response, atMs: number): Response {
  if (ctx.profile.quirks.bareRefusals) return response
  const seconds = Math.max(1, Math.ceil((atMs - ctx.clock.nowMs()) / 1000))
  response.headers.set('retry-after', String(seconds))
  return response
}

function tooManyRequests(c: Context<EmbeddedEnv>): Response {
  return noticePage(
    c,
    429,
    'Too many requests',
    'There were too many requests from your network. Retry later or contact your administrator if this is an error.',
  )
}

import { seededNumbers } from '../../seeded-numbers.js'
import type { OffsetClock } from './clock.js'

/**
 * What a write can be late in: the client's row, its redirect URIs, the authorization code, the access and refresh
 * token, the login session, the registration access token.
 */
export const VIEWS = ['client', 'redirectUri', 'code', 'token', 'session', 'registrationToken'] as const
export type View = (typeof VIEWS)[number]

/** The views that a lagging read replica was seen to delay; authorize reads from the primary. */
const REPLICA_VIEWS: readonly View[] = ['code', 'token', 'session', 'registrationToken']

/** How long a write stays unseen, ms on the instance's clock; a plain number is constant. */
export type Delay =
  | number
  | { readonly kind: 'constant'; readonly ms: number }
  | { readonly kind: 'uniform'; readonly minMs: number; readonly maxMs: number }
  | { readonly kind: 'log-normal'; readonly medianMs: number; readonly sigma: number }

/** Delay until a write is visible to reads, per view. Default: at once. */
export interface PropagationLag extends Readonly<Partial<Record<View, Delay>>> {
  /** Of all views that a read replica delays (code, token, session, registration token) and that have no own entry. */
  readonly replica?: Delay
  /** Short for a constant `client`. */
  readonly clientMs?: number
  /** Short for a constant `redirectUri`. */
  readonly redirectUriMs?: number
  /** Whole number from which random delays are drawn; the n-th write of a view always draws the same. Default 1. */
  readonly seed?: number
}

const DEFAULT_SEED = 1

/** A write of a view: when, and the two uniform numbers that any distribution makes its delay from. */
interface Write {
  readonly atMs: number
  readonly uniforms: readonly [number, number]
}

/**
 * Eventual consistency of an instance: which of its writes reads can see yet. Numbers are drawn when something is
 * written, so neither the order of reads nor a change of the lag moves them; a new lag counts for earlier writes too.
 * Only what is new lags: changes and deletions are seen at once.
 */
export class Consistency {
  readonly #clock: OffsetClock
  readonly #writes = new Map(VIEWS.map((view) => [view, new WeakMap<object, Write>()]))
  readonly #generators = new Map<View, () => number>()
  #lag: PropagationLag = {}

  constructor(clock: OffsetClock, lag: PropagationLag = {}) {
    this.#clock = clock
    this.setLag({ seed: DEFAULT_SEED, ...lag })
  }

  get lag(): PropagationLag {
    return this.#lag
  }

  /** Replaces the lag of all views. A seed starts the drawing anew; without one it goes on. */
  setLag(lag: PropagationLag): void {
    const seed = lag.seed ?? this.#lag.seed ?? DEFAULT_SEED
    this.#lag = { ...lag, seed }
    if (lag.seed === undefined) return
    for (const [index, view] of VIEWS.entries())
      this.#generators.set(view, seededNumbers(seed + index * 0x9e3779b9))
  }

  /** Notes that a row was written, or written again, in a view. */
  written(view: View, row: object): void {
    const draw = this.#generators.get(view)
    if (draw === undefined) return
    this.#writes.get(view)?.set(row, { atMs: this.#clock.nowMs(), uniforms: [draw(), draw()] })
  }

  /**
   * Whether reads see the row in this view.
   *
   * @param leastMs a delay that counts even where the lag is shorter
   */
  isVisible(view: View, row: object, leastMs = 0): boolean {
    const write = this.#writes.get(view)?.get(row)
    if (write === undefined) return true
    const lagMs = Math.max(delayMs(this.#delayOf(view), write.uniforms), leastMs)
    return lagMs <= 0 || this.#clock.nowMs() - write.atMs >= lagMs
  }

  #delayOf(view: View): Delay {
    const { [view]: own, replica, clientMs, redirectUriMs } = this.#lag
    if (own !== undefined) return own
    if (view === 'client') return clientMs ?? 0
    if (view === 'redirectUri') return redirectUriMs ?? 0
    return replica !== undefined && REPLICA_VIEWS.includes(view) ? replica : 0
  }
}

/** The delay that a distribution makes of two uniform numbers in [0, 1), ms. */
export function delayMs(delay: Delay, [first, second]: readonly [number, number]): number {
  if (typeof delay === 'number') return delay
  switch (delay.kind) {
    case 'constant':
      return delay.ms
    case 'uniform':
      return delay.minMs + first * (delay.maxMs - delay.minMs)
    case 'log-normal': {
      // Box–Muller; 1 - first is never 0.
      const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second)
      return delay.medianMs * Math.exp(delay.sigma * normal)
    }
  }
}

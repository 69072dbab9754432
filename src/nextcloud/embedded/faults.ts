import type { Context } from 'hono'
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { Fault } from '../nextcloud.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { answerOf } from './fault-answers.js'
import { claimedUser, isInScope } from './fault-scopes.js'

const DEFAULT_DELAY_MS = 1_000

/** A fault that is in force. */
export interface ActiveFault {
  readonly id: string
  readonly fault: Fault
  /** How many more requests it meets; Infinity unless the fault has `times`. */
  remaining: number
}

/** A request that a fault made an end of without an answer. */
export const DROPPED = RESPONSE_ALREADY_SENT

/** The faults of an instance, in the order in which they were injected. */
export class Faults {
  readonly #active = new Map<string, ActiveFault>()
  /** Requests that a `timeout` or `slow` fault holds, by the fault's id. */
  readonly #held = new Map<string, Set<() => void>>()
  #lastId = 0

  get size(): number {
    return this.#active.size
  }

  /** The same fault can be injected twice and is then lifted twice. */
  inject(fault: Fault): ActiveFault {
    const active = { id: String(++this.#lastId), fault: { ...fault }, remaining: fault.times ?? Infinity }
    this.#active.set(active.id, active)
    return active
  }

  /** Lifts a fault and lets the requests go on that it holds. False when there is none of that id. */
  lift(id: string): boolean {
    const lifted = this.#active.delete(id)
    for (const goOn of this.#held.get(id) ?? []) goOn()
    return lifted
  }

  /** Lifts all faults. */
  liftAll(): void {
    for (const id of [...this.#active.keys(), ...this.#held.keys()]) this.lift(id)
  }

  list(): ActiveFault[] {
    return Array.from(this.#active.values())
  }

  /** Whether `status.php` has to tell of maintenance. */
  get inMaintenance(): boolean {
    return this.list().some(({ fault }) => fault.kind === 'maintenance' && fault.scope === 'all')
  }

  /**
   * What the faults make of a request: an answer, `DROPPED`, or `undefined` when it is served as usual.
   *
   * @param path path without `/index.php`
   */
  async meet(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, path: string): Promise<Response | undefined> {
    for (const active of this.list()) {
      const { fault } = active
      if (!isInScope(fault.scope, path)) continue
      if (fault.userId !== undefined && claimedUser(ctx, c) !== fault.userId) continue
      // It may have run out while this request waited for another one.
      if (active.remaining <= 0) continue
      active.remaining -= 1
      if (active.remaining === 0) this.#active.delete(active.id)
      const outcome = await this.#apply(active, c, path)
      if (outcome !== undefined) return outcome
    }
    return undefined
  }

  async #apply(
    { id, fault }: ActiveFault,
    c: Context<EmbeddedEnv>,
    path: string,
  ): Promise<Response | undefined> {
    if (fault.kind === 'refuse' || fault.kind === 'reset') return dropConnection(c, fault.kind)
    if (fault.kind === 'timeout') return (await this.#hold(id, c)) ? DROPPED : undefined
    if (fault.kind === 'slow') {
      return (await this.#hold(id, c, fault.delayMs ?? DEFAULT_DELAY_MS)) ? DROPPED : undefined
    }
    return answerOf(fault, c, path)
  }

  /** Waits until the fault is lifted or the time is over (false), or the caller is gone (true). */
  async #hold(id: string, c: Context<EmbeddedEnv>, delayMs?: number): Promise<boolean> {
    const { signal } = c.req.raw
    const waiting = this.#held.get(id) ?? new Set()
    this.#held.set(id, waiting)
    await new Promise<void>((resolve) => {
      const goOn = (): void => {
        clearTimeout(timer)
        waiting.delete(goOn)
        if (waiting.size === 0) this.#held.delete(id)
        signal.removeEventListener('abort', goOn)
        resolve()
      }
      const timer = delayMs === undefined ? undefined : setTimeout(goOn, delayMs)
      waiting.add(goOn)
      signal.addEventListener('abort', goOn, { once: true })
    })
    return signal.aborted
  }
}

/** Ends the connection without an answer; a call without a socket gets 503 instead. */
function dropConnection(c: Context<EmbeddedEnv>, how: 'refuse' | 'reset'): Response {
  const { incoming } = (c.env ?? {}) as Partial<HttpBindings>
  if (incoming === undefined) return new Response(null, { status: 503 })
  if (how === 'reset' && 'resetAndDestroy' in incoming.socket) incoming.socket.resetAndDestroy()
  else incoming.socket.destroy()
  return DROPPED
}

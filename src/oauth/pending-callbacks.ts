import { HarnessError } from '../errors.js'
import type { CallbackMutant } from './callback-mutants.js'

/** A flow that waits for its authorization response. */
export interface PendingCallback {
  /**
   * The full URL of the authorization response, error answers included. Rejects with `NCMC_FLOW_TIMEOUT` when
   * it does not arrive in time and with `NCMC_FLOW_FAILED` after `cancel()` or when the listener closes.
   */
  readonly response: Promise<URL>
  /** Stops waiting; later callbacks with this state are refused. Idempotent. */
  cancel(): void
}

interface Waiting {
  readonly resolve: (url: URL) => void
  readonly reject: (error: HarnessError) => void
  readonly timer: NodeJS.Timeout
}

/** The flows of one callback listener, keyed by state, oldest first. A state is used up by its first answer. */
export class PendingCallbacks {
  readonly #waiting = new Map<string, Waiting>()
  readonly #mutants: ReadonlySet<CallbackMutant>

  /** @param mutants deliberate faults. */
  constructor(mutants: ReadonlySet<CallbackMutant>) {
    this.#mutants = mutants
  }

  /** @throws {HarnessError} `NCMC_INTERNAL` when a flow with this state is waiting already, or it is empty. */
  add(state: string, timeoutMs: number, awaited: string): PendingCallback {
    if (state === '' || this.#waiting.has(state)) {
      throw new HarnessError('NCMC_INTERNAL', 'every pending flow needs a state of its own')
    }
    const { promise, resolve, reject } = withResolvers()
    // Whoever waits sees the rejection; without a reader it must not end the process.
    promise.catch(() => undefined)
    const timer = setTimeout(() => {
      if (this.#mutants.has('c-waits-forever')) return
      this.#fail(
        state,
        new HarnessError(
          'NCMC_FLOW_TIMEOUT',
          `no authorization response arrived at ${awaited} within ${timeoutMs} ms`,
          { details: { awaited, timeoutMs } },
        ),
      )
    }, timeoutMs)
    this.#waiting.set(state, { resolve, reject, timer })
    return {
      response: promise,
      cancel: () => {
        this.#fail(
          state,
          new HarnessError('NCMC_FLOW_FAILED', 'waiting for the authorization response was cancelled'),
        )
      },
    }
  }

  has(state: string): boolean {
    return this.#waiting.has(state)
  }

  oldestState(): string | undefined {
    const [state] = this.#waiting.keys()
    return state
  }

  settle(state: string, url: URL): void {
    this.#take(state)?.resolve(url)
  }

  failAll(error: HarnessError): void {
    for (const state of [...this.#waiting.keys()]) this.#fail(state, error)
  }

  #fail(state: string, error: HarnessError): void {
    this.#take(state)?.reject(error)
  }

  #take(state: string): Waiting | undefined {
    const waiting = this.#waiting.get(state)
    this.#waiting.delete(state)
    clearTimeout(waiting?.timer)
    return waiting
  }
}

function withResolvers(): {
  promise: Promise<URL>
  resolve: (url: URL) => void
  reject: (error: HarnessError) => void
} {
  let resolve: (url: URL) => void = () => undefined
  let reject: (error: HarnessError) => void = () => undefined
  const promise = new Promise<URL>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  return { promise, resolve, reject }
}

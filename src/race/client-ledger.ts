import { setTimeout as delay } from 'node:timers/promises'
import { growingPauseMs } from '../oauth/growing-pause.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { WaitClock } from '../oauth/propagation.js'
import { deleteClient, type RegisteredClient } from '../oauth/registration.js'

/** How long a client's deletion is tried again at the end: a lagging Nextcloud does not know it yet. */
const PATIENCE_MS = 15_000
const REQUEST_TIMEOUT_MS = 5_000
const REAL_TIME: WaitClock = {
  nowMs: Date.now,
  sleep: async (ms) => {
    await delay(ms)
  },
}

/** Every client that a laboratory registered and did not delete yet. Secret: holds registration access tokens. */
export class ClientLedger {
  readonly #clients = new Map<string, RegisteredClient>()
  readonly #fetch: FetchLike
  readonly #clock: WaitClock

  /**
   * @param send sends the deletions; must not be what stops with the laboratory.
   * @param clock the Nextcloud's, milliseconds since the epoch; does not stop with the laboratory either.
   */
  constructor(send: FetchLike, clock: WaitClock = REAL_TIME) {
    this.#fetch = send
    this.#clock = clock
  }

  /** Clients that still exist, as far as is known. */
  get size(): number {
    return this.#clients.size
  }

  add(client: RegisteredClient): void {
    this.#clients.set(client.client_id, client)
  }

  /**
   * Deletes all clients (RFC 7592 §2.3), each tried once. What fails stays in the ledger, unless its end has come: then
   * Nextcloud has deleted it, or will with the next registration.
   *
   * @param keep a client that stays.
   */
  async deleteAll(keep?: RegisteredClient): Promise<void> {
    for (const client of this.#clients.values()) {
      if (client.client_id !== keep?.client_id) await this.#delete(client)
    }
  }

  /** As {@link deleteAll}, with growing pauses until all are gone or 15 s are over. */
  async deletePatiently(): Promise<void> {
    const endMs = this.#clock.nowMs() + PATIENCE_MS
    for (let tries = 1; ; tries += 1) {
      await this.deleteAll()
      const pauseMs = growingPauseMs(tries)
      const manageable = [...this.#clients.values()].some(isManageable)
      if (!manageable || this.#clock.nowMs() + pauseMs > endMs) return
      await this.#clock.sleep(pauseMs)
    }
  }

  async #delete(client: RegisteredClient): Promise<void> {
    const endsAtMs = (client.client_secret_expires_at ?? 0) * 1_000
    if (endsAtMs !== 0 && endsAtMs < this.#clock.nowMs()) this.#clients.delete(client.client_id)
    if (!isManageable(client)) return
    try {
      await deleteClient(client, { fetch: this.#fetch, timeoutMs: REQUEST_TIMEOUT_MS })
      this.#clients.delete(client.client_id)
    } catch {
      // It stays in the ledger, and is counted there.
    }
  }
}

function isManageable({ registration_client_uri: uri }: RegisteredClient): boolean {
  return uri !== undefined
}

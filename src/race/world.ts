import type { AuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'
import type { RegisteredClient } from '../oauth/registration.js'
import type { PersonSession } from '../user-agent/person-session.js'
import type { ClientLedger } from './client-ledger.js'
import type { AuthorizationRequests } from './steps.js'
import type { TrialClock } from './trial-clock.js'

/** A client file that two processes share: each reads the client from it whenever it needs one. */
export interface SharedClientFile {
  client?: RegisteredClient
}

/** What is around the measured session of a trial. */
export interface TrialSetting {
  /** The client of an earlier start, where the remedy keeps one and it was registered. */
  readonly kept?: RegisteredClient
  /** Other things that happen meanwhile. */
  readonly companions: readonly (() => Promise<void>)[]
  /** When the measured session starts, ms after the first of those that start together. */
  readonly startsAfterMs: number
  /** How long the server runs before somebody authorizes, ms. */
  readonly idleMs: number
  readonly sharedFile?: SharedClientFile
}

/** A Nextcloud under one cause, as trials meet it. */
export interface World {
  readonly clock: TrialClock
  /** Sessions that are measured side by side; in simulated time one is measured, and the others start with it. */
  readonly measuredTogether: number
  readonly server: AuthorizationServer
  readonly requests: AuthorizationRequests
  readonly baseUrl: string
  /** As the server under trial asks: with its time limit, counted, registrations let through one by one. */
  readonly fetch: FetchLike
  /** Somebody who has been logged in for long. */
  readonly person: PersonSession
  /** A person who is not logged in yet. */
  newPerson(): PersonSession
  readonly ledger: ClientLedger
  /** What all trials and their settings took so far. */
  spent(): { readonly requests: number; readonly registrations: number }
  readonly signal: AbortSignal
  /**
   * Prepares trial number `trial`; the same number always gets the same random numbers.
   *
   * @param keepsClient whether the server under trial has the client of an earlier start.
   */
  beginTrial(trial: number, keepsClient: boolean): Promise<TrialSetting>
  /** Deletes the clients of the trial. */
  endTrial(): Promise<void>
  /** Deletes what is left. Idempotent. */
  close(): Promise<void>
}

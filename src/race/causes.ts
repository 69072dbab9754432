import type { Delay } from '../nextcloud/embedded/consistency.js'
import type { Faults } from '../nextcloud/embedded/faults.js'
import type { EmbeddedOptions } from '../nextcloud/embedded/options.js'
import type { WaitClock } from '../oauth/propagation.js'
import type { RegisteredClient } from '../oauth/registration.js'
import type { Cause } from './model.js'
import type { SharedClientFile } from './world.js'

/** What others do meanwhile: a task of the trial's clock. */
type Companion = () => Promise<void>

/** What causes can do to the Nextcloud of a trial. */
export interface CauseInside {
  readonly clock: WaitClock
  readonly numbers: () => number
  readonly faults: Pick<Faults, 'inject' | 'lift'>
  /** Somebody else registers; `undefined` when it is refused. `stays`: the client outlives the trial. */
  readonly registerOther: (life?: 'stays') => Promise<RegisteredClient | undefined>
  readonly clientsThatStay: () => number
  /** A call of the registration endpoint that counts for its limit and leaves no client. */
  readonly callRegistration: () => Promise<void>
}

/** A cause as the embedded Nextcloud plays it. */
export interface CauseDefinition {
  /** In a few words. */
  readonly summary: string
  /** Whether `--lag` says how bad it is. */
  readonly usesLag?: true
  embedded?(lag: Delay): Partial<EmbeddedOptions>
  /** How long each request takes, in place of the usual. */
  answerTime?(lag: Delay): Delay
  /** How long the server runs before somebody authorizes, ms. */
  readonly idleMs?: number
  /** What has happened just before the trial. */
  prepare?(inside: CauseInside): Promise<void>
  companions?(inside: CauseInside, file: SharedClientFile): readonly Companion[]
  readonly sharesFile?: true
  /** Sessions that start together at least, the measured one included. */
  readonly sessions?: number
}

/** Nextcloud's limit for anonymous registrations in a minute. */
const CALLS_PER_MINUTE = 10
const MINUTE_MS = 60_000
/** The oidc app's cap on MariaDB. */
const CLIENT_CAP = 100
/** The oidc app's default life of a dynamic client, and a bit. */
const CLIENT_LIFE_MS = 3_600_000 + 10_000
/** Sessions of a server that registers for each; more than the limit of a minute lets through. */
const STORM_SESSIONS = 15
/** Within this time after the first, all sessions of a storm, and the second process of a shared file, have started. */
const STARTS_WITHIN_MS = 1_000
const RESTART_MS = 3_000
/** Of log-normal answer times; with a median of 2 s, one request in nine takes more than 5 s. */
const SLOW_SIGMA = 0.75

/** How each cause is set up, alone. */
export const CAUSE_DEFINITIONS: Readonly<Record<Cause, CauseDefinition>> = {
  none: { summary: 'nothing is wrong' },
  'replica-lag': {
    summary: 'reads come from a database replica that is behind; authorize reads the primary',
    usesLag: true,
    embedded: (lag) => ({ lag: { replica: lag } }),
  },
  'client-lag': {
    summary: 'a fresh client is seen late by every read',
    usesLag: true,
    embedded: (lag) => ({ lag: { client: lag } }),
  },
  'redirect-uri-lag': {
    summary: 'the redirect URIs of a fresh client are seen late',
    usesLag: true,
    embedded: (lag) => ({ lag: { redirectUri: lag } }),
  },
  'code-lag': {
    summary: 'a fresh authorization code is seen late',
    usesLag: true,
    embedded: (lag) => ({ lag: { code: lag } }),
  },
  'token-lag': {
    summary: 'a fresh access token is seen late',
    usesLag: true,
    embedded: (lag) => ({ lag: { token: lag } }),
  },
  'session-lag': {
    summary: 'a fresh login session is seen late',
    usesLag: true,
    embedded: (lag) => ({ lag: { session: lag } }),
  },
  'registration-limit': {
    summary: 'ten registrations came from this address within the last minute',
    embedded: () => ({ rateLimit: true }),
    async prepare({ clock, numbers, callRegistration }) {
      const times = Array.from({ length: CALLS_PER_MINUTE }, () => numbers() * MINUTE_MS).toSorted(
        (first, second) => first - second,
      )
      const beganAtMs = clock.nowMs()
      for (const atMs of times) {
        await clock.sleep(beganAtMs + atMs - clock.nowMs())
        await callRegistration()
      }
      await clock.sleep(beganAtMs + MINUTE_MS - clock.nowMs())
    },
  },
  'client-cap': {
    summary: `${CLIENT_CAP} dynamic clients exist, as many as the oidc app allows`,
    embedded: () => ({ maxDynamicClients: CLIENT_CAP }),
    async prepare(inside) {
      while (inside.clientsThatStay() < CLIENT_CAP - 1) await inside.registerOther('stays')
      // Refused where the server itself has the last place, from an earlier start.
      await inside.registerOther()
    },
  },
  'client-expiry': {
    summary: 'somebody authorizes after the end of the client (an hour after its registration)',
    idleMs: CLIENT_LIFE_MS,
    embedded: () => ({ oidcConfig: { client_expire_time: '3600' } }),
  },
  'registration-storm': {
    summary: `${STORM_SESSIONS} sessions of a server that registers for each start within a second`,
    embedded: () => ({ rateLimit: true }),
    sessions: STORM_SESSIONS,
  },
  'shared-client-file': {
    summary: 'two processes share a client file, register both, and each reads the file for each request',
    sharesFile: true,
    companions: ({ clock, numbers, registerOther }, file) => [
      async () => {
        await clock.sleep(numbers() * STARTS_WITHIN_MS)
        const client = await registerOther()
        if (client !== undefined) file.client = client
      },
    ],
  },
  'slow-nextcloud': {
    summary: 'requests take long, log-normally; the server gives up on one after 5 s',
    usesLag: true,
    answerTime: (lag) =>
      typeof lag === 'number' ? { kind: 'log-normal', medianMs: lag, sigma: SLOW_SIGMA } : lag,
  },
  'restarting-nextcloud': {
    summary: `a Nextcloud behind a proxy restarts (502 for ${RESTART_MS / 1_000} s) within a second after the start`,
    companions: ({ clock, numbers, faults }) => [
      async () => {
        await clock.sleep(numbers() * STARTS_WITHIN_MS)
        const { id } = faults.inject({ scope: 'all', kind: 'status-502-html' })
        await clock.sleep(RESTART_MS)
        faults.lift(id)
      },
    ],
  },
}

/** When a companion of a storm starts, ms after the beginning of a trial. */
export function storming(numbers: () => number): number {
  return numbers() * STARTS_WITHIN_MS
}

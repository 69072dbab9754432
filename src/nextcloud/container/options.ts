import { randomBytes } from 'node:crypto'
import { UsageError, quoteUntrusted } from '../../errors.js'
import type { NextcloudUser } from '../nextcloud.js'

export const NEXTCLOUD_VERSIONS = ['31', '32', '33', '34'] as const
export type NextcloudVersion = (typeof NEXTCLOUD_VERSIONS)[number]

export const DATABASES = ['sqlite', 'mariadb', 'postgres'] as const
export type Database = (typeof DATABASES)[number]

/** An app to install: the newest of the app store that fits, or this version of it, or this archive. */
export interface AppSpec {
  readonly id: string
  readonly version?: string
  /** Path of a `.tar.gz` with one folder, named as the app. */
  readonly archive?: string
}

export interface ContainerOptions {
  /** Major version of the pinned official image. Default 32. */
  readonly version?: NextcloudVersion
  /** Any image that follows the official one's conventions, instead of `version`. */
  readonly image?: string
  /** Default sqlite. The others come with Redis. */
  readonly database?: Database
  /** Default: pinned in docker/nextcloud/Dockerfile. */
  readonly databaseImage?: string
  readonly redisImage?: string
  /**
   * A second MariaDB that follows the first one so many whole seconds behind; Nextcloud reads from it (`dbreplica`).
   * Needs `database: 'mariadb'`. The set-up is done without it. Default: none.
   */
  readonly replica?: { readonly delaySeconds: number }
  /** Over the default set, by id. */
  readonly apps?: readonly AppSpec[]
  /** Neither use nor make a snapshot. Default false. */
  readonly fresh?: boolean
  /** E.g. `/cloud`. Default: none. */
  readonly pathPrefix?: string
  /** Port on 127.0.0.1. Default: a free one. */
  readonly port?: number
  /** Default false, as test deployments do. */
  readonly rateLimit?: boolean
  /** Default false, as test deployments do. */
  readonly bruteForceProtection?: boolean
  /** `allow_user_settings`: whether the consent page is shown. Default true. */
  readonly consent?: boolean
  /** The one-line patch of user_oidc that lets bearer tokens pass CORS-marked routes. Default false. */
  readonly sessionFlagPatch?: boolean
  /** oidc app configuration, merged over a test deployment's. */
  readonly oidcConfig?: Readonly<Record<string, string>>
  /** Default: {@link defaultUsers}. `alice` and `bob` must be among them. */
  readonly users?: readonly NextcloudUser[]
  /** One line of progress. */
  readonly stage?: (text: string) => void
  readonly signal?: AbortSignal
  /** From the start of the container until it answers, ms. Default 300 000. */
  readonly startupTimeoutMs?: number
}

/** Apps that a run needs. */
export const DEFAULT_APPS = ['oidc', 'user_oidc', 'notes', 'calendar', 'contacts', 'tables', 'deck'] as const

/** App ids and versions are used in file names and shell words, so nothing else is let in. */
const APP = /^(?<id>[a-z][a-z0-9_]*)(?:@(?<version>[0-9][A-Za-z0-9.+-]*)|=(?<archive>.+))?$/

/**
 * Reads `oidc`, `oidc@1.9.0` or `oidc=./oidc.tar.gz`.
 *
 * @throws {UsageError} when it is none of these.
 */
export function parseAppSpec(text: string): AppSpec {
  const groups = APP.exec(text)?.groups
  if (groups === undefined) {
    throw new UsageError(
      'NCMC_USAGE',
      `--app must be <id>, <id>@<version> or <id>=<archive.tar.gz>, not ${quoteUntrusted(text, 80)}`,
    )
  }
  const { id = '', version, archive } = groups
  return { id, ...(version === undefined ? {} : { version }), ...(archive === undefined ? {} : { archive }) }
}

/** The default set with the user's choices over it, in the order they are installed. */
export function appsOf(options: Pick<ContainerOptions, 'apps'>): readonly AppSpec[] {
  const specs = new Map<string, AppSpec>(DEFAULT_APPS.map((id) => [id, { id }]))
  for (const spec of options.apps ?? []) specs.set(spec.id, spec)
  return [...specs.values()]
}

/**
 * alice, bob, and one whose id has a space and an `@`; fresh random passwords. A real Nextcloud allows no other
 * letters than a-z and A-Z in an id (`createUser` refuses `ü`), so that one has it in the display name.
 */
export function defaultUsers(): readonly NextcloudUser[] {
  return [
    user('alice', 'Alice', 'alice@example.org'),
    user('bob', 'Bob', 'bob@example.org'),
    user('zoe m@example.org', 'Zoë Müller', 'zoe@example.org'),
  ]
}

function user(userId: string, displayName: string, email: string): NextcloudUser {
  return { userId, displayName, email, password: newPassword() }
}

/** A password that passes any policy. */
export function newPassword(): string {
  return `Aa1-${randomBytes(18).toString('base64url')}`
}

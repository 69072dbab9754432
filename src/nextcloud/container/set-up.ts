import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, quoteUntrusted } from '../../errors.js'
import { packageFile } from '../../package-root.js'
import type { NextcloudUser } from '../nextcloud.js'
import { NEXTCLOUD_ALIAS, REPLICA_ALIAS } from './network.js'
import type { Occ } from './occ.js'
import { appsOf, type ContainerOptions } from './options.js'

const DOCKER_FOLDER = 'docker/nextcloud'
export const WRAPPER = '/ncmc/start.sh'
export const ADMIN_PASSWORD_FILE = '/ncmc/admin-password'
const PHP_FOLDER = '/ncmc/php'
const REPLICA_CONFIG = '/ncmc/replica.config.php'
const CONFIG_FOLDER = '/var/www/html/config'
const FIRST_REQUEST_TIMEOUT_MS = 60_000

export interface FileForContainer {
  readonly content: string
  readonly target: string
  readonly mode: number
}

/** Our entry point, hooks, patches and PHP settings, where the container expects them. */
export function setUpFiles(): FileForContainer[] {
  const script = (path: string, target: string): FileForContainer => ({
    content: readFileSync(packageFile(join(DOCKER_FOLDER, path)), 'utf8'),
    target,
    mode: 0o755,
  })
  const scriptsIn = (folder: string, target: string, ending = /\.sh$/): FileForContainer[] =>
    readdirSync(packageFile(join(DOCKER_FOLDER, folder)))
      .filter((name) => ending.test(name))
      .sort()
      .map((name) => script(join(folder, name), `${target}/${name}`))
  return [
    script('start.sh', WRAPPER),
    ...['post-installation', 'before-starting'].flatMap((stage) =>
      scriptsIn(`hooks/${stage}`, `/docker-entrypoint-hooks.d/${stage}`),
    ),
    script('replica.config.php', REPLICA_CONFIG),
    ...scriptsIn('patches', '/ncmc/patches'),
    ...scriptsIn('php', PHP_FOLDER, /\.(php|ini)$/),
  ]
}

/** Environment of the Nextcloud container besides the database's. No secret is in it. */
export function setUpEnvironment(options: ContainerOptions): Record<string, string> {
  return {
    NEXTCLOUD_ADMIN_USER: 'ncmc-admin',
    NEXTCLOUD_ADMIN_PASSWORD_FILE: ADMIN_PASSWORD_FILE,
    NEXTCLOUD_TRUSTED_DOMAINS: `localhost 127.0.0.1 ${NEXTCLOUD_ALIAS}`,
    NCMC_APPS: appsOf(options)
      .map(({ id }) => id)
      .join(' '),
    NCMC_SESSION_FLAG_PATCH: options.sessionFlagPatch === true ? '1' : '0',
    ...(options.replica === undefined ? {} : { NCMC_DATABASE_REPLICA: REPLICA_ALIAS }),
    // After PHP's own folder (the empty one), ours.
    ...((options.database ?? 'sqlite') === 'sqlite' ? { PHP_INI_SCAN_DIR: `:${PHP_FOLDER}` } : {}),
  }
}

/** What options and users ask for; becomes part of a snapshot. */
export async function applyOptions(
  occ: Occ,
  options: ContainerOptions,
  users: readonly NextcloudUser[],
  pathPrefix: string,
): Promise<void> {
  await occ.setSystemConfig('ratelimit.protection.enabled', options.rateLimit ?? false)
  await occ.setSystemConfig('auth.bruteforce.protection.enabled', options.bruteForceProtection ?? false)
  await occ.setSystemConfig('overwriteprotocol', 'http')
  if (pathPrefix !== '') await occ.setSystemConfig('overwritewebroot', pathPrefix)
  const oidcConfig = {
    allow_user_settings: options.consent === false ? 'no' : 'yes',
    ...options.oidcConfig,
  }
  for (const [key, value] of Object.entries(oidcConfig)) await occ.setAppConfig('oidc', key, value)
  for (const user of users) await occ.putUser(user)
}

/**
 * Makes everybody's first request, one after the other: it copies the example files and makes a calendar and an address
 * book, seconds for each person that starts from the snapshot save.
 *
 * @param baseUrl where the container answers.
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`.
 */
export async function makeFirstRequests(baseUrl: string, users: readonly NextcloudUser[]): Promise<void> {
  for (const { userId, password } of users) {
    const { status } = await fetch(`${baseUrl}/ocs/v2.php/cloud/user?format=json`, {
      headers: {
        'OCS-APIRequest': 'true',
        Authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`,
      },
      redirect: 'manual',
      signal: AbortSignal.timeout(FIRST_REQUEST_TIMEOUT_MS),
    })
    if (status !== 200) {
      throw new HarnessError(
        'NCMC_CONTAINER_FAILED',
        `the first request of ${userId} is answered with status ${status}`,
      )
    }
  }
}

/**
 * From now on Nextcloud reads from the replica. Its own file in the configuration folder says so: the password of the
 * database is in no argument.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`.
 */
export async function readFromReplica(container: StartedTestContainer): Promise<void> {
  const { exitCode, output } = await container.exec(['cp', REPLICA_CONFIG, CONFIG_FOLDER], {
    user: 'www-data',
  })
  if (exitCode !== 0) {
    throw new HarnessError(
      'NCMC_CONTAINER_FAILED',
      `Nextcloud could not be told of the replica: ${quoteUntrusted(output)}`,
    )
  }
}

/**
 * What is new at every start: the public name, which the mapped port is part of, so that issuer, redirects and links
 * are the same for a browser on this machine and for servers inside the network.
 */
export async function applyPublicUrl(occ: Occ, baseUrl: string): Promise<void> {
  // One after the other: each rewrites the same configuration file.
  await occ.setSystemConfig('overwritehost', new URL(baseUrl).host)
  await occ.setSystemConfig('overwrite.cli.url', baseUrl)
}

/** New passwords for the users of a snapshot. */
export async function renewPasswords(occ: Occ, users: readonly NextcloudUser[]): Promise<void> {
  await Promise.all(users.map(({ userId, password }) => occ.setUserPassword(userId, password)))
}

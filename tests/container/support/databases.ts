import { describeWith, IMAGE } from './engine.js'
import { docker, mustNow } from './docker.js'

export const DATABASE_IMAGES = {
  mariadb: 'ncmc-mariadb:test',
  postgres: 'ncmc-postgres:test',
  redis: 'ncmc-redis:test',
} as const
export type Kind = 'mariadb' | 'postgres'

/** `describe`, skipped where the images of the databases are not. */
export const describeOnDatabases = await describeWith(
  [IMAGE, ...Object.values(DATABASE_IMAGES)],
  'scripts/build-test-images.sh and scripts/build-test-database-images.sh',
)

/** Ids of containers that this process owns, of one role or of all; whatever their state. */
export function ownContainers(role?: 'nextcloud' | 'database' | 'replica' | 'redis'): string[] {
  return listOwn(
    '{{.ID}}',
    role === undefined ? 'label=nc-mcp-conformance.run' : `label=nc-mcp-conformance=${role}`,
  )
}

function listOwn(format: string, filter: string): string[] {
  const own = `label=nc-mcp-conformance.pid=${process.pid}`
  return words(mustNow('ps', '--all', '--no-trunc', '--filter', own, '--filter', filter, '--format', format))
}

function words(text: string): string[] {
  return text.split(/[\s,]+/).filter((word) => word !== '')
}

export function ownContainer(role: 'nextcloud' | 'database' | 'replica' | 'redis'): string {
  const [id, ...more] = ownContainers(role)
  if (id === undefined || more.length > 0)
    throw new Error(`${more.length + 1} containers of the role ${role}`)
  return id
}

/** Names of the volumes of all our containers: those without a name of their own have no label. */
export function ownVolumes(): string[] {
  return listOwn('{{.Mounts}}', 'label=nc-mcp-conformance.run')
}

/** What is on the engine of our containers and networks, and of these volumes. */
export function leftOf(volumes: readonly string[]): string[] {
  const own = `label=nc-mcp-conformance.pid=${process.pid}`
  const networks = words(mustNow('network', 'ls', '--quiet', '--filter', own))
  const known = words(mustNow('volume', 'ls', '--quiet'))
  return [...ownContainers(), ...networks, ...volumes.filter((name) => known.includes(name))]
}

/** The database as the Nextcloud container was told of it, and the password that it was given. */
export interface Credentials {
  readonly host: string
  readonly database: string
  readonly user: string
  readonly password: string
}

export function credentialsOf(kind: Kind): Credentials {
  const id = ownContainer('nextcloud')
  const entries = JSON.parse(mustNow('inspect', '--format', '{{json .Config.Env}}', id)) as string[]
  const env = Object.fromEntries(entries.map((entry) => entry.split(/=(.*)/s).slice(0, 2))) as Record<
    string,
    string
  >
  const value = (name: string): string => env[name] ?? ''
  const prefix = kind === 'mariadb' ? 'MYSQL' : 'POSTGRES'
  return {
    host: value(`${prefix}_HOST`),
    database: value(kind === 'mariadb' ? 'MYSQL_DATABASE' : 'POSTGRES_DB'),
    user: value(`${prefix}_USER`),
    password: mustNow('exec', id, 'cat', value(`${prefix}_PASSWORD_FILE`)),
  }
}

/** Options that put a client into the network of the Nextcloud container: its address, its names, no other way. */
function beside(): string[] {
  return [
    'run',
    '--rm',
    '--network',
    `container:${ownContainer('nextcloud')}`,
    '--label',
    'nc-mcp-conformance=test-client',
  ]
}

function client(kind: Kind, statement: string, { host, database, user, password }: Credentials): string[] {
  return kind === 'mariadb'
    ? [
        ...[
          ...beside(),
          '--env',
          `MYSQL_PWD=${password}`,
          '--entrypoint',
          'mariadb',
          DATABASE_IMAGES.mariadb,
        ],
        ...['--no-defaults', `--host=${host}`, `--user=${user}`, '--default-character-set=utf8mb4'],
        ...['--batch', '--skip-column-names', `--execute=${statement}`, database],
      ]
    : [
        ...[...beside(), '--env', `PGPASSWORD=${password}`, '--entrypoint', 'psql', DATABASE_IMAGES.postgres],
        ...[
          `--host=${host}`,
          `--username=${user}`,
          `--dbname=${database}`,
          '--no-password',
          '--no-psqlrc',
          '--quiet',
        ],
        ...['--tuples-only', '--no-align', '--field-separator=\t', `--command=${statement}`],
      ]
}

/**
 * Runs a statement as Nextcloud: from its network, with the host, user and password that it has. Rows in lines, columns
 * between tabs. Nothing else of this process runs meanwhile.
 */
export function asNextcloud(kind: Kind, statement: string): string {
  return mustNow(...client(kind, statement, credentialsOf(kind)))
}

/** The same with another password. */
export function withPassword(kind: Kind, password: string): Promise<{ code: number; text: string }> {
  return docker(...client(kind, 'SELECT 1', { ...credentialsOf(kind), password }))
}

/** Runs a command of Redis from the network of the Nextcloud container. */
export function redis(host: string, ...command: string[]): string {
  return mustNow(...beside(), '--entrypoint', 'redis-cli', DATABASE_IMAGES.redis, '-h', host, ...command)
}

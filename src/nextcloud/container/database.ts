import type { StartedTestContainer } from 'testcontainers'
import { HarnessError } from '../../errors.js'
import { LoopbackContainer } from './loopback-container.js'
import { DATABASE_ALIAS, REDIS_ALIAS } from './network.js'
import { newPassword, type Database } from './options.js'
import { ownLabels } from './owner.js'
import { poll } from './polling.js'

const NAME = 'nextcloud'
const PASSWORD_FILE = '/ncmc/database-password'
const READY_TIMEOUT_MS = 120_000

interface Kind {
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
  readonly ready: readonly string[]
  /** What the Nextcloud image must be told. */
  readonly nextcloud: Readonly<Record<string, string>>
}

/**
 * The data folders lie outside of the images' volumes, so that a commit of the container holds them: it is paused
 * meanwhile, and both databases recover from what a power cut would leave.
 */
const KINDS: Readonly<Record<Exclude<Database, 'sqlite'>, Kind>> = {
  mariadb: {
    environment: {
      MARIADB_DATABASE: NAME,
      MARIADB_USER: NAME,
      MARIADB_PASSWORD_FILE: PASSWORD_FILE,
      MARIADB_RANDOM_ROOT_PASSWORD: '1',
    },
    command: ['--datadir=/ncmc/mariadb', '--transaction-isolation=READ-COMMITTED', '--binlog-format=ROW'],
    // Only the real server listens on TCP: the one that initialises the data does not.
    ready: ['mariadb-admin', 'ping', '--protocol=tcp', '--host=127.0.0.1'],
    nextcloud: {
      MYSQL_HOST: DATABASE_ALIAS,
      MYSQL_DATABASE: NAME,
      MYSQL_USER: NAME,
      MYSQL_PASSWORD_FILE: PASSWORD_FILE,
    },
  },
  postgres: {
    environment: {
      POSTGRES_DB: NAME,
      POSTGRES_USER: NAME,
      POSTGRES_PASSWORD_FILE: PASSWORD_FILE,
      PGDATA: '/ncmc/postgres',
    },
    command: [],
    ready: ['pg_isready', '--host=127.0.0.1', `--username=${NAME}`],
    nextcloud: {
      POSTGRES_HOST: DATABASE_ALIAS,
      POSTGRES_DB: NAME,
      POSTGRES_USER: NAME,
      POSTGRES_PASSWORD_FILE: PASSWORD_FILE,
    },
  },
}

export interface StartedDatabase {
  readonly container: StartedTestContainer
  /** For the Nextcloud container. */
  readonly environment: Readonly<Record<string, string>>
  readonly files: readonly { readonly content: string; readonly target: string; readonly mode: number }[]
}

export interface DatabaseInput {
  readonly kind: Exclude<Database, 'sqlite'>
  readonly image: string
  readonly redisImage: string
  readonly networkName: string
  readonly run: string
  readonly signal?: AbortSignal
}

/**
 * Starts the database, and Redis beside it, and waits until the database takes connections. No port is published. Its
 * password is made at the first start and stays in the snapshot: it opens nothing outside of the run's network.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`.
 */
export async function startDatabase(input: DatabaseInput): Promise<StartedDatabase> {
  const { environment, command, ready, nextcloud } = KINDS[input.kind]
  const files = [{ content: newPassword(), target: PASSWORD_FILE, mode: 0o444 }]
  const database = new LoopbackContainer(input.image)
    .withLabels(ownLabels('database', input.run))
    .withNetworkMode(input.networkName)
    .withNetworkAliases(DATABASE_ALIAS)
    .withEnvironment({ ...environment })
    .withCopyContentToContainer([...files])
  if (command.length > 0) database.withCommand([...command])
  const container = await database.start()
  await new LoopbackContainer(input.redisImage)
    .withLabels(ownLabels('redis', input.run))
    .withNetworkMode(input.networkName)
    .withNetworkAliases(REDIS_ALIAS)
    .start()
  const isReady = await poll(
    async () => ((await container.exec([...ready])).exitCode === 0 ? true : undefined),
    { timeoutMs: READY_TIMEOUT_MS, ...(input.signal === undefined ? {} : { signal: input.signal }) },
  )
  if (isReady === undefined) {
    throw new HarnessError('NCMC_CONTAINER_FAILED', `${input.kind} did not become ready in time`)
  }
  return { container, files, environment: { ...nextcloud, REDIS_HOST: REDIS_ALIAS } }
}

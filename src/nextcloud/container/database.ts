import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, quoteUntrusted } from '../../errors.js'
import type { Engine } from './engine.js'
import { outputOf } from './logs.js'
import { LoopbackContainer } from './loopback-container.js'
import { DATABASE_ALIAS, REDIS_ALIAS } from './network.js'
import { newPassword, type Database } from './options.js'
import { ownLabels, type Role } from './owner.js'
import { poll } from './polling.js'
import type { FileForContainer } from './set-up.js'

export const DATABASE_NAME = 'nextcloud'
export const PASSWORD_FILE = '/ncmc/database-password'
export const ROOT_PASSWORD_FILE = '/ncmc/database-root-password'
const READY_TIMEOUT_MS = 120_000
/** Exit codes of a program that the container does not have, or cannot run. */
const NO_PROGRAM: readonly (number | undefined)[] = [126, 127]

interface Kind {
  readonly environment: Readonly<Record<string, string>>
  readonly command: readonly string[]
  /** Ends with 0 as soon as the server takes connections from the network; the one that initialises takes none. */
  readonly ready: readonly string[]
  /** What the Nextcloud image must be told. */
  readonly nextcloud: Readonly<Record<string, string>>
}

/**
 * The data folders lie outside of the images' volumes, so that a commit of the container holds them: it is paused
 * meanwhile, and both databases recover from what a crash of theirs would leave.
 */
const KINDS: Readonly<Record<Exclude<Database, 'sqlite'>, Kind>> = {
  mariadb: {
    environment: {
      MARIADB_DATABASE: DATABASE_NAME,
      MARIADB_USER: DATABASE_NAME,
      MARIADB_PASSWORD_FILE: PASSWORD_FILE,
      // A random one would be printed.
      MARIADB_ROOT_PASSWORD_FILE: ROOT_PASSWORD_FILE,
      MARIADB_ROOT_HOST: 'localhost',
      // Seconds of the first start, for what Nextcloud never asks.
      MARIADB_INITDB_SKIP_TZINFO: '1',
    },
    command: [
      '--datadir=/ncmc/mariadb',
      // What Nextcloud's manual asks for: isolation, binary log, and characters of four bytes.
      '--transaction-isolation=READ-COMMITTED',
      '--binlog-format=ROW',
      '--character-set-server=utf8mb4',
      '--collation-server=utf8mb4_bin',
      // Part of every snapshot; the default is six times as much.
      '--innodb-log-file-size=16M',
      // To the system at once, to the disk once a second: a snapshot needs no more.
      '--innodb-flush-log-at-trx-commit=2',
    ],
    // The image's own account and no TLS: mariadb-admin of 11.4 and later may refuse the server's own certificate.
    ready: [
      'healthcheck.sh',
      '--defaults-extra-file=/ncmc/mariadb/.my-healthcheck.cnf',
      '--connect',
      '--innodb_initialized',
    ],
    nextcloud: {
      MYSQL_HOST: DATABASE_ALIAS,
      MYSQL_DATABASE: DATABASE_NAME,
      MYSQL_USER: DATABASE_NAME,
      MYSQL_PASSWORD_FILE: PASSWORD_FILE,
    },
  },
  postgres: {
    environment: {
      POSTGRES_DB: DATABASE_NAME,
      POSTGRES_USER: DATABASE_NAME,
      POSTGRES_PASSWORD_FILE: PASSWORD_FILE,
      PGDATA: '/ncmc/postgres',
      POSTGRES_INITDB_ARGS: '--no-sync',
    },
    // Written to the system, never waited for on the disk: a snapshot needs no more.
    command: ['-c', 'fsync=off'],
    ready: ['pg_isready', '--host=127.0.0.1', `--username=${DATABASE_NAME}`],
    nextcloud: {
      POSTGRES_HOST: DATABASE_ALIAS,
      POSTGRES_DB: DATABASE_NAME,
      POSTGRES_USER: DATABASE_NAME,
      POSTGRES_PASSWORD_FILE: PASSWORD_FILE,
    },
  },
}

/** Relative to the data folder, and so part of a snapshot; it is never cut: a replica starts from its beginning. */
const BINARY_LOG = ['--log-bin=binlog', '--server-id=1']

export interface StartedDatabase {
  readonly container: StartedTestContainer
  /** For the Nextcloud container. */
  readonly environment: Readonly<Record<string, string>>
  /** For the Nextcloud container; none for one from a snapshot, which has them. */
  readonly files: readonly FileForContainer[]
}

export interface DatabaseInput {
  readonly engine: Engine
  readonly kind: Exclude<Database, 'sqlite'>
  readonly image: string
  /** Whether the image holds data and the password that opens them. */
  readonly isSnapshot: boolean
  readonly redisImage: string
  /** Whether a replica may follow it: it keeps a log of all that was ever written. MariaDB only. Default false. */
  readonly binaryLog?: boolean
  readonly networkName: string
  readonly run: string
  readonly signal?: AbortSignal
}

/** Where a container of a start belongs to. */
export type Place = Pick<DatabaseInput, 'engine' | 'networkName' | 'run' | 'signal'>

/**
 * Starts the database, and Redis beside it, and waits until both take connections. No port is published. The password
 * of the database is made at the first start and stays in the snapshot: it opens nothing outside of the run's network.
 *
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`, with the last lines of output.
 */
export async function startDatabase(input: DatabaseInput): Promise<StartedDatabase> {
  const { environment, command, ready, nextcloud } = KINDS[input.kind]
  const files = input.isSnapshot ? [] : [passwordFile(PASSWORD_FILE)]
  const database = defineDatabase(input, input.image, 'database', DATABASE_ALIAS)
    .withEnvironment({ ...environment })
    .withCopyContentToContainer(input.isSnapshot ? [] : [...files, passwordFile(ROOT_PASSWORD_FILE)])
    .withCommand([...command, ...(input.binaryLog === true ? BINARY_LOG : [])])
  // One after the other, so that nothing is being made when the other one fails and all is removed.
  const redis = await defineDatabase(input, input.redisImage, 'redis', REDIS_ALIAS).start()
  const container = await database.start()
  await untilReady(input, input.kind, container, ready)
  await untilReady(input, 'Redis', redis, ['redis-cli', 'ping'])
  return { container, files, environment: { ...nextcloud, REDIS_HOST: REDIS_ALIAS } }
}

/**
 * Starts an empty MariaDB like the one of Nextcloud, with root as its only account and nothing of it in a snapshot, and
 * waits until it takes connections.
 *
 * @param options of mariadbd, besides the common ones.
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`, with the last lines of output.
 */
export async function startEmptyMariadb(
  place: Place,
  image: string,
  {
    role,
    alias,
    options,
  }: { readonly role: Role; readonly alias: string; readonly options: readonly string[] },
): Promise<StartedTestContainer> {
  const { environment, command, ready } = KINDS.mariadb
  const own = Object.entries(environment).filter(
    ([name]) => !['MARIADB_DATABASE', 'MARIADB_USER', 'MARIADB_PASSWORD_FILE'].includes(name),
  )
  const container = await defineDatabase(place, image, role, alias)
    .withEnvironment(Object.fromEntries(own))
    .withCopyContentToContainer([passwordFile(ROOT_PASSWORD_FILE)])
    .withCommand([...command, ...options])
    .start()
  await untilReady(place, `the ${role}`, container, ready)
  return container
}

function passwordFile(target: string): FileForContainer {
  return { content: newPassword(), target, mode: 0o444 }
}

function defineDatabase(place: Place, image: string, role: Role, alias: string): LoopbackContainer {
  return new LoopbackContainer(image)
    .withLabels(ownLabels(role, place.run))
    .withNetworkMode(place.networkName)
    .withNetworkAliases(alias)
}

async function untilReady(
  { engine, signal }: Place,
  name: string,
  container: StartedTestContainer,
  ready: readonly string[],
): Promise<void> {
  const fail = async (what: string): Promise<never> => {
    const output = (await outputOf(engine, container.getId(), 40).catch(() => '')).trim().slice(-1_500)
    throw new HarnessError(
      'NCMC_CONTAINER_FAILED',
      `${name} ${what}. Its last output: ${quoteUntrusted(output, 1_600)}`,
      { details: { output } },
    )
  }
  const isReady = await poll(
    async () => {
      const { State } = await engine.getContainer(container.getId()).inspect()
      if (!State.Running) return fail(`ended with ${State.ExitCode}`)
      // It may end in between, which the next look finds.
      const answer = await container.exec([...ready]).catch(() => undefined)
      if (NO_PROGRAM.includes(answer?.exitCode)) return fail(`has no ${ready[0]}: it is another image`)
      return answer?.exitCode === 0 ? true : undefined
    },
    { timeoutMs: READY_TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) },
  )
  if (isReady === undefined) await fail('did not become ready in time')
}

import type { StartedTestContainer } from 'testcontainers'
import { HarnessError, UsageError, quoteUntrusted } from '../../errors.js'
import {
  DATABASE_NAME,
  PASSWORD_FILE,
  ROOT_PASSWORD_FILE,
  startEmptyMariadb,
  type Place,
} from './database.js'
import { DATABASE_ALIAS, REPLICA_ALIAS } from './network.js'
import { newPassword, type ContainerOptions } from './options.js'
import { LABEL, RUN_LABEL } from './owner.js'
import { poll } from './polling.js'
import { removeOurs } from './removal.js'

const ACCOUNT = 'replication'
const TIMEOUT_MS = 120_000
/** How long the server itself waits for a position before it is asked again, so that an abort is noticed. */
const POSITION_WAIT_SECONDS = 1
/** 68 years: what MariaDB takes. */
const MAX_DELAY_SECONDS = 2_147_483_647

/** A MariaDB that follows another one at a distance, and what Nextcloud's `dbreplica` needs to know of it. */
export interface DatabaseReplica {
  readonly connection: {
    /** In the network of the start. */
    readonly host: string
    readonly database: string
    readonly user: string
    /** Where the Nextcloud container has the password: the primary's, which is replicated. */
    readonly passwordFile: string
  }
  /**
   * Sets how far behind it is, in whole seconds. What it already has stays; what it does not have yet comes when it is
   * that old. MariaDB counts from the second in which something was written, so up to a second less may pass.
   *
   * @throws {UsageError} when it is no whole number of seconds.
   * @throws {HarnessError} `NCMC_CONTAINER_FAILED`.
   */
  setDelay(seconds: number): Promise<void>
  /**
   * Waits until it has all that the primary has now: as long as the delay at least.
   *
   * @throws {HarnessError} `NCMC_CONTAINER_FAILED` when that takes 120 s longer than the delay.
   */
  untilCaughtUp(): Promise<void>
  /** Removes it. Nextcloud cannot read then. */
  stop(): Promise<void>
}

export interface ReplicaInput extends Place {
  /** Of the same MariaDB as the primary's. */
  readonly image: string
  /** Started with `binaryLog`; from a snapshot or not: all that was ever written is in its log. */
  readonly primary: StartedTestContainer
  readonly delaySeconds: number
}

/**
 * Refuses a replica that cannot be.
 *
 * @throws {UsageError} without MariaDB, or with a delay that is no whole number of seconds.
 */
export function checkReplicaOptions({ replica, database }: ContainerOptions): void {
  if (replica === undefined) return
  if (database !== 'mariadb')
    throw new UsageError(
      'NCMC_USAGE',
      'a read replica needs --database mariadb: no other database has one here',
    )
  checkDelay(replica.delaySeconds)
}

function checkDelay(seconds: number): void {
  if (!Number.isInteger(seconds) || seconds < 0 || seconds > MAX_DELAY_SECONDS)
    throw new UsageError(
      'NCMC_USAGE',
      `the delay of a replica must be a whole number of seconds, 0 or more, not ${seconds}`,
    )
}

/**
 * Starts a replica in the network of the primary, lets it read the whole log, waits until it has caught up, and then
 * sets the delay. No port is published. It is removed with the rest of its start.
 *
 * @throws {UsageError} for a delay that is none.
 * @throws {HarnessError} `NCMC_CONTAINER_FAILED`, with what the database said.
 */
export async function startReplica(input: ReplicaInput): Promise<DatabaseReplica> {
  const { engine, run, primary } = input
  checkDelay(input.delaySeconds)
  const container = await startEmptyMariadb(input, input.image, {
    role: 'replica',
    alias: REPLICA_ALIAS,
    options: ['--server-id=2', '--read-only', '--relay-log=relay-log'],
  })
  let delaySeconds = 0

  const change = async (setting: string): Promise<void> => {
    await asRoot(container, `STOP SLAVE; CHANGE MASTER TO ${setting}; START SLAVE;`)
    await untilRunning(container, input.signal)
  }
  const setDelay: DatabaseReplica['setDelay'] = async (seconds) => {
    checkDelay(seconds)
    await change(`MASTER_DELAY = ${seconds}`)
    delaySeconds = seconds
  }
  const untilCaughtUp: DatabaseReplica['untilCaughtUp'] = async () => {
    const position = (await asRoot(primary, 'SELECT @@gtid_binlog_pos;')).trim()
    const caughtUp = await poll(
      async () => {
        throwIfBroken(await statusOf(container))
        const wait = `SELECT MASTER_GTID_WAIT('${position}', ${POSITION_WAIT_SECONDS});`
        return (await asRoot(container, wait)).trim() === '0' ? true : undefined
      },
      { timeoutMs: TIMEOUT_MS + delaySeconds * 1_000, ...signalOf(input) },
    )
    if (caughtUp === undefined)
      throw failure('the replica did not catch up in time', await statusOf(container))
  }

  const password = newPassword()
  // Not in the log: the replica of a later start has another password.
  await asRoot(
    primary,
    `SET SESSION sql_log_bin = 0; CREATE OR REPLACE USER ${ACCOUNT}@'%' IDENTIFIED BY '${password}';
    GRANT REPLICATION SLAVE ON *.* TO ${ACCOUNT}@'%';`,
  )
  // From the beginning of the log. The network is the run's own: no TLS, which newer servers would ask for.
  await change(
    `MASTER_HOST = '${DATABASE_ALIAS}', MASTER_USER = '${ACCOUNT}', MASTER_PASSWORD = '${password}',
    MASTER_USE_GTID = slave_pos, MASTER_CONNECT_RETRY = 1, MASTER_SSL = 0, MASTER_SSL_VERIFY_SERVER_CERT = 0`,
  )
  await untilCaughtUp()
  if (input.delaySeconds > 0) await setDelay(input.delaySeconds)
  return {
    connection: {
      host: REPLICA_ALIAS,
      database: DATABASE_NAME,
      user: DATABASE_NAME,
      passwordFile: PASSWORD_FILE,
    },
    setDelay,
    untilCaughtUp,
    stop: async () => {
      await removeOurs(engine, (labels) => labels[RUN_LABEL] === run && labels[LABEL] === 'replica')
    },
  }
}

function signalOf({ signal }: Place): { readonly signal?: AbortSignal } {
  return signal === undefined ? {} : { signal }
}

/** Runs statements over the socket; they travel in the environment, because an argument is seen by everybody. */
async function asRoot(
  container: StartedTestContainer,
  statements: string,
  format: '--skip-column-names' | '--vertical' = '--skip-column-names',
): Promise<string> {
  const script = `printf %s "$NCMC_SQL" | MYSQL_PWD=$(cat ${ROOT_PASSWORD_FILE}) mariadb --user=root --batch ${format}`
  const { exitCode, stdout, output } = await container.exec(['sh', '-c', script], {
    env: { NCMC_SQL: statements },
  })
  if (exitCode !== 0)
    throw new HarnessError(
      'NCMC_CONTAINER_FAILED',
      `the database refused: ${quoteUntrusted(withoutSecrets(output.trim()))}`,
    )
  return stdout
}

/** The server quotes the statement that it does not understand. */
function withoutSecrets(output: string): string {
  return output.replaceAll(/(IDENTIFIED BY|MASTER_PASSWORD =) '[^']*'?/g, "$1 '…'")
}

type Status = ReadonlyMap<string, string>

async function statusOf(container: StartedTestContainer): Promise<Status> {
  const lines = (await asRoot(container, 'SHOW SLAVE STATUS;', '--vertical')).split('\n')
  return new Map(
    lines.flatMap((line) => {
      const match = /^\s*(\w+): ?(.*)$/.exec(line)
      return match === null ? [] : [[match[1] ?? '', match[2] ?? ''] as const]
    }),
  )
}

async function untilRunning(container: StartedTestContainer, signal: AbortSignal | undefined): Promise<void> {
  const running = await poll(
    async () => {
      const status = await statusOf(container)
      throwIfBroken(status)
      const threads = ['Slave_IO_Running', 'Slave_SQL_Running'].map((name) => status.get(name))
      return threads.every((state) => state === 'Yes') ? true : undefined
    },
    { timeoutMs: TIMEOUT_MS, ...(signal === undefined ? {} : { signal }) },
  )
  if (running === undefined) throw failure('replication does not run', await statusOf(container))
}

/** What was written cannot be repeated: that does not pass. Whether the primary is reached may. */
function throwIfBroken(status: Status): void {
  if ((status.get('Last_SQL_Errno') ?? '0') !== '0') throw failure('replication broke', status)
}

function failure(what: string, status: Status): HarnessError {
  const said = [status.get('Last_IO_Error'), status.get('Last_SQL_Error')].filter(Boolean).join('; ')
  return new HarnessError(
    'NCMC_CONTAINER_FAILED',
    `${what}. The database says: ${quoteUntrusted(said === '' ? 'nothing' : said)}`,
  )
}

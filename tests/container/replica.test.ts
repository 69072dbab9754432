import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startDatabase, type StartedDatabase } from '../../src/nextcloud/container/database.js'
import { connectEngine, type Engine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'
import { createRunNetwork, DATABASE_ALIAS } from '../../src/nextcloud/container/network.js'
import type { ContainerOptions } from '../../src/nextcloud/container/options.js'
import { RUN_LABEL } from '../../src/nextcloud/container/owner.js'
import { removeOurs } from '../../src/nextcloud/container/removal.js'
import { startReplica, type DatabaseReplica } from '../../src/nextcloud/container/replica.js'
import {
  credentialsOf,
  DATABASE_IMAGES,
  describeOnDatabases,
  leftOf,
  ownContainer,
  ownContainers,
  ownVolumes,
} from './support/databases.js'
import { docker, must, mustNow } from './support/docker.js'
import { IMAGE } from './support/engine.js'
import { whoAmI } from './support/requests.js'

/** Longer than any test takes. */
const NEVER_SECONDS = 3_600

/** Runs a statement as Nextcloud would, over the network. */
function ask(host: string, password: string, statement: string): Promise<{ code: number; text: string }> {
  const client = ['mariadb', '--no-defaults', `--host=${host}`, '--user=nextcloud', '--skip-ssl']
  return docker(
    ...['exec', '--env', `MYSQL_PWD=${password}`, ownContainer('database'), ...client],
    ...['--batch', '--skip-column-names', `--execute=${statement}`, 'nextcloud'],
  )
}

describeOnDatabases('a MariaDB that follows another one', () => {
  const run = randomBytes(6).toString('hex')
  let engine: Engine
  let primary: StartedDatabase
  let replica: DatabaseReplica
  let password: string

  /** Rows in lines, from the primary or the replica. */
  const on = async (host: string, statement: string): Promise<string> => {
    const { code, text } = await ask(host, password, statement)
    expect(text === '' || code === 0 ? '' : text).toBe('')
    return text
  }
  const onPrimary = (statement: string): Promise<string> => on(DATABASE_ALIAS, statement)
  const onReplica = (statement: string): Promise<string> => on(replica.connection.host, statement)
  const marks = (): Promise<string> => onReplica('SELECT name FROM marks ORDER BY name')

  beforeAll(async () => {
    engine = await connectEngine()
    const place = { engine, run, networkName: await createRunNetwork(engine, run) }
    primary = await startDatabase({
      ...place,
      kind: 'mariadb',
      image: DATABASE_IMAGES.mariadb,
      redisImage: DATABASE_IMAGES.redis,
      isSnapshot: false,
      binaryLog: true,
    })
    password = primary.files[0]!.content
    // Older than the replica.
    await onPrimary(
      "CREATE TABLE marks (name VARCHAR(20), at DATETIME(6)); INSERT INTO marks VALUES ('1 before', NOW(6))",
    )
    replica = await startReplica({
      ...place,
      image: DATABASE_IMAGES.mariadb,
      primary: primary.container,
      delaySeconds: NEVER_SECONDS,
    })
  })
  afterAll(async () => {
    await removeOurs(engine, (labels) => labels[RUN_LABEL] === run)
    expect(leftOf([])).toEqual([])
  })

  it('has what was written before it was started, whatever its delay', async () => {
    expect(await marks()).toBe('1 before')
  })

  it('lets Nextcloud in by the account of the primary, to read and not to write', async () => {
    expect(replica.connection).toEqual({
      host: 'database-replica',
      database: 'nextcloud',
      user: 'nextcloud',
      passwordFile: '/ncmc/database-password',
    })
    expect(await ask(replica.connection.host, `${password}x`, 'SELECT 1')).toMatchObject({ code: 1 })
    const written = await ask(
      replica.connection.host,
      password,
      "INSERT INTO marks VALUES ('astray', NOW(6))",
    )
    expect(written.text).toContain('--read-only')
  })

  it('does not have what was written within the delay, and has it when the delay is gone', async () => {
    await onPrimary("INSERT INTO marks VALUES ('2 within', NOW(6))")
    expect(await onPrimary('SELECT COUNT(*) FROM marks')).toBe('2')
    // Received and put off, so that it is not merely slow.
    await expect.poll(() => statusOf('SQL_Remaining_Delay'), { timeout: 30_000 }).toMatch(/^\d+$/)
    expect(await marks()).toBe('1 before')
    await replica.setDelay(0)
    await replica.untilCaughtUp()
    expect(await marks()).toBe('1 before\n2 within')
  })

  it('has what was written as soon as it is as old as the delay, and no sooner', async () => {
    const seconds = 3
    await replica.setDelay(seconds)
    const writtenAt = Number(
      await onPrimary(
        "INSERT INTO marks VALUES ('3 later', NOW(6)); SELECT UNIX_TIMESTAMP(at) FROM marks WHERE name = '3 later'",
      ),
    )
    await expect
      .poll(() => onReplica("SELECT COUNT(*) FROM marks WHERE name = '3 later'"), {
        timeout: 30_000,
        interval: 50,
      })
      .toBe('1')
    const seenAt = Number(await onReplica('SELECT UNIX_TIMESTAMP(NOW(6))'))
    // It counts from the second of the write.
    expect(seenAt).toBeGreaterThanOrEqual(Math.floor(writtenAt) + seconds)
  })

  it('waits for everything that was written until it caught up, the delay included', async () => {
    await replica.setDelay(2)
    await onPrimary("INSERT INTO marks VALUES ('4 awaited', NOW(6))")
    await replica.untilCaughtUp()
    expect(await marks()).toContain('4 awaited')
  })

  it.each([-1, 0.5, Number.NaN, 2_147_483_648])('refuses a delay of %d', async (seconds) => {
    await expect(replica.setDelay(seconds)).rejects.toMatchObject({ code: 'NCMC_USAGE' })
    expect(await statusOf('SQL_Delay')).toBe('2')
  })

  it('says what the database says when replication breaks', async () => {
    const root = await must('exec', ownContainer('replica'), 'cat', '/ncmc/database-root-password')
    await must(
      ...['exec', '--env', `MYSQL_PWD=${root}`, ownContainer('replica'), 'mariadb', '--user=root'],
      '--execute=DROP TABLE nextcloud.marks',
    )
    await onPrimary("INSERT INTO marks VALUES ('5 broken', NOW(6))")
    await expect(replica.untilCaughtUp()).rejects.toMatchObject({
      code: 'NCMC_CONTAINER_FAILED',
      message: expect.stringMatching(/^replication broke.*nextcloud\.marks/),
    })
  })

  it('shows no password in containers, their processes or their output, and publishes no port', async () => {
    const files = ['database', 'replica'] as const
    const secrets = [
      password,
      ...files.map((role) => mustNow('exec', ownContainer(role), 'cat', '/ncmc/database-root-password')),
    ]
    // The sixth line of it, after name and position in the log, host and user.
    const account = mustNow('exec', ownContainer('replica'), 'cat', '/ncmc/mariadb/master.info').split('\n')
    expect(account[4]).toBe('replication')
    secrets.push(account[5]!)
    expect(new Set(secrets).size).toBe(4)
    for (const secret of secrets) expect(secret).toMatch(/^Aa1-/)
    for (const id of ownContainers()) {
      const seen = [await must('inspect', id), await must('top', id), await must('logs', id)].join('\n')
      for (const secret of secrets) expect(seen).not.toContain(secret)
      expect(seen).not.toMatch(/GENERATED ROOT PASSWORD|PASSWORD=./)
      expect(await must('port', id)).toBe('')
    }
  })

  it('is gone after it was stopped, with its volumes; the primary is not', async () => {
    const id = ownContainer('replica')
    const volumes = mustNow('inspect', '--format', '{{range .Mounts}}{{.Name}} {{end}}', id)
      .split(' ')
      .filter(Boolean)
    expect(volumes.length).toBeGreaterThan(0)
    await replica.stop()
    expect(ownContainers('replica')).toEqual([])
    const left = mustNow('volume', 'ls', '--quiet').split('\n')
    expect(left.filter((name) => volumes.includes(name))).toEqual([])
    expect(await onPrimary('SELECT 1')).toBe('1')
  })

  /** A member of the replica's own report about itself. */
  async function statusOf(member: string): Promise<string | undefined> {
    const script =
      'MYSQL_PWD=$(cat /ncmc/database-root-password) mariadb --user=root --vertical --execute="SHOW SLAVE STATUS"'
    const lines = (await must('exec', ownContainer('replica'), 'sh', '-c', script)).split('\n')
    return lines.find((line) => line.trim().startsWith(`${member}:`))?.split(': ')[1]
  }
})

describeOnDatabases('a Nextcloud that reads from a replica', () => {
  const options: ContainerOptions = {
    image: IMAGE,
    database: 'mariadb',
    databaseImage: DATABASE_IMAGES.mariadb,
    redisImage: DATABASE_IMAGES.redis,
    replica: { delaySeconds: NEVER_SECONDS },
    // The snapshots of this run; nobody else's.
    oidcConfig: { expire_time: String(20_000 + process.pid) },
  }
  const runs: string[] = []
  afterAll(() => {
    // Children before their parents.
    for (const run of runs.reverse()) {
      const images = mustNow('images', '--quiet', '--filter', `label=nc-mcp-conformance.made-by=${run}`)
      for (const image of images.split('\n').filter((id) => id !== '')) mustNow('image', 'rm', image)
    }
  })

  it.each(['image', 'snapshot'] as const)(
    'is told where and how to read, started from the %s, and leaves nothing',
    async (startedFrom) => {
      const nextcloud = await startContainerNextcloud({
        ...options,
        stage: (text) => {
          // As Nextcloud's installation would, before the snapshot is taken.
          if (text === 'taking a snapshot') writeMark()
        },
      })
      runs.push(nextcloud.networkName.replace('nc-mcp-conformance-', ''))
      const volumes = ownVolumes()
      try {
        expect(nextcloud.startedFrom).toBe(startedFrom)
        const id = ownContainer('nextcloud')
        const env = mustNow('inspect', '--format', '{{join .Config.Env "\\n"}}', id).split('\n')
        expect(env).toContain(`NCMC_DATABASE_REPLICA=${nextcloud.replica!.connection.host}`)
        const config = mustNow('exec', id, 'cat', '/var/www/html/config/replica.config.php')
        expect(config).toContain("'dbreplica' =>")
        const { password, database, user } = credentialsOf('mariadb')
        expect(nextcloud.replica!.connection).toMatchObject({ database, user })
        // What the set-up wrote is there, in spite of the delay, and with the password that the primary knows.
        const read = await ask(nextcloud.replica!.connection.host, password, 'SELECT name FROM ncmc_marks')
        expect(read).toEqual({ code: 0, text: 'set-up' })
        expect(await whoAmI(nextcloud.baseUrl, nextcloud.users.alice)).toBe('alice')
      } finally {
        await nextcloud.stop()
      }
      expect(leftOf(volumes)).toEqual([])
    },
  )

  it('leaves nothing when it is aborted while the replica starts', async () => {
    const abort = new AbortController()
    const reason = new Error('enough')
    const failed = startContainerNextcloud({ ...options, signal: abort.signal }).catch(
      (error: unknown) => error,
    )
    await expect.poll(() => ownContainers('replica'), { timeout: 60_000 }).toHaveLength(1)
    const volumes = ownVolumes()
    abort.abort(reason)
    expect(await failed).toBe(reason)
    expect(leftOf(volumes)).toEqual([])
  })
})

describe('options of a replica', () => {
  it.each([
    [{ replica: { delaySeconds: 1 } }, '--database mariadb'],
    [{ replica: { delaySeconds: 1 }, database: 'postgres' }, '--database mariadb'],
    [{ replica: { delaySeconds: 0.5 }, database: 'mariadb' }, 'a whole number of seconds'],
  ] as const)('refuses %j before anything is started', async (options, text) => {
    await expect(startContainerNextcloud(options)).rejects.toMatchObject({
      code: 'NCMC_USAGE',
      message: expect.stringContaining(text) as string,
    })
  })
})

/** A row of the set-up's. */
function writeMark(): void {
  const { password } = credentialsOf('mariadb')
  mustNow(
    ...['exec', '--env', `MYSQL_PWD=${password}`, ownContainer('database'), 'mariadb', '--no-defaults'],
    ...[`--host=${DATABASE_ALIAS}`, '--user=nextcloud', '--skip-ssl'],
    "--execute=CREATE TABLE ncmc_marks (name VARCHAR(20)); INSERT INTO ncmc_marks VALUES ('set-up')",
    'nextcloud',
  )
}

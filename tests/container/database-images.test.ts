import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { createTemporaryFolder } from '../../src/temporary-folder.js'
import { DATABASE_IMAGES, describeOnDatabases } from './support/databases.js'
import { docker, eventually, must } from './support/docker.js'

const LABEL = 'nc-mcp-conformance=database-images-test'
const READY_MS = 60_000
/** Quotes and a backslash, for shells and for SQL. */
const PASSWORD = `p'a"s\\s $w`
const HEALTH = ['healthcheck.sh', '--connect', '--innodb_initialized']
const DELAY_S = 2

/** Conventions of the official images that our own test images must follow; see docker/test-database. */
describeOnDatabases('the images of databases', () => {
  const containers: string[] = []
  const networks: string[] = []

  afterEach(async () => {
    if (containers.length > 0) await must('rm', '--force', '--volumes', ...containers.splice(0))
    if (networks.length > 0) await must('network', 'rm', ...networks.splice(0))
  })

  async function run(
    image: string,
    environment: Record<string, string>,
    more: Options = {},
  ): Promise<string> {
    const env = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`])
    const id = await must(
      'create',
      '--label',
      LABEL,
      ...env,
      ...(more.options ?? []),
      image,
      ...(more.command ?? []),
    )
    containers.push(id)
    await must('start', id)
    return id
  }

  const sql = (id: string, user: string, statement: string, ...more: string[]): Promise<string> =>
    must(
      ...[
        'exec',
        '--env',
        `MYSQL_PWD=${PASSWORD}`,
        id,
        'mariadb',
        '--batch',
        '--skip-column-names',
        `--user=${user}`,
      ],
      ...[`--execute=${statement}`, ...more],
    )

  it('MariaDB makes accounts and database, and keeps them in its volume', async () => {
    const volume = `ncmc-database-images-${process.pid}`
    const options = ['--volume', `${volume}:/var/lib/mysql`]
    const environment = {
      MARIADB_ROOT_PASSWORD: PASSWORD,
      MARIADB_DATABASE: 'cloud',
      MARIADB_USER: 'cloud user',
      MARIADB_PASSWORD: PASSWORD,
    }
    try {
      const first = await run(DATABASE_IMAGES.mariadb, environment, {
        options,
        command: ['--max-connections=17'],
      })
      await eventually(READY_MS, 'exec', first, ...HEALTH)
      const overTcp = ['--host=127.0.0.1', 'cloud']
      expect(
        await sql(first, 'cloud user', 'CREATE TABLE t (n INT); SELECT @@max_connections', ...overTcp),
      ).toBe('17')
      expect(await sql(first, 'root', "SELECT host FROM mysql.user WHERE user = 'root' ORDER BY 1")).toBe(
        '%\nlocalhost',
      )
      expect(
        (await docker('exec', first, 'mariadb', '--host=127.0.0.1', '--execute=SELECT 1')).text,
      ).toContain('denied')
      await must('rm', '--force', ...containers.splice(0))

      const second = await run(DATABASE_IMAGES.mariadb, {}, { options })
      await eventually(READY_MS, 'exec', second, ...HEALTH)
      expect(await sql(second, 'cloud user', 'SHOW TABLES', ...overTcp)).toBe('t')
    } finally {
      if (containers.length > 0) await must('rm', '--force', '--volumes', ...containers.splice(0))
      await must('volume', 'rm', volume)
    }
  })

  it('MariaDB and PostgreSQL do not start without a password', async () => {
    const mariadb = await run(DATABASE_IMAGES.mariadb, {})
    expect(await must('wait', mariadb)).toBe('1')
    expect(await must('logs', mariadb)).toContain('MARIADB_ROOT_PASSWORD')
    const postgres = await run(DATABASE_IMAGES.postgres, {})
    expect(await must('wait', postgres)).toBe('1')
    expect(await must('logs', postgres)).toContain('POSTGRES_PASSWORD')
  })

  it('MariaDB runs scripts of the first start, and follows a primary with a delay', async () => {
    const network = `ncmc-database-images-${process.pid}`
    await must('network', 'create', '--label', LABEL, network)
    networks.push(network)
    const shared = {
      MARIADB_ROOT_PASSWORD: PASSWORD,
      MARIADB_REPLICATION_USER: 'replica',
      MARIADB_REPLICATION_PASSWORD: PASSWORD,
    }
    const primary = await run(
      DATABASE_IMAGES.mariadb,
      { ...shared, MARIADB_DATABASE: 'cloud' },
      {
        options: ['--network', network, '--network-alias', 'primary'],
        command: ['--server-id=1', '--log-bin', '--binlog-format=ROW'],
      },
    )
    const replica = await must(
      ...['create', '--label', LABEL, '--network', network, '--env', 'MARIADB_MASTER_HOST=primary'],
      ...Object.entries(shared).flatMap(([name, value]) => ['--env', `${name}=${value}`]),
      ...[DATABASE_IMAGES.mariadb, '--server-id=2', '--log-bin', '--read-only'],
    )
    containers.push(replica)
    await copyScript(replica, 'delay.sql', `CHANGE MASTER TO MASTER_DELAY = ${DELAY_S};`)
    await must('start', replica)
    for (const id of [primary, replica]) await eventually(READY_MS, 'exec', id, ...HEALTH)
    const status = await sql(replica, 'root', 'SHOW REPLICA STATUS\\G', '--column-names')
    expect(status).toMatch(new RegExp(`SQL_Delay: ${DELAY_S}$`, 'm'))

    await sql(primary, 'root', 'CREATE TABLE cloud.t (n INT)')
    const arrived = async (): Promise<boolean> =>
      (
        await docker(
          'exec',
          '--env',
          `MYSQL_PWD=${PASSWORD}`,
          replica,
          'mariadb',
          '--execute=SELECT * FROM cloud.t',
        )
      ).code === 0
    await expect.poll(arrived, { timeout: READY_MS }).toBe(true)
    // Its clock and the primary's are the same.
    await sql(primary, 'root', 'INSERT INTO cloud.t VALUES (1)')
    const writtenMs = performance.now()
    const rows = (): Promise<string> => sql(replica, 'root', 'SELECT COUNT(*) FROM cloud.t')
    expect(await rows()).toBe('0')
    await expect.poll(rows, { timeout: READY_MS, interval: 100 }).toBe('1')
    // The event's time is in whole seconds, so it may be up to one earlier.
    expect(performance.now() - writtenMs).toBeGreaterThan((DELAY_S - 1) * 1_000)
  })

  it('PostgreSQL makes user and database from files, and runs scripts', async () => {
    const id = await must(
      ...['create', '--label', LABEL, '--env', 'POSTGRES_USER=cloud user', '--env', 'POSTGRES_DB=cloud'],
      ...['--env', 'POSTGRES_PASSWORD_FILE=/password', DATABASE_IMAGES.postgres, '-c', 'max_connections=17'],
    )
    containers.push(id)
    await copy(id, '/password', PASSWORD)
    await copyScript(id, 'table.sql', 'CREATE TABLE t (n INT);')
    await must('start', id)
    await eventually(READY_MS, 'exec', id, 'pg_isready', '--host=127.0.0.1')
    // The image lets everybody in who comes from 127.0.0.1, as the official one does.
    const address = await must('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id)
    const psql = (password: string): string[] => [
      ...[
        'exec',
        '--env',
        `PGPASSWORD=${password}`,
        id,
        'psql',
        `--host=${address}`,
        '--username=cloud user',
      ],
      ...[
        '--dbname=cloud',
        '--no-password',
        '--tuples-only',
        '--no-align',
        '--command=SHOW max_connections; TABLE t',
      ],
    ]
    expect(await must(...psql(PASSWORD))).toBe('17')
    expect((await docker(...psql('wrong'))).text).toContain('authentication failed')
    expect(await must('exec', id, 'sh', '-c', 'ls -d /var/lib/postgresql/*/docker/base')).toMatch(
      /\/\d+\/docker/,
    )
  })

  it('Redis takes options of its server, and connections of others', async () => {
    const id = await run(DATABASE_IMAGES.redis, {}, { command: ['--maxmemory', '7mb'] })
    await eventually(READY_MS, 'exec', id, 'redis-cli', 'ping')
    const address = await must('inspect', '--format', '{{.NetworkSettings.IPAddress}}', id)
    const answer = await must('exec', id, 'redis-cli', '-h', address, 'CONFIG', 'GET', 'maxmemory')
    expect(answer).toContain(String(7 * 1024 * 1024))
    expect(await must('exec', id, 'sh', '-c', 'grep ^Uid: /proc/1/status')).not.toMatch(/\s0\s/)
  })
})

interface Options {
  readonly options?: readonly string[]
  readonly command?: readonly string[]
}

function copyScript(id: string, name: string, text: string): Promise<void> {
  return copy(id, `/docker-entrypoint-initdb.d/${name}`, text)
}

async function copy(id: string, target: string, text: string): Promise<void> {
  const folder = await createTemporaryFolder()
  try {
    const file = join(folder, 'file')
    await writeFile(file, text)
    await must('cp', file, `${id}:${target}`)
  } finally {
    await rm(folder, { recursive: true })
  }
}

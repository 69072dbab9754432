import { afterAll, beforeAll, expect, it } from 'vitest'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud, type ContainerNextcloud } from '../../src/nextcloud/container/index.js'
import type { ContainerOptions } from '../../src/nextcloud/container/options.js'
import { hasSnapshot, SNAPSHOT_REPOSITORY } from '../../src/nextcloud/container/snapshot.js'
import {
  asNextcloud,
  credentialsOf,
  DATABASE_IMAGES,
  describeOnDatabases,
  leftOf,
  ownContainer,
  ownContainers,
  ownVolumes,
  redis,
  withPassword,
  type Kind,
} from './support/databases.js'
import { must, mustNow } from './support/docker.js'
import { IMAGE } from './support/engine.js'
import { whoAmI } from './support/requests.js'

/*
 * The embedded Nextcloud keeps nothing in a database (its installation fails when it cannot reach one), so what a real
 * one does with it is done here by the database's own client: in the network of the Nextcloud container, with the
 * host, user and password that this container has. That PHP's drivers work and that Nextcloud's tables fit is shown by
 * official-image.test.ts alone.
 */

const PERMISSIONS: Readonly<Record<Kind, { statement: string; answer: RegExp }>> = {
  mariadb: {
    statement: 'SHOW GRANTS',
    answer: /^GRANT ALL PRIVILEGES ON `nextcloud`\.\* TO `nextcloud`@`%`$/m,
  },
  postgres: {
    statement: 'SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()',
    answer: /^nextcloud$/,
  },
}

/** What Nextcloud's manual asks for. */
const SETTINGS: Readonly<Record<Kind, { statement: string; answer: string }>> = {
  mariadb: {
    statement: 'SELECT @@tx_isolation, @@binlog_format, @@character_set_database, @@collation_database',
    answer: 'READ-COMMITTED\tROW\tutf8mb4\tutf8mb4_bin',
  },
  postgres: {
    statement:
      "SELECT current_setting('transaction_isolation'), pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()",
    answer: 'read committed\tUTF8',
  },
}

function removeSnapshotsOf(run: string): void {
  const images = mustNow('images', '--quiet', '--filter', `label=nc-mcp-conformance.made-by=${run}`)
  for (const image of images.split('\n').filter((id) => id !== '')) mustNow('image', 'rm', image)
}

for (const kind of ['mariadb', 'postgres'] as const) {
  describeOnDatabases(`a Nextcloud on ${kind}`, () => {
    const options: ContainerOptions = {
      image: IMAGE,
      database: kind,
      databaseImage: DATABASE_IMAGES[kind],
      redisImage: DATABASE_IMAGES.redis,
      // The snapshots of this run; nobody else's.
      oidcConfig: { expire_time: String(10_000 + process.pid) },
    }
    const runs: string[] = []
    const start = async (more: ContainerOptions = {}): Promise<ContainerNextcloud> => {
      const started = await startContainerNextcloud({ ...options, ...more })
      runs.push(started.networkName.replace('nc-mcp-conformance-', ''))
      return started
    }
    const marks = (): string => asNextcloud(kind, 'SELECT name FROM ncmc_marks ORDER BY name')
    let nextcloud: ContainerNextcloud
    let firstMs: number
    let snapshot = ''

    beforeAll(async () => {
      const startedMs = performance.now()
      nextcloud = await start({
        // As Nextcloud's installation would, before the snapshot is taken.
        stage: (text) => {
          if (text === 'taking a snapshot') {
            asNextcloud(
              kind,
              "CREATE TABLE ncmc_marks (name VARCHAR(20)); INSERT INTO ncmc_marks VALUES ('before 🐘')",
            )
          }
        },
      })
      firstMs = performance.now() - startedMs
    })
    afterAll(async () => {
      const volumes = ownVolumes()
      await nextcloud.stop()
      // Children before their parents.
      for (const run of runs.reverse()) removeSnapshotsOf(run)
      expect(leftOf(volumes)).toEqual([])
    })

    it('lets Nextcloud in from the network by its password, as owner of its database, and nobody without', async () => {
      expect(nextcloud.startedFrom).toBe('image')
      const { password } = credentialsOf(kind)
      expect(await withPassword(kind, password)).toEqual({ code: 0, text: '1' })
      expect((await withPassword(kind, `${password}x`)).text).toMatch(/denied|authentication failed/)
      expect((await withPassword(kind, '')).text).toMatch(/denied|no password supplied/)
      expect(asNextcloud(kind, PERMISSIONS[kind].statement)).toMatch(PERMISSIONS[kind].answer)
    })

    it("has the settings of Nextcloud's manual, and keeps characters of four bytes", () => {
      expect(asNextcloud(kind, SETTINGS[kind].statement)).toBe(SETTINGS[kind].answer)
      expect(marks()).toBe('before 🐘')
    })

    it('has Redis beside it', () => {
      expect(redis('redis', 'SET', 'ncmc', 'here')).toBe('OK')
      expect(redis('redis', 'GET', 'ncmc')).toBe('here')
    })

    it('shows no password in containers, their processes or their output, and publishes no port', async () => {
      const secrets = [credentialsOf(kind).password]
      if (kind === 'mariadb') {
        secrets.push(mustNow('exec', ownContainer('database'), 'cat', '/ncmc/database-root-password'))
      }
      for (const id of ownContainers()) {
        const seen = [await must('inspect', id), await must('top', id), await must('logs', id)].join('\n')
        for (const secret of secrets) expect(seen).not.toContain(secret)
        expect(seen).not.toMatch(/GENERATED ROOT PASSWORD|PASSWORD=./)
      }
      for (const role of ['database', 'redis'] as const) expect(mustNow('port', ownContainer(role))).toBe('')
    })

    it('starts again from its snapshot with what was in the database', async () => {
      const password = credentialsOf(kind).password
      asNextcloud(kind, "INSERT INTO ncmc_marks VALUES ('after')")
      const volumes = ownVolumes()
      await nextcloud.stop()
      expect(volumes.length).toBeGreaterThanOrEqual(3)
      expect(leftOf(volumes)).toEqual([])

      const startedMs = performance.now()
      nextcloud = await start()
      const secondMs = performance.now() - startedMs
      console.log(`${kind}: first start ${Math.round(firstMs)} ms, second ${Math.round(secondMs)} ms`)
      expect(nextcloud.startedFrom).toBe('snapshot')
      snapshot = mustNow('inspect', '--format', '{{.Config.Image}}', ownContainer('nextcloud'))
      expect(snapshot).toMatch(new RegExp(`^${SNAPSHOT_REPOSITORY}:`))
      expect(marks()).toBe('before 🐘')
      expect(credentialsOf(kind).password).toBe(password)
      expect(await whoAmI(nextcloud.baseUrl, nextcloud.users.alice)).toBe('alice')
    })

    it('is set up anew when a half of the snapshot is missing, or of another start', async () => {
      const engine = await connectEngine()
      const names = { nextcloud: snapshot, database: `${snapshot}-database` }
      const has = (database: string): Promise<boolean> =>
        hasSnapshot(engine, { ...names, database }, { withDatabase: true })
      const another = `another-${process.pid}`
      runs.push(another)
      const foreign = `ncmc-test-${process.pid}:foreign`
      const container = await must('create', names.database)
      await must('commit', '--change', `LABEL nc-mcp-conformance.made-by=${another}`, container, foreign)
      await must('rm', '--volumes', container)
      try {
        expect(await has(names.database)).toBe(true)
        expect(await has(`${names.database}-missing`)).toBe(false)
        expect(await has(DATABASE_IMAGES[kind])).toBe(false)
        expect(await has(foreign)).toBe(false)
        await nextcloud.stop()
        await must('tag', foreign, names.database)
      } finally {
        await must('image', 'rm', foreign)
      }
      nextcloud = await start()
      expect(nextcloud.startedFrom).toBe('image')
      expect(() => marks()).toThrow(/ncmc_marks/)
      expect(await has(names.database)).toBe(true)
    })

    it.each([`starting ${IMAGE}`, `${kind} is ready`])(
      'leaves nothing when it is aborted at "%s"',
      async (when) => {
        await nextcloud.stop()
        const abort = new AbortController()
        const reason = new Error('enough')
        let volumes: string[] = []
        const failed = startContainerNextcloud({
          ...options,
          fresh: true,
          signal: abort.signal,
          stage: (text) => {
            if (text !== when) return
            volumes = ownVolumes()
            abort.abort(reason)
          },
        })
        await expect(failed).rejects.toBe(reason)
        expect(leftOf(volumes)).toEqual([])
      },
    )

    it('leaves nothing when it is aborted while the database is initialized', async () => {
      await nextcloud.stop()
      const abort = new AbortController()
      const failed = startContainerNextcloud({ ...options, fresh: true, signal: abort.signal })
      const settled = failed.catch((error: unknown) => error)
      await expect.poll(() => ownContainers('database'), { timeout: 30_000 }).toHaveLength(1)
      const volumes = ownVolumes()
      abort.abort(new Error('enough'))
      expect(await settled).toMatchObject({ message: 'enough' })
      expect(leftOf(volumes)).toEqual([])
    })

    it('says why the database is none, and leaves nothing', async () => {
      await nextcloud.stop()
      const failed = startContainerNextcloud({
        ...options,
        fresh: true,
        databaseImage: DATABASE_IMAGES.redis,
      })
      await expect(failed).rejects.toMatchObject({
        code: 'NCMC_CONTAINER_FAILED',
        message: expect.stringMatching(new RegExp(`^${kind} (ended with 1|has no)`)),
      })
      expect(leftOf([])).toEqual([])
    })
  })
}

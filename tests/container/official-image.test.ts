import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'
import {
  DATABASES,
  DEFAULT_APPS,
  type AppSpec,
  type ContainerOptions,
  type Database,
} from '../../src/nextcloud/container/options.js'
import { SNAPSHOT_REPOSITORY } from '../../src/nextcloud/container/snapshot.js'
import { DATABASE_IMAGES } from './support/databases.js'
import { describeOnEngine, inventory, newSince, NOTHING } from './support/engine.js'
import { discovery, notesStatus, whoAmI } from './support/requests.js'

/**
 * What only a real Nextcloud can prove: PHP, databases, apps, our patches on the real files.
 *
 * - NCMC_NEXTCLOUD_IMAGE: an image of the official one's conventions.
 * - NCMC_APP_ARCHIVES: a folder with `<id>.tar.gz` for every app, and `oidc-1.9.0.tar.gz`; without it the app store.
 * - NCMC_DATABASES: which databases, e.g. `sqlite mariadb`; all of them otherwise. Those of
 *   scripts/build-test-database-images.sh are taken where they are, else the pinned images.
 */
const official = process.env['NCMC_NEXTCLOUD_IMAGE'] ?? ''
const archives = process.env['NCMC_APP_ARCHIVES']
const databases = DATABASES.filter((database) =>
  (process.env['NCMC_DATABASES'] ?? DATABASES.join(' ')).split(' ').includes(database),
)
const TIMEOUT_MS = 900_000

function app(id: string, version?: string): AppSpec {
  if (archives === undefined) return { id, ...(version === undefined ? {} : { version }) }
  return { id, archive: join(archives, `${version === undefined ? id : `${id}-${version}`}.tar.gz`) }
}

const OPTIONS: ContainerOptions = { image: official, apps: DEFAULT_APPS.map((id) => app(id)) }

async function databaseImages(database: Database): Promise<ContainerOptions> {
  if (database === 'sqlite') return {}
  const engine = await connectEngine()
  try {
    for (const image of [DATABASE_IMAGES[database], DATABASE_IMAGES.redis])
      await engine.getImage(image).inspect()
    return { databaseImage: DATABASE_IMAGES[database], redisImage: DATABASE_IMAGES.redis }
  } catch {
    return {}
  }
}

async function snapshots(): Promise<string[]> {
  const images = await (
    await connectEngine()
  ).listImages({
    filters: { reference: [`${SNAPSHOT_REPOSITORY}:*`] },
  })
  return images.flatMap(({ RepoTags }) => RepoTags ?? [])
}

if (official !== '') {
  describeOnEngine(`the official image ${official}`, () => {
    it.each(databases)(
      'starts on %s, and again from its snapshot, at least five times faster',
      async (database) => {
        const before = await inventory()
        const known = await snapshots()
        const options: ContainerOptions = {
          ...OPTIONS,
          ...(await databaseImages(database)),
          database,
          // Shapes a snapshot of this test's own.
          oidcConfig: { expire_time: String(1_000 + (Date.now() % 1_000_000)) },
        }
        const times: number[] = []
        for (const startedFrom of ['image', 'snapshot']) {
          const startedMs = performance.now()
          await using nextcloud = await startContainerNextcloud(options)
          times.push(performance.now() - startedMs)
          expect(nextcloud.startedFrom).toBe(startedFrom)
          for (const user of nextcloud.allUsers)
            expect(await whoAmI(nextcloud.baseUrl, user)).toBe(user.userId)
          expect(Object.keys((await nextcloud.info()).apps)).toEqual(
            expect.arrayContaining([...DEFAULT_APPS]),
          )
        }
        const engine = await connectEngine()
        for (const name of await snapshots()) if (!known.includes(name)) await engine.getImage(name).remove()
        console.log(`${database}: first start ${times[0]} ms, second ${times[1]} ms`)
        expect(times[0]! / times[1]!).toBeGreaterThan(5)
        expect(await newSince(before)).toEqual(NOTHING)
      },
      TIMEOUT_MS,
    )

    it(
      'answers requests at the same time without an error, on SQLite too',
      async () => {
        await using nextcloud = await startContainerNextcloud({ ...OPTIONS })
        const { alice, bob } = nextcloud.users
        const people = Array.from({ length: 12 }, (_, index) => (index % 2 === 0 ? alice : bob))
        const seen = await Promise.all(people.map((user) => whoAmI(nextcloud.baseUrl, user)))
        expect(seen).toEqual(people.map(({ userId }) => userId))
        expect(await nextcloud.logs()).not.toContain('database is locked')
      },
      TIMEOUT_MS,
    )

    it.skipIf(archives !== undefined && !existsSync(join(archives, 'oidc-1.9.0.tar.gz')))(
      'shows S256 with an oidc app that needs the patch, below a path prefix',
      async () => {
        await using nextcloud = await startContainerNextcloud({
          ...OPTIONS,
          fresh: true,
          pathPrefix: '/cloud',
          apps: DEFAULT_APPS.map((id) => (id === 'oidc' ? app(id, '1.9.0') : app(id))),
        })
        expect((await nextcloud.info()).apps['oidc']).toBe('1.9.0')
        const document = await discovery(nextcloud.baseUrl)
        expect(document).toMatchObject({
          issuer: nextcloud.baseUrl,
          code_challenge_methods_supported: ['S256'],
        })
        expect(new URL(nextcloud.baseUrl).pathname).toBe('/cloud')
        expect(await nextcloud.logs()).toContain('discovery-s256 applied')
      },
      TIMEOUT_MS,
    )

    it(
      'takes a bearer token alone on Notes where the session flag is asked for, and only there',
      async () => {
        for (const sessionFlagPatch of [true, false]) {
          await using nextcloud = await startContainerNextcloud({ ...OPTIONS, fresh: true, sessionFlagPatch })
          expect((await nextcloud.logs()).includes('session-flag applied')).toBe(sessionFlagPatch)
          expect(await notesStatus(nextcloud)).toBe(sessionFlagPatch ? 200 : 401)
        }
      },
      TIMEOUT_MS,
    )

    it(
      'has new settings as soon as their setter returns, and takes no user id with a letter like ë',
      async () => {
        await using nextcloud = await startContainerNextcloud({ ...OPTIONS })
        for (const value of ['false', 'true', 'false', 'true']) {
          await discovery(nextcloud.baseUrl)
          await nextcloud.admin.setAppConfig('oidc', 'dynamic_client_registration', value)
          expect('registration_endpoint' in (await discovery(nextcloud.baseUrl))).toBe(value === 'true')
        }
        await expect(
          nextcloud.occ.putUser({
            userId: 'zoë',
            displayName: 'Zoë',
            email: '',
            password: 'Aa1-not-a-known-one',
          }),
        ).rejects.toThrow(/user:add ended with 1/)
      },
      TIMEOUT_MS,
    )
  })
} else {
  describeOnEngine('the official image', () => {
    it('is looked at only where NCMC_NEXTCLOUD_IMAGE names it', async () => {
      expect(await connectEngine()).toBeDefined()
    })
  })
}

import { expect, it } from 'vitest'
import { connectEngine } from '../../src/nextcloud/container/engine.js'
import { startContainerNextcloud } from '../../src/nextcloud/container/index.js'
import { DATABASES, DEFAULT_APPS } from '../../src/nextcloud/container/options.js'
import { describeOnEngine, inventory, newSince, NOTHING } from './support/engine.js'
import { discovery, whoAmI } from './support/requests.js'

/** What only the official image can prove: PHP, databases, the app store, our patches on the real files. */
const official = process.env['NCMC_NEXTCLOUD_IMAGE'] ?? ''
const TIMEOUT_MS = 900_000

if (official !== '') {
  describeOnEngine(`the official image ${official}`, () => {
    it.each(DATABASES)(
      'starts on %s, and again from its snapshot, at least five times faster',
      async (database) => {
        const before = await inventory()
        const options = { image: official, database, oidcConfig: { expire_time: '902' } }
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
        console.log(`${database}: first start ${times[0]} ms, second ${times[1]} ms`)
        expect(times[0]! / times[1]!).toBeGreaterThan(5)
        expect(await newSince(before)).toEqual(NOTHING)
      },
      TIMEOUT_MS,
    )

    it(
      'shows S256 with an oidc app that needs the patch',
      async () => {
        await using nextcloud = await startContainerNextcloud({
          image: official,
          fresh: true,
          apps: [{ id: 'oidc', version: '1.9.0' }],
        })
        expect((await nextcloud.info()).apps['oidc']).toBe('1.9.0')
        expect((await discovery(nextcloud.baseUrl))['code_challenge_methods_supported']).toEqual(['S256'])
        expect(await nextcloud.logs()).toContain('discovery-s256 applied')
      },
      TIMEOUT_MS,
    )

    it(
      'sets the session flag where it is asked for',
      async () => {
        await using nextcloud = await startContainerNextcloud({
          image: official,
          fresh: true,
          sessionFlagPatch: true,
        })
        expect(await nextcloud.logs()).toContain('session-flag applied')
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

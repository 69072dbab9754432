import { describe, expect, it } from 'vitest'
import type { Engine } from '../../src/nextcloud/container/engine.js'
import { chooseImages, majorVersionOf, pinnedImages } from '../../src/nextcloud/container/image.js'
import { NEXTCLOUD_VERSIONS } from '../../src/nextcloud/container/options.js'

/** An engine that has one image with this environment. */
function engineWith(Env: readonly string[] | null): Engine {
  return { getImage: () => ({ inspect: () => Promise.resolve({ Config: { Env } }) }) } as unknown as Engine
}

describe('images of a container', () => {
  it('are pinned by digest for every version that can be asked for, and for the databases', () => {
    const stages = [
      ...NEXTCLOUD_VERSIONS.map((version) => `nextcloud-${version}`),
      'mariadb',
      'postgres',
      'redis',
    ]
    expect([...pinnedImages().keys()]).toEqual(stages)
  })

  it('are those that the user names', () => {
    expect(chooseImages({ image: 'mine' })).toEqual({ nextcloud: 'mine' })
    expect(chooseImages({ image: 'mine', database: 'mariadb', redisImage: 'my-redis' })).toEqual({
      nextcloud: 'mine',
      database: pinnedImages().get('mariadb'),
      redis: 'my-redis',
    })
  })
})

describe('the version that the app store is asked for', () => {
  it.each([
    ['the one asked for', '33' as const, ['NEXTCLOUD_VERSION=31.0.9'], '33'],
    ['what the image says', undefined, ['PATH=/bin', 'NEXTCLOUD_VERSION=31.0.9'], '31'],
    ['the default, when it says nothing', undefined, ['PATH=/bin'], '32'],
    ['the default, when it has no environment', undefined, null, '32'],
    ['the default, when it says nonsense', undefined, ['NEXTCLOUD_VERSION=latest'], '32'],
  ])('is %s', async (_, asked, env, expected) => {
    expect(await majorVersionOf(engineWith(env), 'an-image', asked)).toBe(expected)
  })
})

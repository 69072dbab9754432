import { describe, expect, it } from 'vitest'
import { UsageError } from '../../src/errors.js'
import { chooseImages, pinnedImages } from '../../src/nextcloud/container/image.js'
import {
  appsOf,
  defaultUsers,
  NEXTCLOUD_VERSIONS,
  parseAppSpec,
} from '../../src/nextcloud/container/options.js'
import { HOST_LABEL, isOfARun, ownerOf, ownLabels, OWNER_LABEL } from '../../src/nextcloud/container/owner.js'
import { snapshotKey } from '../../src/nextcloud/container/snapshot.js'

describe('apps', () => {
  it.each([
    ['oidc', { id: 'oidc' }],
    ['oidc@1.9.0', { id: 'oidc', version: '1.9.0' }],
    ['oidc=./a=b@c.tar.gz', { id: 'oidc', archive: './a=b@c.tar.gz' }],
  ])('reads %s', (text, spec) => expect(parseAppSpec(text)).toEqual(spec))

  it.each(['', 'Oidc', '../oidc', 'oidc;rm', 'oidc@', 'oidc=', 'oidc@../1', 'oidc@1 2'])(
    'refuses %j',
    (text) => expect(() => parseAppSpec(text)).toThrow(UsageError),
  )

  it('puts a choice over the default set, in place', () => {
    const apps = appsOf({ apps: [{ id: 'oidc', version: '1.9.0' }, { id: 'mail' }] })
    expect(apps[0]).toEqual({ id: 'oidc', version: '1.9.0' })
    expect(apps.at(-1)).toEqual({ id: 'mail' })
    expect(apps.filter(({ id }) => id === 'oidc')).toHaveLength(1)
  })
})

describe('images', () => {
  it('are pinned by digest, one for every version', () => {
    for (const version of NEXTCLOUD_VERSIONS) {
      expect(pinnedImages().get(`nextcloud-${version}`)).toMatch(
        new RegExp(`^nextcloud:${version}\\.[0-9.]+@sha256:[0-9a-f]{64}$`),
      )
    }
  })

  it('are the pinned ones unless the user names others', () => {
    expect(chooseImages({})).toEqual({ nextcloud: pinnedImages().get('nextcloud-32') })
    const chosen = chooseImages({ image: 'mine:1', database: 'mariadb', redisImage: 'my-redis:1' })
    expect(chosen).toEqual({
      nextcloud: 'mine:1',
      database: pinnedImages().get('mariadb'),
      redis: 'my-redis:1',
    })
    expect(chooseImages({ database: 'postgres' }).database).toMatch(/^postgres:/)
  })
})

describe('owners', () => {
  const mine = ownLabels('nextcloud', 'run')
  it('tells this process, living and dead ones, and those of other hosts apart', () => {
    expect(ownerOf(mine)).toBe('this-process')
    expect(ownerOf({ ...mine, [OWNER_LABEL]: String(process.ppid) })).toBe('alive')
    expect(ownerOf({ ...mine, [OWNER_LABEL]: '4194305' })).toBe('dead')
    expect(ownerOf({ ...mine, [OWNER_LABEL]: '4194305', [HOST_LABEL]: 'other' })).toBe('elsewhere')
    expect(ownerOf({})).toBe('elsewhere')
    expect(ownerOf(undefined)).toBe('elsewhere')
  })
  it('does not take what only inherited labels of an image', () => {
    expect(isOfARun(mine)).toBe(true)
    expect(isOfARun({ 'nc-mcp-conformance': 'snapshot', 'nc-mcp-conformance.run': '' })).toBe(false)
    expect(isOfARun({ 'nc-mcp-conformance': 'test-image' })).toBe(false)
  })
})

describe('the key of a snapshot', () => {
  const users = defaultUsers()
  const input = { imageIds: ['sha256:1'], options: {}, users, pathPrefix: '', archives: {} }
  it('does not depend on passwords and ports', async () => {
    const key = await snapshotKey(input)
    expect(
      await snapshotKey({ ...input, users: defaultUsers(), options: { port: 8080, fresh: false } }),
    ).toBe(key)
  })
  it.each([
    ['the image', { imageIds: ['sha256:2'] }],
    ['an option', { options: { consent: false } }],
    ['a version of an app', { options: { apps: [{ id: 'oidc', version: '1.9.0' }] } }],
    ['configuration', { options: { oidcConfig: { expire_time: '60' } } }],
    ['the users', { users: users.slice(0, 2) }],
    ['the path prefix', { pathPrefix: '/cloud' }],
    ['an archive', { archives: { oidc: 'package.json' } }],
  ])('changes with %s', async (_what, change) => {
    expect(await snapshotKey({ ...input, ...change })).not.toBe(await snapshotKey(input))
  })
})

import { describe, expect, it } from 'vitest'
import type { ContainerOptions } from '../../src/nextcloud/container/options.js'
import { cli } from './support.js'

const person = (userId: string) => ({ userId, password: `pw-of-${userId}`, displayName: userId, email: '' })
const USERS = { alice: person('alice'), bob: person('bob') }

async function kept(argv: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const controller = new AbortController()
  const asked: ContainerOptions[] = []
  let stops = 0
  const run = await cli(['nextcloud', ...argv], {
    env,
    signal: controller.signal,
    onOut: () => controller.abort(),
    services: {
      startContainerNextcloud: (options) => {
        asked.push(options)
        options.stage?.('starting an image')
        return Promise.resolve({
          baseUrl: 'http://localhost:8080',
          users: USERS,
          allUsers: [...Object.values(USERS), person('zoe m@example.org')],
          stop: () => {
            stops += 1
            return Promise.resolve()
          },
        })
      },
    },
  })
  return { ...run, asked, stops }
}

describe('nextcloud --container', () => {
  it('keeps a container running until Ctrl-C, with progress apart from what scripts read', async () => {
    const { code, out, err, asked, stops } = await kept(['--container', '--port', '8080', '--json'])
    expect({ code, stops }).toEqual({ code: 0, stops: 1 })
    expect(err).toBe('starting an image\n')
    const { url, users } = JSON.parse(out) as { url: string; users: { userId: string }[] }
    expect(url).toBe('http://localhost:8080')
    expect(users.map(({ userId }) => userId)).toEqual(['alice', 'bob', 'zoe m@example.org'])
    expect(asked[0]).toMatchObject({ port: 8080, fresh: false, apps: [] })
  })

  it('takes the options that a run takes, from flags and from the environment', async () => {
    const argv = ['--container', '--app', 'oidc@1.9.0', '--fresh', '--no-consent', '--database', 'mariadb']
    const { asked } = await kept(argv, { NCMC_NEXTCLOUD_IMAGE: 'an-image', NCMC_NEXTCLOUD: 'embedded' })
    expect(asked[0]).toMatchObject({
      image: 'an-image',
      apps: [{ id: 'oidc', version: '1.9.0' }],
      fresh: true,
      consent: false,
      database: 'mariadb',
    })
    expect(asked[0]).not.toHaveProperty('port')
  })

  it('gives the users the passwords of the environment', async () => {
    const { asked } = await kept(['--container'], {
      NCMC_ALICE_PASSWORD: 'a'.repeat(12),
      NCMC_BOB_PASSWORD: 'b'.repeat(12),
    })
    expect(asked[0]?.users?.map(({ password }) => password)).toEqual(['a'.repeat(12), 'b'.repeat(12)])
  })

  it.each([
    [['--database', 'mariadb'], /--database is for a Nextcloud in a container: add --container/],
    [['--fresh'], /--fresh is for a Nextcloud in a container: add --container/],
    [['--container', '--fault', 'api=maintenance'], /--fault is for the embedded Nextcloud/],
    [['--container', '--profile', 'strict'], /--profile is for the embedded Nextcloud/],
    [['--container', '--database', 'mariabd'], /mariabd.*did you mean.*mariadb/],
    [['--container', '--app', 'Bad App'], /--app must be/],
    [['--container', '--nextcloud-image', 'x', '--nextcloud-version', '32'], /exclude each other/],
  ])('refuses %j', async (argv, message) => {
    const { code, err, asked } = await kept(argv)
    expect(code).toBe(2)
    expect(err).toMatch(message)
    expect(asked).toEqual([])
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, ORIGIN } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

interface Answer {
  readonly status: number
  readonly meta: { readonly statuscode: number; readonly message: string }
  readonly data: Record<string, unknown>
}

async function ask(path: string, headers: Record<string, string> = {}): Promise<Answer> {
  const { userId, password } = nextcloud.users.alice
  const response = await nextcloud.app.request(`${ORIGIN}${path}`, {
    headers: { accept: 'application/json', 'ocs-apirequest': 'true', ...basic(userId, password), ...headers },
  })
  const { ocs } = (await response.json()) as { ocs: Omit<Answer, 'status'> }
  return { status: response.status, ...ocs }
}

describe('the provisioning API', () => {
  it('shows people their own account, as the answer about the present user does', async () => {
    const { 'display-name': displayName, ...own } = (await ask('/ocs/v2.php/cloud/user')).data
    expect([displayName, own['id'], own['email']]).toEqual(['Alice', 'alice', 'alice@example.com'])
    for (const version of ['v1', 'v2']) {
      expect(await ask(`/ocs/${version}.php/cloud/users/alice`)).toMatchObject({ status: 200, data: own })
    }
    expect((await ask('/ocs/v2.php/cloud/users/alice')).data).not.toHaveProperty('display-name')
  })

  it("says nothing of others' accounts, and of whom there is not", async () => {
    expect(await ask('/ocs/v2.php/cloud/users/bob')).toEqual({
      status: 404,
      meta: { status: 'failure', statuscode: 998, message: '' },
      data: [],
    })
    expect(await ask('/ocs/v1.php/cloud/users/bob')).toMatchObject({ status: 200, meta: { statuscode: 998 } })
    expect(await ask('/ocs/v2.php/cloud/users/nobody')).toMatchObject({
      status: 404,
      meta: { statuscode: 404, message: 'User does not exist' },
    })
    for (const id of ['__proto__', '%', '%00', 'alice%2F..%2Fbob']) {
      expect([id, (await ask(`/ocs/v2.php/cloud/users/${id}`)).status]).toEqual([id, 404])
    }
  })

  it('answers nobody without a login', async () => {
    expect(await ask('/ocs/v2.php/cloud/users/alice', { authorization: '' })).toMatchObject({
      status: 401,
      meta: { statuscode: 997 },
    })
  })
})

describe('routes of apps', () => {
  it('are there with and without index.php', () => {
    const routes = nextcloud.app.routes.filter(
      // Scripts are files of the web server, which index.php does not serve.
      ({ path }) => /^(?:\/index\.php)?\/apps\//.test(path) && !path.includes('/js/'),
    )
    const forms = (isPretty: boolean) =>
      routes
        .filter(({ path }) => path.startsWith('/apps/') === isPretty)
        .map(({ method, path }) => `${method} ${path.replace(/^\/index\.php/, '')}`)
        .sort()
    expect(forms(true)).toEqual(forms(false))
    const apps = new Set(routes.map(({ path }) => /\/apps\/(\w+)/.exec(path)?.[1]))
    expect([...apps].sort()).toEqual(expect.arrayContaining(['deck', 'notes', 'oidc', 'tables']))
  })
})

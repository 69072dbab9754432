import { request } from 'node:http'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
let url: string
let secret: string
beforeAll(async () => {
  nextcloud = await startEmbeddedNextcloud({ control: true })
  url = nextcloud.control?.url ?? ''
  secret = nextcloud.control?.secret ?? ''
})
afterAll(() => nextcloud.stop())
beforeEach(() => nextcloud.context.faults.liftAll())

/** Status and JSON (or text) of a request with the secret. */
async function control(method: string, path: string, body?: unknown): Promise<[number, unknown]> {
  const response = await fetch(url + path, {
    method,
    headers: { authorization: `Bearer ${secret}` },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return [response.status, text === '' ? '' : JSON.parse(text)]
}

const statusOf = async (path: string, init: RequestInit = {}): Promise<number> =>
  (await fetch(nextcloud.baseUrl + path, init)).status

/** A request with any Host header. */
function rawStatus(host: string, headers: Record<string, string>): Promise<[number | undefined, string]> {
  return new Promise((resolve, reject) => {
    const { port } = new URL(url)
    request({ host: '127.0.0.1', port, path: '/faults', headers: { host, ...headers } }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += String(chunk)))
      response.on('end', () => resolve([response.statusCode, body]))
    })
      .on('error', reject)
      .end()
  })
}

describe('access to the control API', () => {
  it('is off unless asked for', async () => {
    await using plain = await startEmbeddedNextcloud()
    expect(plain.control).toBeUndefined()
    expect((await plain.app.request(`${plain.baseUrl}/faults`)).status).toBe(404)
  })

  it('is on loopback, under a secret of its own for each instance', async () => {
    await using other = await startEmbeddedNextcloud({ control: true })
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(secret).toMatch(/^[\w-]{43}$/)
    expect(other.control?.secret).not.toBe(secret)
    expect(url).not.toBe(nextcloud.baseUrl)
  })

  it.each([
    ['no header', undefined],
    ['another secret', 'Bearer wrong'],
    ['the secret as Basic', `Basic ${Buffer.from('secret').toString('base64')}`],
    ['an empty secret', 'Bearer '],
  ])('is refused with %s', async (_what, authorization) => {
    for (const path of ['/faults', '/unknown']) {
      const response = await fetch(
        url + path,
        authorization === undefined ? {} : { headers: { authorization } },
      )
      expect([response.status, response.headers.get('www-authenticate')]).toEqual([
        401,
        'Bearer realm="control"',
      ])
      expect(await response.json()).toMatchObject({ error: 'unauthorized' })
    }
    expect(await statusOf('/index.php/login')).toBe(200)
  })

  it.each([
    'attacker.example',
    '127.0.0.1.attacker.example',
    'localhost.attacker.example:80',
    '10.0.0.1',
    'x@127.0.0.1',
  ])('is refused for the host %s, even with the secret', async (host) => {
    const authorization = `Bearer ${secret}`
    expect((await rawStatus('127.0.0.1', { authorization }))[0]).toBe(200)
    expect((await rawStatus('localhost:1234', { authorization }))[0]).toBe(200)
    const [status, body] = await rawStatus(host, { authorization })
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(body).not.toContain('faults')
  })

  it('ends with the instance', async () => {
    const other = await startEmbeddedNextcloud({ control: true })
    await other.stop()
    await expect(fetch(other.control?.url ?? '')).rejects.toThrow('fetch failed')
  })

  it('shows its secret in no answer and no request log', async () => {
    await fetch(`${nextcloud.baseUrl}/status.php`, { headers: { authorization: `Bearer ${secret}` } })
    const answers = await Promise.all(
      ['/faults', '/lag', '/clock', '/requests', '/unknown'].map((path) => control('GET', path)),
    )
    expect(JSON.stringify(answers)).not.toContain(secret)
  })
})

describe('the control API', () => {
  it('adds, lists and lifts faults', async () => {
    const [status, added] = await control('POST', '/faults', { scope: 'jwks', kind: 'status-500', times: 9 })
    expect([status, added]).toEqual([
      201,
      { id: expect.any(String) as string, scope: 'jwks', kind: 'status-500', times: 9, remaining: 9 },
    ])
    expect(await statusOf('/apps/oidc/jwks')).toBe(500)
    expect(await control('GET', '/faults')).toEqual([
      200,
      { faults: [{ ...(added as object), remaining: 8 }] },
    ])
    const { id } = added as { id: string }
    expect(await control('DELETE', `/faults/${id}`)).toEqual([204, ''])
    expect(await statusOf('/apps/oidc/jwks')).toBe(200)
    expect((await control('DELETE', `/faults/${id}`))[0]).toBe(404)
    await control('POST', '/faults', { scope: 'all', kind: 'maintenance' })
    expect(await statusOf('/apps/oidc/jwks')).toBe(503)
    expect(await control('DELETE', '/faults')).toEqual([204, ''])
    expect(await statusOf('/apps/oidc/jwks')).toBe(200)
  })

  it('sets the lag', async () => {
    const lag = { client: 800, token: { kind: 'log-normal', medianMs: 300, sigma: 0.5 }, seed: 7 }
    expect(await control('PUT', '/lag', lag)).toEqual([200, lag])
    expect(await control('GET', '/lag')).toEqual([200, lag])
    expect(nextcloud.context.consistency.lag).toEqual(lag)
    expect(await control('PUT', '/lag', {})).toEqual([200, { seed: 7 }])
  })

  it('shifts and resets the clock', async () => {
    const now = async (): Promise<number> => ((await control('GET', '/clock'))[1] as { nowMs: number }).nowMs
    const before = await now()
    expect((await control('POST', '/clock/shift', { seconds: 3600 }))[0]).toBe(200)
    expect((await now()) - before).toBeGreaterThanOrEqual(3_600_000)
    expect((await control('POST', '/clock/reset'))[0]).toBe(200)
    expect((await now()) - before).toBeLessThan(60_000)
  })

  it('rotates the signing key', async () => {
    const kids = async (): Promise<string[]> => {
      const { keys } = (await (await fetch(`${nextcloud.baseUrl}/apps/oidc/jwks`)).json()) as {
        keys: { kid: string }[]
      }
      return keys.map(({ kid }) => kid)
    }
    const [first] = await kids()
    const [status, { kid }] = (await control('POST', '/signing-key', { keepOld: true })) as [
      number,
      { kid: string },
    ]
    expect([status, await kids()]).toEqual([201, [kid, first]])
    expect((await control('DELETE', '/signing-key/old'))[0]).toBe(204)
    expect(await kids()).toEqual([kid])
    await control('POST', '/signing-key')
    expect(await kids()).not.toContain(kid)
  })

  it('revokes the tokens of a user or a client', async () => {
    nextcloud.twin.honourToken('made-up', 'bob')
    const userinfo = (): Promise<number> =>
      statusOf('/apps/oidc/userinfo', { headers: { authorization: 'Bearer made-up' } })
    expect(await userinfo()).toBe(200)
    expect(await control('POST', '/tokens/revoke', { clientId: 'unknown' })).toEqual([200, { revoked: 0 }])
    expect(await control('POST', '/tokens/revoke', { userId: 'bob' })).toEqual([200, { revoked: 1 }])
    expect(await userinfo()).toBe(400)
  })

  it('sets and deletes app configuration', async () => {
    const value = (): string | undefined => nextcloud.context.store.appConfig.get('oidc/expire_time')
    expect(await control('PUT', '/app-config/oidc/expire_time', { value: '60' })).toEqual([204, ''])
    expect(value()).toBe('60')
    expect((await control('PUT', '/app-config/oidc/expire_time', { value: null }))[0]).toBe(204)
    expect(value()).toBeUndefined()
  })

  it('creates users and sets passwords', async () => {
    const carol = { userId: 'carol', password: 'first-password', email: 'carol@example.com' }
    const logsIn = async (password: string): Promise<number> =>
      statusOf('/ocs/v2.php/cloud/user', {
        headers: { ...basic('carol', password), 'ocs-apirequest': 'true' },
      })
    const [status, body] = await control('POST', '/users', carol)
    expect([status, body]).toEqual([
      201,
      { userId: 'carol', displayName: 'carol', email: 'carol@example.com' },
    ])
    expect(await logsIn(carol.password)).toBe(200)
    expect((await control('POST', '/users', { ...carol, userId: 'Carol' }))[0]).toBe(409)
    expect((await control('PUT', '/users/carol/password', { password: 'second' }))[0]).toBe(204)
    expect([await logsIn(carol.password), await logsIn('second')]).toEqual([401, 200])
    expect((await control('PUT', '/users/nobody/password', { password: 'x' }))[0]).toBe(404)
  })

  it('shows and clears the request log', async () => {
    await control('DELETE', '/requests')
    await statusOf('/status.php?a=b')
    expect(await control('GET', '/requests')).toMatchObject([
      200,
      { requests: [{ method: 'GET', path: '/status.php', query: 'a=b', status: 200 }] },
    ])
    expect((await control('DELETE', '/requests'))[0]).toBe(204)
    expect(await control('GET', '/requests')).toEqual([200, { requests: [] }])
  })

  it('closes and opens the port of the Nextcloud', async () => {
    expect(await control('PUT', '/listener', { open: false })).toEqual([200, { open: false }])
    await expect(statusOf('/status.php')).rejects.toThrow('fetch failed')
    expect(await control('PUT', '/listener', { open: true })).toEqual([200, { open: true }])
    expect(await statusOf('/status.php')).toBe(200)
  })

  it.each([
    ['POST', '/faults', '{', 400, 'invalid_json', 'no JSON'],
    ['POST', '/faults', [], 400, 'invalid_request', 'expected object'],
    ['POST', '/faults', { scope: 'x', kind: 'slow' }, 400, 'invalid_request', 'scope: '],
    ['POST', '/faults', { scope: 'all', kind: 'slow', more: 1 }, 400, 'invalid_request', 'more'],
    ['POST', '/faults', { scope: 'all', kind: 'slow', times: 0 }, 400, 'invalid_request', 'times: '],
    ['POST', '/faults', { scope: 'all', kind: 'slow', delayMs: -1 }, 400, 'invalid_request', 'delayMs: '],
    ['POST', '/faults', { scope: 'all', kind: 'refuse', delayMs: 1 }, 400, 'invalid_request', 'kind slow'],
    ['POST', '/faults', { scope: 'all', kind: 'slow', retryAfterSeconds: 1 }, 400, 'invalid_request', '429'],
    ['POST', '/faults', { scope: 'all', kind: 'redirect' }, 400, 'invalid_request', 'location'],
    [
      'POST',
      '/faults',
      { scope: 'all', kind: 'slow', location: 'http://a.example' },
      400,
      'invalid_request',
      'location',
    ],
    [
      'POST',
      '/faults',
      { scope: 'all', kind: 'redirect', location: 'ftp://a.example' },
      400,
      'invalid_request',
      'location',
    ],
    ['PUT', '/lag', { client: -1 }, 400, 'invalid_request', 'client: '],
    ['PUT', '/lag', { clients: 1 }, 400, 'invalid_request', 'clients'],
    ['PUT', '/lag', { seed: 1.5 }, 400, 'invalid_request', 'seed: '],
    [
      'PUT',
      '/lag',
      { token: { kind: 'uniform', minMs: 2, maxMs: 1 } },
      400,
      'invalid_request',
      'token.maxMs: ',
    ],
    ['POST', '/clock/shift', { seconds: 'x' }, 400, 'invalid_request', 'seconds: '],
    ['POST', '/clock/shift', { seconds: 1e300 }, 400, 'invalid_request', 'seconds: '],
    ['POST', '/signing-key', { keepOld: 'yes' }, 400, 'invalid_request', 'keepOld: '],
    ['POST', '/tokens/revoke', {}, 400, 'invalid_request', 'either userId or clientId'],
    ['PUT', '/app-config/OIDC/x', { value: '1' }, 400, 'invalid_request', 'app: '],
    ['PUT', '/app-config/oidc/a%2Fb', { value: '1' }, 400, 'invalid_request', 'key: '],
    ['PUT', '/app-config/oidc/x', { value: 1 }, 400, 'invalid_request', 'value: '],
    ['POST', '/users', { userId: '../x', password: 'p' }, 400, 'invalid_request', 'userId: '],
    ['POST', '/users', { userId: 'x', password: '' }, 400, 'invalid_request', 'password: '],
    ['PUT', '/listener', {}, 400, 'invalid_request', 'open: '],
    ['POST', '/faults', 'x'.repeat(70_000), 413, 'too_large', '65536'],
    ['PATCH', '/faults', undefined, 404, 'not_found', 'no such route'],
    ['GET', '/', undefined, 404, 'not_found', 'no such route'],
  ])('refuses %s %s %j with %i', async (method, path, body, status, error, words) => {
    const [answered, answer] = await control(method, path, body)
    expect([answered, answer]).toEqual([status, { error, message: expect.stringContaining(words) as string }])
    expect(nextcloud.context.faults.list()).toEqual([])
  })

  it('never repeats what it was sent', async () => {
    const [, answer] = await control('POST', '/users', {
      userId: 'my secret user',
      password: 'my secret',
      x: 1,
    })
    expect(JSON.stringify(answer)).not.toContain('my secret')
  })
})

import { createHash } from 'node:crypto'
import { compactVerify, createLocalJWKSet, jwtVerify, type JWK } from 'jose'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, bearer, ORIGIN } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

const USERINFO = '/index.php/apps/oidc/userinfo'

describe('the request log', () => {
  it('classifies credentials and keeps none of them', async () => {
    const { alice } = nextcloud.users
    const { app, twin } = nextcloud
    await app.request(`${ORIGIN}${USERINFO}?a=b`, { headers: bearer('secret-token') })
    await app.request(`${ORIGIN}/ocs/v2.php/cloud/user`, { headers: basic('alice', alice.password) })
    await app.request(`${ORIGIN}/apps/oidc/token`, {
      method: 'POST',
      body: new URLSearchParams({ client_id: 'client-1', client_secret: 'secret-2' }),
      headers: { cookie: 'x=y' },
    })
    await app.request(`${ORIGIN}/apps/oidc/token`, {
      method: 'POST',
      body: '{"grant_type":"x","client_id":"client-\\u0032"}',
      headers: { 'content-type': 'application/json' },
    })
    const log = twin.requests()
    expect(log).toMatchObject([
      {
        method: 'GET',
        path: '/apps/oidc/userinfo',
        query: 'a=b',
        status: 400,
        bearerSha256: createHash('sha256').update('secret-token').digest('hex'),
        hasCookie: false,
      },
      { path: '/ocs/v2.php/cloud/user', status: 412, basicUser: 'alice' },
      { method: 'POST', path: '/apps/oidc/token', status: 400, clientId: 'client-1', hasCookie: true },
      { clientId: 'client-2' },
    ])
    expect(JSON.stringify(log)).not.toMatch(new RegExp(`secret|${alice.password}`))
    twin.clearRequests()
    expect(twin.requests()).toEqual([])
  })
})

describe('a fault', () => {
  it.each([
    ['status-500', 500, 'text/html; charset=UTF-8'],
    ['status-502-html', 502, 'text/html'],
    ['status-200-html', 200, 'text/html; charset=UTF-8'],
    ['status-200-empty-object', 200, 'application/json; charset=utf-8'],
  ] as const)('%s answers in its scope until it is lifted', async (kind, status, contentType) => {
    const lift = nextcloud.twin.inject({ scope: 'userinfo', kind })
    const faulty = await fetch(nextcloud.baseUrl + USERINFO)
    expect([faulty.status, faulty.headers.get('content-type')]).toEqual([status, contentType])
    expect((await fetch(`${nextcloud.baseUrl}/index.php/apps/oidc/jwks`)).status).toBe(200)
    lift()
    lift()
    expect((await fetch(nextcloud.baseUrl + USERINFO)).status).toBe(400)
  })

  it('redirect sends the same request elsewhere', async () => {
    const location = 'http://127.0.0.1:9'
    const lift = nextcloud.twin.inject({ scope: 'ocs', kind: 'redirect', location })
    const path = '/ocs/v2.php/cloud/user?format=json'
    const answer = await fetch(nextcloud.baseUrl + path, { redirect: 'manual' })
    expect([answer.status, answer.headers.get('location')]).toEqual([307, location + path])
    lift()
  })

  it('refuse drops the connection', async () => {
    nextcloud.twin.inject({ scope: 'all', kind: 'refuse' })
    await expect(fetch(nextcloud.baseUrl + USERINFO)).rejects.toThrow('fetch failed')
  })

  it('timeout holds a request until it is lifted', async () => {
    const lift = nextcloud.twin.inject({ scope: 'userinfo', kind: 'timeout' })
    const held = fetch(nextcloud.baseUrl + USERINFO)
    await expect.poll(() => nextcloud.twin.requests().length).toBe(1)
    expect(nextcloud.twin.requests()[0]?.status).toBe(0)
    lift()
    expect((await held).status).toBe(400)
  })

  it('timeout lets go of a caller who gives up, and of all callers at the stop', async () => {
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'timeout' })
    await expect(fetch(nextcloud.baseUrl + USERINFO, { signal: AbortSignal.timeout(50) })).rejects.toThrow(
      'aborted',
    )
    const held = fetch(nextcloud.baseUrl + USERINFO)
    held.catch(() => undefined)
    await expect.poll(() => nextcloud.twin.requests().length).toBe(2)
    await nextcloud.stop()
    await expect(fetch(nextcloud.baseUrl)).rejects.toThrow('fetch failed')
    await held.catch(() => undefined)
  })

  it.each([
    ['discovery', '/.well-known/openid-configuration'],
    ['discovery', '/apps/oidc/openid-configuration'],
    ['jwks', '/index.php/apps/oidc/jwks'],
    ['introspection', '/index.php/apps/oidc/introspect'],
    ['registration', '/index.php/apps/oidc/register'],
    ['registration', '/apps/oidc/register/some-client'],
    ['api', '/apps/notes/api/v1/notes'],
    ['api', '/apps/tables/api/1/tables'],
    ['api', '/index.php/apps/deck/api/v1.0/boards'],
    ['api', '/ocs/v2.php/cloud/user'],
    ['api', '/remote.php/dav/files/alice/'],
    ['all', '/index.php/login'],
  ] as const)('of scope %s applies to %s', async (scope, path) => {
    const { app, twin } = nextcloud
    expect((await app.request(ORIGIN + path)).status).not.toBe(502)
    twin.inject({ scope, kind: 'status-502-html' })
    expect((await app.request(ORIGIN + path)).status).toBe(502)
    if (scope !== 'all') expect((await app.request(`${ORIGIN}/index.php/login`)).status).toBe(200)
  })
})

describe('the twin', () => {
  it('signs any header and claims with the published key', async () => {
    const { twin } = nextcloud
    const jwk = (await twin.publicJwk()) as JWK
    const token = await twin.signJwt({ header: { typ: 'at+jwt' }, claims: { sub: 'alice' } })
    const verified = await jwtVerify(token, createLocalJWKSet({ keys: [jwk] }))
    expect(verified.payload).toEqual({ sub: 'alice' })
    expect(verified.protectedHeader).toEqual({ alg: 'RS256', typ: 'at+jwt', kid: jwk.kid })
    const odd = await twin.signJwt({ header: { alg: 'none', kid: 'other' }, claims: {} })
    const header = JSON.parse(Buffer.from(odd.split('.')[0] ?? '', 'base64url').toString()) as unknown
    expect(header).toEqual({ alg: 'none', kid: 'other' })
    await expect(compactVerify(`${odd}x`, createLocalJWKSet({ keys: [jwk] }))).rejects.toThrow()
  })

  it('makes a token live at userinfo and on the APIs', async () => {
    const ask = async (path: string): Promise<number> =>
      (await nextcloud.app.request(ORIGIN + path, { headers: bearer('made-up') })).status
    expect([await ask(USERINFO), await ask('/ocs/v2.php/cloud/user')]).toEqual([400, 401])
    nextcloud.twin.honourToken('made-up', 'bob')
    expect([await ask(USERINFO), await ask('/ocs/v2.php/cloud/user')]).toEqual([200, 200])
  })

  it('moves the clock that lifetimes are counted on', async () => {
    const before = nextcloud.clock.nowMs()
    nextcloud.clock.shift(3600)
    expect(nextcloud.clock.nowMs() - before).toBeGreaterThanOrEqual(3_600_000)
    nextcloud.clock.reset()
    expect(Math.abs(nextcloud.clock.nowMs() - Date.now())).toBeLessThan(1000)
    await nextcloud.app.request(`${ORIGIN}/status.php`)
    expect(nextcloud.twin.requests()[0]?.atMs).toBeLessThanOrEqual(Date.now())
  })
})

import { connect } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { FAULT_SCOPES } from '../../src/nextcloud/nextcloud.js'
import { basic, bearer, ORIGIN, Visitor } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

const USERINFO = '/index.php/apps/oidc/userinfo'
const NOTES = '/index.php/apps/notes/api/v1/notes'
const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  Promise.resolve(nextcloud.app.request(ORIGIN + path, init))

/** Bytes and error of a raw connection that sends one request. */
async function rawRequest(): Promise<{ bytes: number; error: string | undefined }> {
  const socket = connect(Number(new URL(nextcloud.baseUrl).port), '127.0.0.1')
  let bytes = 0
  let error: string | undefined
  socket.on('data', (chunk) => (bytes += chunk.length))
  socket.on('error', (thrown: NodeJS.ErrnoException) => (error = thrown.code))
  socket.write('GET /status.php HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n')
  await new Promise((resolve) => socket.on('close', resolve))
  return { bytes, error }
}

describe('a fault', () => {
  it('refuse closes the connection and reset resets it, before any byte', async () => {
    expect(await rawRequest()).toEqual({ bytes: expect.any(Number) as number, error: undefined })
    const lift = nextcloud.twin.inject({ scope: 'all', kind: 'refuse' })
    expect(await rawRequest()).toEqual({ bytes: 0, error: undefined })
    lift()
    nextcloud.twin.inject({ scope: 'all', kind: 'reset' })
    expect(await rawRequest()).toEqual({ bytes: 0, error: 'ECONNRESET' })
    expect(nextcloud.twin.requests().map(({ status }) => status)).toEqual([200, 0, 0])
  })

  it('slow waits on the real clock and then serves as usual', async () => {
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'slow', delayMs: 150 })
    const started = performance.now()
    expect((await fetch(nextcloud.baseUrl + USERINFO)).status).toBe(400)
    expect(performance.now() - started).toBeGreaterThanOrEqual(140)
    expect((await fetch(`${nextcloud.baseUrl}/status.php`)).status).toBe(200)
  })

  it('slow lets go when it is lifted, of one who gives up, and at the stop', async () => {
    const lift = nextcloud.twin.inject({ scope: 'userinfo', kind: 'slow', delayMs: 600_000 })
    const held = fetch(nextcloud.baseUrl + USERINFO)
    await expect.poll(() => nextcloud.twin.requests().length).toBe(1)
    lift()
    expect((await held).status).toBe(400)
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'slow', delayMs: 600_000 })
    const impatient = new AbortController()
    const given = expect(fetch(nextcloud.baseUrl + USERINFO, { signal: impatient.signal })).rejects.toThrow()
    await expect.poll(() => nextcloud.twin.requests().length).toBe(2)
    impatient.abort()
    await given
    const last = fetch(nextcloud.baseUrl + USERINFO).catch(() => undefined)
    await expect.poll(() => nextcloud.twin.requests().length).toBe(3)
    await nextcloud.stop()
    await last
  })

  it('status-429 has a Retry-After only when it is given one', async () => {
    const lift = nextcloud.twin.inject({ scope: 'notes', kind: 'status-429' })
    const without = await ask(NOTES)
    expect([without.status, without.headers.get('retry-after'), await without.text()]).toEqual([
      429,
      null,
      '',
    ])
    lift()
    nextcloud.twin.inject({ scope: 'notes', kind: 'status-429', retryAfterSeconds: 7 })
    expect((await ask(NOTES)).headers.get('retry-after')).toBe('7')
  })

  it('maintenance answers in the form of each entry point', async () => {
    const lift = nextcloud.twin.inject({ scope: 'all', kind: 'maintenance' })
    const facts = async (path: string, init: RequestInit = {}): Promise<unknown[]> => {
      const { status, headers } = await ask(path, init)
      return [
        status,
        headers.get('content-type'),
        headers.get('x-nextcloud-maintenance-mode'),
        headers.get('retry-after'),
      ]
    }
    const html = 'text/html; charset=UTF-8'
    expect(await facts(NOTES)).toEqual([503, html, '1', '120'])
    expect(await facts('/index.php/login')).toEqual([503, html, '1', '120'])
    expect(await facts(USERINFO)).toEqual([503, html, '1', '120'])
    expect(await facts('/ocs/v2.php/cloud/user')).toEqual([503, 'application/xml; charset=utf-8', '1', '120'])
    const ocs = await ask('/ocs/v2.php/cloud/user?format=json')
    expect(await ocs.json()).toEqual({
      ocs: { meta: { status: 'failure', statuscode: 503, message: 'Service unavailable' }, data: [] },
    })
    const dav = await ask('/remote.php/dav/files/alice/', { method: 'PROPFIND' })
    expect([dav.status, dav.headers.get('content-type')]).toEqual([503, 'application/xml; charset=utf-8'])
    expect(await dav.text()).toContain('<s:exception>Sabre\\DAV\\Exception\\ServiceUnavailable</s:exception>')
    const status = async (): Promise<unknown> => (await ask('/status.php')).json()
    expect(await status()).toMatchObject({ maintenance: true })
    lift()
    expect(await status()).toMatchObject({ maintenance: false })
    expect((await ask('/index.php/login')).status).toBe(200)
  })

  it('with times lifts itself after so many requests', async () => {
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'status-500', times: 2 })
    const statuses = []
    for (let round = 0; round < 3; round += 1) statuses.push((await ask(USERINFO)).status)
    expect(statuses).toEqual([500, 500, 400])
    expect(nextcloud.context.faults.list()).toEqual([])
  })

  it('meets what another one has let through', async () => {
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'slow', delayMs: 1 })
    nextcloud.twin.inject({ scope: 'userinfo', kind: 'status-500' })
    expect((await ask(USERINFO)).status).toBe(500)
  })

  it('of one user leaves the others alone, whatever they log in with', async () => {
    const { alice, bob } = nextcloud.users
    nextcloud.twin.honourToken('token-of-bob', 'bob')
    nextcloud.twin.inject({ scope: 'all', kind: 'status-500', userId: 'bob' })
    const statusWith = async (headers: Record<string, string>): Promise<number> =>
      (await ask('/ocs/v2.php/cloud/user', { headers: { 'ocs-apirequest': 'true', ...headers } })).status
    const jwt = await nextcloud.twin.signJwt({ header: {}, claims: { sub: 'bob' } })
    expect(await statusWith(basic('alice', alice.password))).toBe(200)
    expect(await statusWith(basic('bob', bob.password))).toBe(500)
    expect(await statusWith(basic('bob@example.com', bob.password))).toBe(500)
    expect(await statusWith(bearer('token-of-bob'))).toBe(500)
    expect(await statusWith(bearer(jwt))).toBe(500)
    expect(await statusWith(bearer('unknown'))).toBe(401)
    expect(await statusWith({})).toBe(401)
    const visitor = new Visitor(nextcloud)
    await visitor.logIn({ user: 'bob', password: bob.password })
    expect((await visitor.send('/index.php/apps/dashboard/')).status).toBe(500)
  })

  it('can be in force from the start', async () => {
    await using faulty = await startEmbeddedNextcloud({ faults: [{ scope: 'jwks', kind: 'status-500' }] })
    expect((await faulty.app.request(`${ORIGIN}/apps/oidc/jwks`)).status).toBe(500)
  })
})

describe('the scopes of faults', () => {
  const PATHS: Readonly<Record<string, readonly string[]>> = {
    '/.well-known/openid-configuration': ['discovery'],
    '/index.php/apps/oidc/openid-configuration': ['discovery'],
    '/apps/oidc/jwks': ['jwks'],
    '/apps/oidc/register': ['registration'],
    '/apps/oidc/register/some-client': ['registration'],
    '/index.php/apps/oidc/authorize?client_id=x': ['authorize'],
    '/index.php/apps/oidc/token': ['token'],
    '/apps/oidc/userinfo': ['userinfo'],
    '/apps/oidc/introspect': ['introspection'],
    '/index.php/login': ['login'],
    '/index.php/login/v2/poll': ['login'],
    '/index.php/apps/notes/api/v1/notes': ['api', 'notes'],
    '/index.php/apps/tables/api/1/tables': ['api', 'tables'],
    '/ocs/v2.php/apps/tables/api/2/tables': ['api', 'tables', 'ocs'],
    '/index.php/apps/deck/api/v1.0/boards': ['api', 'deck'],
    '/ocs/v2.php/cloud/user': ['api', 'ocs'],
    '/remote.php/dav/files/alice/': ['api', 'webdav'],
    '/remote.php/webdav/a.txt': ['api', 'webdav'],
    '/remote.php/dav/': ['api', 'webdav'],
    '/remote.php/dav/calendars/alice/personal/': ['api', 'caldav'],
    '/.well-known/caldav': ['caldav'],
    '/.well-known/carddav': ['carddav'],
    '/remote.php/dav/addressbooks/users/alice/': ['api', 'carddav'],
    '/remote.php/dav/principals/users/alice/': ['api', 'caldav', 'carddav'],
    '/index.php/apps/dashboard/': [],
  }

  it.each(Object.entries(PATHS))('%s is in %j', async (path, scopes) => {
    const found = []
    for (const scope of FAULT_SCOPES) {
      const lift = nextcloud.twin.inject({ scope, kind: 'status-502-html' })
      if ((await ask(path)).status === 502) found.push(scope)
      lift()
    }
    expect(found.sort()).toEqual(['all', ...scopes].sort())
  })
})

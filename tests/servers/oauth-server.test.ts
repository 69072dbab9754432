import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startReferenceServer } from '../../src/servers/start.js'
import { INITIALIZE, rawStatus, send, TestSession } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer, temporaryFolder } from './support/reference.js'

const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' }
const REGISTER = '/apps/oidc/register'

const storedClient = async (path: string): Promise<{ client_id: string }> =>
  JSON.parse(await readFile(path, 'utf8')) as { client_id: string }

describe('requests without a good token', () => {
  it.each(['POST', 'GET', 'DELETE', 'PUT'])(
    'are challenged: %s, with and without a session',
    async (method) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await oauthServer(nextcloud)
      const session = await TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url }))
      for (const id of [undefined, session.id]) {
        const reply = await send(url, method === 'POST' ? LIST : undefined, { method, session: id })
        expect(reply.status).toBe(401)
        expect(reply.headers.get('WWW-Authenticate')).toBe(
          `Bearer resource_metadata="${new URL(url).origin}/.well-known/oauth-protected-resource/mcp", scope="openid profile email"`,
        )
        expect(reply.headers.get('Mcp-Session-Id')).toBeNull()
      }
    },
  )

  it('are told that a bad token is invalid, without it being repeated', async () => {
    const { url } = await oauthServer(await fakeNextcloud())
    const token = 'bad-token-'.repeat(8)
    const reply = await send(url, INITIALIZE, { token })
    expect(reply.status).toBe(401)
    expect(reply.headers.get('WWW-Authenticate')).toContain('error="invalid_token", error_description="')
    expect(reply.text + JSON.stringify([...reply.headers])).not.toContain(token)
  })

  it.each(['Bearer', 'Bearer  ', 'Bearer a b', 'Bearer ä', `Bearer ${'x'.repeat(65_536)}`])(
    'are refused with 400 for a malformed header, nothing being forwarded: %.20s',
    async (header) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await oauthServer(nextcloud)
      nextcloud.requests.length = 0
      expect((await send(url, INITIALIZE, { headers: { Authorization: header } })).status).toBe(400)
      expect(nextcloud.requests).toEqual([])
    },
  )

  it('are refused with 400 for two Authorization headers', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const authorization = `Bearer ${nextcloud.issue({ sub: 'alice', resource: url })}`
    const host = ['Host', new URL(url).host]
    expect(await rawStatus(url, [...host, 'Authorization', authorization])).toBe(200)
    const twice = ['Authorization', authorization, 'Authorization', 'Bearer x']
    expect(await rawStatus(url, [...host, ...twice])).toBe(400)
  })

  it.each(['Basic YWxpY2U6cHc=', 'DPoP x', 'Token x'])(
    'are challenged for another scheme: %s',
    async (header) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await oauthServer(nextcloud)
      const reply = await send(url, INITIALIZE, { headers: { Authorization: header } })
      expect([reply.status, reply.headers.get('WWW-Authenticate')?.includes('error=')]).toEqual([401, false])
    },
  )

  it('are challenged when the token is in the query, and the header wins over the query', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const alice = nextcloud.issue({ sub: 'alice', resource: url })
    const withQuery = `${url}?access_token=${alice}`
    expect((await send(withQuery, INITIALIZE)).status).toBe(401)
    const bob = nextcloud.issue({ sub: 'bob', resource: url })
    const session = await TestSession.open(withQuery, bob)
    await session.call('nc_notes_create_note', { title: 'of bob', content: '', category: '' })
    expect([...nextcloud.notes.values()].map(({ owner }) => owner)).toEqual(['bob'])
  })

  it('get 503 with Retry-After while tokens cannot be checked', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const token = nextcloud.issue({ sub: 'alice', resource: url })
    nextcloud.interfere = () => new Response('<html>', { status: 502 })
    const reply = await send(url, INITIALIZE, { token })
    expect([reply.status, reply.headers.get('Retry-After')]).toEqual([503, '2'])
    nextcloud.interfere = () => undefined
    expect((await send(url, INITIALIZE, { token })).status).toBe(200)
  })
})

describe('a good token', () => {
  it.each(['bearer', 'BEARER', 'bEaReR'])(
    'works with the scheme written %s, through to Nextcloud',
    async (scheme) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await oauthServer(nextcloud)
      const token = nextcloud.issue({ sub: 'alice', resource: url })
      const session = await TestSession.open(url, token)
      const headers = { Authorization: `${scheme} ${token}` }
      const reply = await session.call('nc_notes_search_notes', { query: 'x' }, { token: undefined, headers })
      expect(reply.isError).toBeUndefined()
      expect(nextcloud.requests.at(-1)?.authorization).toBe(`Bearer ${token}`)
    },
  )

  it('of another user does not open a session, and cannot end it', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const session = await TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url }))
    const bob = nextcloud.issue({ sub: 'bob', resource: url })
    for (const method of ['POST', 'GET', 'DELETE']) {
      const body = method === 'POST' ? LIST : undefined
      expect((await send(url, body, { method, token: bob, session: session.id })).status).toBe(404)
    }
    expect((await session.request('tools/list')).status).toBe(200)
  })

  it('of the same user goes on with the session after a refresh', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const session = await TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url }))
    const refreshed = nextcloud.issue({ sub: 'alice', resource: url })
    expect((await session.request('tools/list', {}, { token: refreshed })).status).toBe(200)
    await session.call('nc_notes_search_notes', { query: 'x' }, { token: refreshed })
    expect(nextcloud.requests.at(-1)?.authorization).toBe(`Bearer ${refreshed}`)
  })

  it('that Nextcloud refuses gives a tool error which points to the credentials', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const session = await TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url }))
    nextcloud.interfere = (path) => (path.includes('/notes/') ? new Response('', { status: 401 }) : undefined)
    const reply = await session.call('nc_notes_get_note', { note_id: 1 })
    expect(reply).toMatchObject({
      isError: true,
      content: [{ text: expect.stringContaining('credentials') as string }],
    })
  })

  it('keeps users apart in interleaved calls', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const sessions = await Promise.all(
      ['alice', 'bob'].map(async (sub) => ({
        sub,
        session: await TestSession.open(url, nextcloud.issue({ sub, resource: url })),
      })),
    )
    const calls = sessions.flatMap(({ sub, session }) =>
      Array.from({ length: 20 }, () =>
        session.call('nc_notes_create_note', { title: sub, content: sub, category: '' }),
      ),
    )
    await Promise.all(calls)
    expect([...nextcloud.notes.values()].every(({ owner, title }) => owner === title)).toBe(true)
    expect(nextcloud.notes.size).toBe(40)
    expect(nextcloud.requests.some(({ headers }) => headers.has('Cookie'))).toBe(false)
  })
})

describe('the metadata document', () => {
  it('is served at the path of the resource and at the root, to any origin', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    for (const path of [
      '/.well-known/oauth-protected-resource/mcp',
      '/.well-known/oauth-protected-resource',
    ]) {
      const response = await fetch(new URL(path, url), { headers: { Origin: 'https://anybody.example' } })
      expect([response.status, response.headers.get('Access-Control-Allow-Origin')]).toEqual([200, '*'])
      expect(await response.json()).toMatchObject({
        resource: url,
        authorization_servers: [nextcloud.url],
        scopes_supported: ['openid', 'profile', 'email'],
        bearer_methods_supported: ['header'],
      })
    }
  })

  it('names the configured resource and the public issuer exactly', async () => {
    const nextcloud = await fakeNextcloud()
    const resource = 'https://mcp.example/nextcloud/mcp'
    const server = await oauthServer(nextcloud, [], {
      NEXTCLOUD_MCP_SERVER_URL: resource,
      NEXTCLOUD_PUBLIC_ISSUER_URL: 'https://cloud.example',
    })
    const response = await fetch(new URL('/.well-known/oauth-protected-resource/nextcloud/mcp', server.url))
    expect(await response.json()).toMatchObject({
      resource,
      authorization_servers: ['https://cloud.example'],
    })
    const challenge = (await send(server.url, INITIALIZE)).headers.get('WWW-Authenticate')
    expect(challenge).toContain('"https://mcp.example/.well-known/oauth-protected-resource/nextcloud/mcp"')
    const token = await nextcloud.jwt({ iss: 'https://cloud.example', sub: 'alice', aud: resource })
    expect((await send(server.url, INITIALIZE, { token })).status).toBe(200)
    const internal = await nextcloud.jwt({ sub: 'alice', aud: resource })
    expect((await send(server.url, INITIALIZE, { token: internal })).status).toBe(401)
  })

  it('is found through the inside address where Nextcloud calls itself by its public one', async () => {
    const nextcloud = await fakeNextcloud()
    const publicIssuer = 'https://cloud.example'
    const resource = 'https://mcp.example/mcp'
    nextcloud.ownName = publicIssuer
    const env = { NEXTCLOUD_PUBLIC_ISSUER_URL: publicIssuer, NEXTCLOUD_MCP_SERVER_URL: resource }
    const { url } = await oauthServer(nextcloud, [], env)
    for (const token of [
      await nextcloud.jwt({ iss: publicIssuer, sub: 'alice', aud: resource }),
      nextcloud.issue({ sub: 'alice', resource }),
    ]) {
      expect((await send(url, INITIALIZE, { token })).status).toBe(200)
    }
    expect(nextcloud.count(`${REGISTER}/`)).toBe(1)
  })

  it('is absent in basic mode', async () => {
    const { url } = await basicServer(await fakeNextcloud())
    expect((await fetch(new URL('/.well-known/oauth-protected-resource/mcp', url))).status).toBe(404)
  })
})

describe("the server's own client", () => {
  it('is registered once for the resource, saved for its owner only, and used again', async () => {
    const nextcloud = await fakeNextcloud()
    const storage = join(await temporaryFolder(), 'client.json')
    const env = { NEXTCLOUD_OIDC_CLIENT_STORAGE: storage, NEXTCLOUD_MCP_SERVER_URL: 'http://127.0.0.1:9/mcp' }
    const umask = process.umask(0)
    onTestFinished(() => void process.umask(umask))
    await oauthServer(nextcloud, [], env)
    expect((await stat(storage)).mode & 0o777).toBe(0o600)
    const { url } = await oauthServer(nextcloud, [], env)
    expect(nextcloud.clients.size).toBe(1)
    expect([...nextcloud.clients.values()][0]?.resource).toBe('http://127.0.0.1:9/mcp')
    const token = nextcloud.issue({ sub: 'alice', resource: 'http://127.0.0.1:9/mcp' })
    expect((await send(url, INITIALIZE, { token })).status).toBe(200)

    await oauthServer(nextcloud, ['s-store-0644'], {
      ...env,
      NEXTCLOUD_OIDC_CLIENT_STORAGE: `${storage}.mutant`,
    })
    expect((await stat(`${storage}.mutant`)).mode & 0o777).toBe(0o644)
    const before = nextcloud.clients.size
    await oauthServer(nextcloud, ['s-always-reregister'], env)
    expect(nextcloud.clients.size).toBe(before + 1)
  })

  it('is registered anew for another resource, for an unreadable file and for an expired client', async () => {
    const nextcloud = await fakeNextcloud()
    const storage = join(await temporaryFolder(), 'client.json')
    const env = { NEXTCLOUD_OIDC_CLIENT_STORAGE: storage, NEXTCLOUD_MCP_SERVER_URL: 'http://127.0.0.1:9/mcp' }
    await oauthServer(nextcloud, [], env)
    await oauthServer(nextcloud, [], { ...env, NEXTCLOUD_MCP_SERVER_URL: 'http://127.0.0.1:10/mcp' })
    expect(nextcloud.clients.size).toBe(2)
    await writeFile(storage, '{"client_id": ')
    await oauthServer(nextcloud, [], env)
    expect(nextcloud.clients.size).toBe(3)
    const stored = { ...(await storedClient(storage)), client_id_issued_at: 0, client_secret_expires_at: 1 }
    await writeFile(storage, JSON.stringify(stored))
    await chmod(storage, 0o600)
    await oauthServer(nextcloud, [], env)
    expect(nextcloud.clients.size).toBe(4)
  })

  it('is waited for until Nextcloud shows it', async () => {
    const nextcloud = await fakeNextcloud()
    nextcloud.lagMs = 300
    await oauthServer(nextcloud)
    const client = [...nextcloud.clients.values()][0]
    expect(client?.visibleAtMs).toBeLessThanOrEqual(Date.now())
    await oauthServer(nextcloud, ['s-no-wait-after-register'])
    const careless = [...nextcloud.clients.values()][1]
    expect(careless?.visibleAtMs).toBeGreaterThan(Date.now())
  })

  it('is replaced once when introspection refuses it', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    nextcloud.clients.clear()
    const token = nextcloud.issue({ sub: 'alice', resource: url })
    expect((await send(url, INITIALIZE, { token })).status).toBe(200)
    expect(nextcloud.clients.size).toBe(1)
    nextcloud.clients.clear()
    const other = nextcloud.issue({ sub: 'alice', resource: url })
    expect((await send(url, INITIALIZE, { token: other })).status).toBe(503)
    expect(nextcloud.clients.size).toBe(0)
  })

  it('is renewed while the server runs', async () => {
    const nextcloud = await fakeNextcloud()
    nextcloud.clientLifetimeSeconds = 1
    const { url } = await oauthServer(nextcloud)
    await vi.waitFor(() => {
      expect(nextcloud.clients.size).toBeGreaterThan(1)
    }, 5_000)
    nextcloud.clientLifetimeSeconds = 3_600
    const token = nextcloud.issue({ sub: 'alice', resource: url })
    expect((await send(url, INITIALIZE, { token })).status).toBe(200)
  })

  it('comes from the configuration when given there', async () => {
    const nextcloud = await fakeNextcloud()
    nextcloud.clients.set('static', {
      secret: 'static-secret',
      resource: 'http://127.0.0.1:9/mcp',
      visibleAtMs: 0,
    })
    const { url } = await oauthServer(nextcloud, [], {
      NEXTCLOUD_OIDC_CLIENT_ID: 'static',
      NEXTCLOUD_OIDC_CLIENT_SECRET: 'static-secret',
      NEXTCLOUD_MCP_SERVER_URL: 'http://127.0.0.1:9/mcp',
    })
    const token = nextcloud.issue({ sub: 'alice', resource: 'http://127.0.0.1:9/mcp' })
    expect((await send(url, INITIALIZE, { token })).status).toBe(200)
    expect(nextcloud.count(REGISTER)).toBe(0)
  })

  it('is not registered per session', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const token = nextcloud.issue({ sub: 'alice', resource: url })
    for (let count = 0; count < 3; count++) await TestSession.open(url, token)
    expect(nextcloud.clients.size).toBe(1)
  })
})

describe('starting', () => {
  it('fails with a plain reason when Nextcloud is not there, and leaves nothing listening', async () => {
    const nextcloud = await fakeNextcloud()
    await nextcloud.stop()
    await expect(oauthServer(nextcloud)).rejects.toMatchObject({ code: 'NCMC_OAUTH_REQUEST' })
  })

  it('answers nobody before the client can be used', async () => {
    const nextcloud = await fakeNextcloud()
    const free = await basicServer(nextcloud)
    await free.stop()
    const port = Number(new URL(free.url).port)
    nextcloud.lagMs = 500
    const storage = join(await temporaryFolder(), 'client.json')
    const starting = startReferenceServer({
      mode: 'oauth',
      env: { NEXTCLOUD_HOST: nextcloud.url, NEXTCLOUD_OIDC_CLIENT_STORAGE: storage },
      port,
    })
    await vi.waitFor(() => {
      expect(nextcloud.clients.size).toBe(1)
    })
    await expect(send(free.url, INITIALIZE)).rejects.toThrow()
    const server = await starting
    onTestFinished(() => server.stop())
    expect((await send(free.url, INITIALIZE)).status).toBe(401)
  })

  it.each([
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: '' }],
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: 'cloud.example' }],
    ['NEXTCLOUD_OIDC_CLIENT_SECRET', { NEXTCLOUD_HOST: 'http://127.0.0.1', NEXTCLOUD_OIDC_CLIENT_ID: 'x' }],
    ['NEXTCLOUD_MCP_SERVER_URL', { NEXTCLOUD_HOST: 'http://127.0.0.1', NEXTCLOUD_MCP_SERVER_URL: '/mcp' }],
    [
      'NEXTCLOUD_PUBLIC_ISSUER_URL',
      { NEXTCLOUD_HOST: 'http://127.0.0.1', NEXTCLOUD_PUBLIC_ISSUER_URL: 'ftp://x' },
    ],
  ])('is refused naming %s: %j', async (name, env) => {
    const start = startReferenceServer({ mode: 'oauth', env })
    await expect(start).rejects.toMatchObject({
      code: 'NCMC_USAGE',
      message: expect.stringContaining(name) as string,
    })
  })
})

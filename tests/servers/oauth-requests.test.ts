import { describe, expect, it } from 'vitest'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { INITIALIZE, rawStatus, send, TestSession } from './support/mcp-http.js'
import { fakeNextcloud, oauthServer } from './support/reference.js'

const LIST = { jsonrpc: '2.0', id: 2, method: 'tools/list' }

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
          `Bearer resource_metadata="${new URL(url).origin}/.well-known/oauth-protected-resource/mcp", scope="${ALL_SCOPES.join(' ')}"`,
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

import { describe, expect, it } from 'vitest'
import { startReferenceServer } from '../../src/servers/start.js'
import { INITIALIZE, rawStatus, send, TestSession } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer } from './support/reference.js'

describe('Host and Origin', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://localhost:1'])(
    'are checked: the origin %s is refused for every method',
    async (origin) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await basicServer(nextcloud)
      const oauth = await oauthServer(nextcloud)
      for (const endpoint of [url, oauth.url]) {
        for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
          const body = method === 'POST' ? INITIALIZE : undefined
          const reply = await send(endpoint, body, { method, headers: { Origin: origin } })
          expect([reply.status, reply.headers.get('Access-Control-Allow-Origin')]).toEqual([403, null])
        }
      }
    },
  )

  it('are accepted as loopback names with the port, and as the configured public URL', async () => {
    const { url } = await basicServer(await fakeNextcloud(), [], {
      NEXTCLOUD_MCP_SERVER_URL: 'https://mcp.example/mcp',
    })
    const { port } = new URL(url)
    const status = (host: string, ...origin: string[]): Promise<number | undefined> =>
      rawStatus(url, ['Host', host, ...origin.flatMap((value) => ['Origin', value])])
    for (const origin of ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`)) {
      expect(await status(new URL(origin).host, origin), origin).toBe(200)
    }
    expect(await status('mcp.example', 'https://mcp.example')).toBe(200)
    for (const host of ['evil.example', `evil.example:${port}`, 'localhost']) {
      expect(await status(host), host).toBe(403)
    }
  })
})

describe('configuration and credentials', () => {
  it.each([
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: '' }],
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: 'no url' }],
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: 'http://alice:s3cret@127.0.0.1' }],
    ['NEXTCLOUD_PASSWORD', { NEXTCLOUD_PASSWORD: '' }],
    ['NEXTCLOUD_USERNAME', { NEXTCLOUD_USERNAME: '' }],
  ])('stops the start naming %s: %j', async (name, change) => {
    const env = {
      NEXTCLOUD_HOST: 'http://127.0.0.1',
      NEXTCLOUD_USERNAME: 'alice',
      NEXTCLOUD_PASSWORD: 's3cret',
      ...change,
    }
    const start = startReferenceServer({ mode: 'basic', env })
    await expect(start).rejects.toMatchObject({
      code: 'NCMC_USAGE',
      message: expect.stringContaining(name) as string,
    })
    await expect(startReferenceServer({ mode: 'basic', env })).rejects.not.toMatchObject({
      message: expect.stringContaining('s3cret') as string,
    })
  })

  it('of the MCP client are ignored', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await basicServer(nextcloud)
    const session = await TestSession.open(url, 'a-token-of-the-client')
    await session.call('nc_notes_create_note', { title: 't', content: '', category: '' })
    expect([...nextcloud.notes.values()][0]?.owner).toBe('alice')
    expect(nextcloud.requests.at(-1)?.authorization).toMatch(/^Basic /)
  })

  it('work again after the password was put right', async () => {
    const nextcloud = await fakeNextcloud()
    const server = await basicServer(nextcloud, [], { NEXTCLOUD_PASSWORD: 'new-password' })
    const session = await TestSession.open(server.url)
    const refused = await session.call('nc_notes_search_notes', { query: 'x' })
    expect(refused.content[0]?.text).toContain('credentials')
    expect(nextcloud.requests.length).toBe(1)
    nextcloud.passwords.set('alice', 'new-password')
    expect((await session.call('nc_notes_search_notes', { query: 'x' })).isError).toBeUndefined()
  })

  it('report a taken port', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await basicServer(nextcloud)
    const env = { NEXTCLOUD_HOST: nextcloud.url, NEXTCLOUD_USERNAME: 'alice', NEXTCLOUD_PASSWORD: 'x' }
    const start = startReferenceServer({ mode: 'basic', env, port: Number(new URL(url).port) })
    await expect(start).rejects.toMatchObject({ code: 'NCMC_PORT_IN_USE' })
  })
})

import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { startReferenceServer } from '../../src/servers/start.js'
import { INITIALIZE, send } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer, temporaryFolder } from './support/reference.js'

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
      'NEXTCLOUD_OIDC_UNBOUND_TOKENS',
      { NEXTCLOUD_HOST: 'http://127.0.0.1', NEXTCLOUD_OIDC_UNBOUND_TOKENS: 'yes' },
    ],
    ['NEXTCLOUD_TIMEOUT_SECONDS', { NEXTCLOUD_HOST: 'http://127.0.0.1', NEXTCLOUD_TIMEOUT_SECONDS: '0' }],
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

import { chmod, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { INITIALIZE, send, TestSession } from './support/mcp-http.js'
import { fakeNextcloud, oauthServer, temporaryFolder } from './support/reference.js'

const REGISTER = '/apps/oidc/register'

const storedClient = async (path: string): Promise<{ client_id: string }> =>
  JSON.parse(await readFile(path, 'utf8')) as { client_id: string }

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

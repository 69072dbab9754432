import { afterEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { ORIGIN, Visitor } from './core-visitor.js'

const running: EmbeddedNextcloud[] = []

async function start(options: EmbeddedOptions = {}): Promise<EmbeddedNextcloud> {
  const nextcloud = await startEmbeddedNextcloud(options)
  running.push(nextcloud)
  return nextcloud
}

afterEach(async () => {
  for (const nextcloud of running.splice(0)) await nextcloud.stop()
})

async function issuer(baseUrl: string): Promise<string> {
  const response = await fetch(`${baseUrl}/.well-known/openid-configuration`)
  return ((await response.json()) as { issuer: string }).issuer
}

describe('an embedded Nextcloud', () => {
  it('listens on 127.0.0.1 and names the host of the request as issuer', async () => {
    const { baseUrl } = await start()
    expect(baseUrl).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/)
    expect(await issuer(baseUrl)).toBe(baseUrl)
    const byName = baseUrl.replace('127.0.0.1', 'localhost')
    expect(await issuer(byName)).toBe(byName)
  })

  it('has alice and bob with passwords of their own', async () => {
    const first = await start()
    const second = await start()
    const passwords = [first, second].flatMap(({ users }) => [users.alice.password, users.bob.password])
    expect(new Set(passwords).size).toBe(4)
    expect(first.users.alice.userId).toBe('alice')
  })

  it('refuses a port that is taken', async () => {
    const { baseUrl } = await start()
    const port = Number(new URL(baseUrl).port)
    await expect(start({ port })).rejects.toMatchObject({ code: 'NCMC_PORT_IN_USE', exitCode: 3 })
  })

  it('refuses fewer than two users', async () => {
    const alone = { userId: 'alice', password: 'p', displayName: 'Alice', email: '' }
    await expect(start({ users: [alone] })).rejects.toMatchObject({ code: 'NCMC_USAGE' })
  })

  it('stops at once, with connections open, and twice', async () => {
    const nextcloud = await start()
    await issuer(nextcloud.baseUrl)
    await nextcloud.stop()
    await nextcloud.stop()
    await expect(issuer(nextcloud.baseUrl)).rejects.toThrow('fetch failed')
  })

  it('keeps its state and its port while it is suspended', async () => {
    const nextcloud = await start()
    const visitor = new Visitor(nextcloud)
    await visitor.logIn()
    await nextcloud.twin.suspend()
    await expect(issuer(nextcloud.baseUrl)).rejects.toThrow('fetch failed')
    await nextcloud.twin.resume()
    expect(await issuer(nextcloud.baseUrl)).toBe(nextcloud.baseUrl)
    expect((await visitor.send('/index.php/apps/dashboard/')).status).toBe(200)
  })

  it('tells its version and apps', async () => {
    const info = await (await start()).info()
    expect(info).toEqual({
      version: '32.0.2',
      apps: { oidc: '2.0.9', user_oidc: '8.10.1', notes: '4.13.1', tables: '1.0.3', deck: '1.16.3' },
    })
  })

  it('answers unknown paths and methods as Nextcloud does', async () => {
    const { app } = await start()
    const page = await app.request(`${ORIGIN}/index.php/apps/nothing`)
    expect([page.status, page.headers.get('content-type')]).toEqual([404, 'text/html; charset=UTF-8'])
    const bare = await app.request(`${ORIGIN}/nothing`, { headers: { accept: 'application/json' } })
    expect([bare.status, await bare.text()]).toEqual([404, ''])
    const wrongMethod = await app.request(`${ORIGIN}/index.php/apps/oidc/token`)
    expect([wrongMethod.status, await wrongMethod.text()]).toEqual([405, ''])
  })

  it('forgets sessions that nobody came back with, the oldest first, and keeps the others', async () => {
    const nextcloud = await start()
    const visitor = new Visitor(nextcloud)
    await visitor.logIn()
    await visitor.send('/index.php/apps/dashboard/')
    for (let count = 0; count < 10_050; count++) await nextcloud.app.request(`${ORIGIN}/status.php`)
    expect(nextcloud.context.store.sessions.size).toBeLessThanOrEqual(10_001)
    expect((await visitor.send('/index.php/apps/dashboard/')).status).toBe(200)
  })
})

describe('its administrator', () => {
  it('changes settings, passwords and users', async () => {
    const nextcloud = await start()
    await nextcloud.admin.setAppConfig('oidc', 'dynamic_client_registration', 'false')
    const register = { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } }
    const refused = await nextcloud.app.request(`${ORIGIN}/apps/oidc/register`, register)
    expect(await refused.json()).toMatchObject({ error: 'dynamic_registration_not_allowed' })
    await nextcloud.admin.setAppConfig('oidc', 'dynamic_client_registration', null)
    await nextcloud.admin.setUserPassword('alice', 'another')
    await nextcloud.admin.createUser({ userId: 'carol', password: 'c', displayName: 'Carol', email: '' })
    const carol = await new Visitor(nextcloud).logIn({ user: 'carol', password: 'c' })
    expect(carol.headers.get('location')).toBe(`${ORIGIN}/index.php/apps/dashboard/`)
    const alice = await new Visitor(nextcloud).logIn()
    expect(alice.headers.get('location')).toBe('/index.php/login?user=alice&direct=1')
    await expect(nextcloud.admin.setUserPassword('nobody', 'p')).rejects.toMatchObject({
      code: 'NCMC_INTERNAL',
    })
  })
})

import { cpSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { createInstance } from '../../src/nextcloud/embedded-image/instance.js'
import { installed, type Installed } from './support.js'

type App = ReturnType<typeof createInstance>['app']

const BASE = 'http://localhost:8080'

async function whoIs(app: App, userId: string, password: string): Promise<string | number> {
  const response = await app.request(`${BASE}/ocs/v2.php/cloud/user?format=json`, {
    headers: {
      'ocs-apirequest': 'true',
      authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}`,
    },
  })
  if (response.status !== 200) return response.status
  return ((await response.json()) as { ocs: { data: { id: string } } }).ocs.data.id
}

async function discovered(
  app: App,
  base = BASE,
  headers: Record<string, string> = {},
): Promise<Record<string, unknown>> {
  const response = await app.request(`${base}/index.php/.well-known/openid-configuration`, { headers })
  return response.status === 200
    ? ((await response.json()) as Record<string, unknown>)
    : { status: response.status }
}

function withOidc(env: Record<string, string> = {}): Installed {
  const made = installed(env)
  made.occ(['app:enable', 'oidc', 'user_oidc', 'notes'])
  return made
}

describe('an instance of the image', () => {
  it('lets users in as the last occ left them, and keeps the state for another one', async () => {
    const { occ, webRoot } = installed()
    const { app } = createInstance(webRoot, {})
    expect(await whoIs(app, 'alice', 'first-password')).toBe(401)
    occ(['user:add', '--password-from-env', 'alice'], { OC_PASS: 'first-password' })
    expect(await whoIs(app, 'alice', 'first-password')).toBe('alice')
    expect(await whoIs(app, 'alice', 'wrong')).toBe(401)
    occ(['user:resetpassword', '--password-from-env', 'alice'], { OC_PASS: 'second-password' })
    expect(await whoIs(app, 'alice', 'first-password')).toBe(401)
    expect(await whoIs(app, 'alice', 'second-password')).toBe('alice')
    const copy = installed().webRoot
    cpSync(webRoot, copy, { recursive: true })
    expect(await whoIs(createInstance(copy, {}).app, 'alice', 'second-password')).toBe('alice')
    occ(['user:delete', 'alice'])
    expect(await whoIs(app, 'alice', 'second-password')).toBe(401)
  })

  it('names the overwritten address as issuer, wherever it is asked', async () => {
    const { occ, webRoot } = withOidc()
    const { app } = createInstance(webRoot, {})
    expect(await discovered(app)).toMatchObject({ issuer: BASE })
    for (const [key, value] of [
      ['overwritehost', 'cloud.example.com:8443'],
      ['overwriteprotocol', 'https'],
      ['overwritewebroot', '/cloud'],
    ] as const) {
      occ(['config:system:set', key, `--value=${value}`])
    }
    const public_ = 'https://cloud.example.com:8443/cloud'
    expect(await discovered(app, 'http://nextcloud')).toMatchObject({
      issuer: public_,
      token_endpoint: `${public_}/index.php/apps/oidc/token`,
    })
    const overwritten = createInstance(webRoot, { OVERWRITEHOST: 'other.example.com' })
    expect(await discovered(overwritten.app)).toMatchObject({ issuer: 'https://other.example.com/cloud' })
  })

  it('refuses hosts that are not trusted, until they are', async () => {
    const { occ, webRoot } = withOidc()
    const { app } = createInstance(webRoot, {})
    const headers = { host: 'nextcloud' }
    expect(await discovered(app, 'http://nextcloud', headers)).toEqual({ status: 400 })
    const status = await app.request('http://nextcloud/status.php', { headers })
    expect(status.status).toBe(400)
    expect(await status.json()).toEqual({ error: 'Trusted domain error.', code: 15 })
    occ(['config:system:set', 'trusted_domains', '1', '--value=next*'])
    expect(await discovered(app, 'http://nextcloud', headers)).toMatchObject({ issuer: 'http://nextcloud' })
    expect(await discovered(app, 'http://my', { host: 'my.nextcloud' })).toEqual({ status: 400 })
    expect(await discovered(app, BASE, { host: 'localhost:8080' })).toMatchObject({ issuer: BASE })
  })

  it('tells of maintenance, and serves again after it', async () => {
    const { occ, webRoot } = withOidc()
    const { app } = createInstance(webRoot, {})
    const maintenance = async (): Promise<unknown> =>
      ((await (await app.request(`${BASE}/status.php`)).json()) as { maintenance: unknown }).maintenance
    expect(await maintenance()).toBe(false)
    occ(['maintenance:mode', '--on'])
    expect(await maintenance()).toBe(true)
    expect(await discovered(app)).toEqual({ status: 503 })
    occ(['maintenance:mode', '--off'])
    expect(await maintenance()).toBe(false)
    expect(await discovered(app)).toMatchObject({ issuer: BASE })
  })

  it('has only the apps that are enabled', async () => {
    const { occ, webRoot } = withOidc()
    const { app } = createInstance(webRoot, {})
    const notes = async (): Promise<number> =>
      (await app.request(`${BASE}/index.php/apps/notes/api/v1/notes`)).status
    expect(await notes()).toBe(401)
    occ(['app:disable', 'notes'])
    expect(await notes()).toBe(404)
    occ(['app:disable', 'oidc'])
    expect(await discovered(app)).toEqual({ status: 404 })
  })

  it('honours a patch of the discovery document that older versions need', async () => {
    const { webRoot } = withOidc({ NCMC_PROFILE: 'oidc-1.9.0' })
    const env = { NCMC_PROFILE: 'oidc-1.9.0' }
    expect(await discovered(createInstance(webRoot, env).app)).not.toHaveProperty(
      'code_challenge_methods_supported',
    )
    const file = join(webRoot, 'custom_apps/oidc/lib/Util/DiscoveryGenerator.php')
    const text = readFileSync(file, 'utf8')
    expect(text).toMatch(/^ *'issuer' =>/m)
    writeFileSync(file, text.replace("'issuer'", "'code_challenge_methods_supported' => ['S256'],\n'issuer'"))
    expect(await discovered(createInstance(webRoot, env).app)).toMatchObject({
      code_challenge_methods_supported: ['S256'],
    })
  })

  it('writes hrefs below the published path, and takes such ones', async () => {
    const { occ, webRoot } = withOidc()
    occ(['config:system:set', 'overwritewebroot', '--value=/cloud'])
    const { app } = createInstance(webRoot, {})
    const authorization = `Basic ${Buffer.from('admin:admin-password').toString('base64')}`
    const dav = (method: string, path: string, headers: Record<string, string> = {}): Promise<Response> =>
      Promise.resolve(
        app.request(`${BASE}/remote.php/dav/files/admin/${path}`, {
          method,
          headers: { authorization, ...headers },
        }),
      )
    expect((await dav('MKCOL', 'a')).status).toBe(201)
    const destination = `${BASE}/cloud/remote.php/dav/files/admin/b`
    expect((await dav('MOVE', 'a', { destination })).status).toBe(201)
    const listed = await (await dav('PROPFIND', 'b', { depth: '0' })).text()
    expect(listed).toContain('<d:href>/cloud/remote.php/dav/files/admin/b/</d:href>')
  })
})

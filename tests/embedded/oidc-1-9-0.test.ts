import { decodeJwt } from 'jose'
import { describe, expect, it } from 'vitest'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import {
  CALLBACK,
  callbackOf,
  json,
  location,
  loggedInCloud,
  oauthErrorOf,
  ORIGIN,
  TestCloud,
  type Client,
} from './oidc-support.js'

const OIDC = '/index.php/apps/oidc'
const old = (options: EmbeddedOptions = {}) => loggedInCloud({ profile: 'oidc-1.9.0', ...options })

describe('oidc 1.9.0, beyond its recordings', () => {
  it('announces S256 only when patched to, and ignores it all the same', async () => {
    const announced = async (cloud: TestCloud) =>
      (await json(await cloud.sendBare('/.well-known/openid-configuration')))[
        'code_challenge_methods_supported'
      ]
    expect(await announced(await old())).toBeUndefined()
    const patched = await old({ discoveryPkcePatch: true })
    expect(await announced(patched)).toEqual(['S256'])
    const client = await patched.register()
    const code = await patched.code(client, { code_challenge: 'x'.repeat(43) })
    expect((await patched.exchange(client, code)).status).toBe(200)
  })

  it('refuses a further client at the cap, if there is one, until one expires', async () => {
    const cloud = new TestCloud({ profile: 'oidc-1.9.0', maxDynamicClients: 2 })
    expect((await cloud.registerResponse()).status).toBe(201)
    cloud.ctx.clock.shift(1800)
    expect((await cloud.registerResponse()).status).toBe(201)
    expect(await oauthErrorOf(await cloud.registerResponse())).toEqual([
      400,
      'max_num_clients_exceeded',
      'Maximum number of dynamic registered clients exceeded.',
    ])
    cloud.ctx.clock.shift(1801)
    expect((await cloud.registerResponse()).status).toBe(201)
  })

  it('allows ten registrations a minute', async () => {
    const cloud = new TestCloud({ profile: 'oidc-1.9.0', rateLimit: true })
    const statuses = []
    for (let call = 0; call < 11; call += 1) statuses.push((await cloud.registerResponse()).status)
    expect(statuses).toEqual([...Array.from({ length: 10 }, () => 201), 429])
    cloud.ctx.clock.shift(61)
    expect((await cloud.registerResponse()).status).toBe(201)
  })

  it('deletes expired clients with every registration and every authorization', async () => {
    const cloud = await old()
    const [first, second] = [await cloud.register(), await cloud.register()]
    cloud.ctx.clock.shift(3601)
    expect(cloud.ctx.store.clients.size).toBe(2)
    await cloud.register()
    expect(cloud.ctx.store.clients.size).toBe(1)
    cloud.ctx.clock.shift(3601)
    expect((await cloud.authorize(second)).status).toBe(200)
    expect([cloud.ctx.store.clients.size, first.client_id === second.client_id]).toEqual([0, false])
  })

  it('fills what a request leaves out from an earlier one, of another client too', async () => {
    const cloud = new TestCloud({ profile: 'oidc-1.9.0' })
    const [other, client] = [await cloud.register(), await cloud.register()]
    const login = location(await cloud.authorize(other, { nonce: 'stale', scope: 'openid' }))
    await cloud.login('alice', login)
    const bare = await cloud.send(`${OIDC}/authorize`)
    expect(location(bare)).toContain(`${CALLBACK}?state=st-1&code=`)
    const query = new URLSearchParams({ client_id: client.client_id, redirect_uri: CALLBACK })
    const code = callbackOf(await cloud.send(`${OIDC}/authorize?${query.toString()}`)).get('code') ?? ''
    const tokens = await json(await cloud.exchange(client, code))
    expect(decodeJwt(String(tokens['id_token']))).toMatchObject({ nonce: 'stale', scope: 'openid' })
  })

  it('writes a state with blanks as a form does, and keeps header injection out', async () => {
    const cloud = await old()
    const client = await cloud.register()
    expect(location(await cloud.authorize(client, { state: 'a b&c' }))).toContain('?state=a+b%26c&code=')
    const injected = await cloud.authorize(client, { state: 'a\r\nset-cookie: x=y', response_type: 'token' })
    expect(injected.status).toBe(303)
    expect(location(injected)).toContain('a%0D%0Aset-cookie')
  })

  it('answers a logged-in request without a client with the 500 page', async () => {
    const cloud = await old()
    expect((await cloud.send(`${OIDC}/authorize`)).status).toBe(500)
    expect((await cloud.token(await cloud.register(), { grant_type: 'authorization_code' })).status).toBe(500)
  })

  it('compares redirect URIs exactly, ports too', async () => {
    const cloud = await old()
    const client = await cloud.register({ redirect_uris: ['http://127.0.0.1/cb'] })
    const target = async (redirect_uri: string) => location(await cloud.authorize(client, { redirect_uri }))
    expect(await target('http://127.0.0.1/cb')).toContain('code=')
    expect(await target('http://127.0.0.1:9399/cb')).toBe('')
  })

  it('leaves the tokens of a code alive that is used again', async () => {
    const cloud = await old()
    const client = await cloud.register()
    const code = await cloud.code(client)
    const { access_token } = (await json(await cloud.exchange(client, code))) as { access_token: string }
    expect((await oauthErrorOf(await cloud.exchange(client, code)))[1]).toBe('invalid_request')
    expect((await cloud.userinfo(access_token)).status).toBe(200)
  })

  it('lets core refuse bad Basic client credentials, and good ones at another path', async () => {
    const cloud = await old()
    const client = await cloud.register()
    const header = (secret: string) => ({
      authorization: `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}`,
    })
    const exchange = async (secret: string, path = '/token') => {
      const fields = { grant_type: 'authorization_code', code: await cloud.code(client) }
      const response = await cloud.form(path, fields, header(secret))
      return [response.status, response.status === 200 ? '' : await response.text()]
    }
    expect(await exchange(client.client_secret)).toEqual([200, ''])
    expect(await exchange('wrong')).toEqual([401, '{"message":""}'])
    expect(await exchange(client.client_secret, '/token?x=1')).toEqual([401, '{"message":""}'])
  })

  it('gives JWTs for the default audience when an administrator says so', async () => {
    const audience = async (options: EmbeddedOptions, parameters: Record<string, string> = {}) => {
      const cloud = await old(options)
      const client: Client = await cloud.register({ token_type: 'jwt' })
      const { access_token } = await cloud.tokens(client, parameters)
      return access_token.includes('.') ? decodeJwt(access_token).aud : 'opaque'
    }
    const administratorGrantsJwt = true
    expect(await audience({})).toBe('opaque')
    expect(await audience({ administratorGrantsJwt })).toBe('https://rs.local/')
    const resource = 'https://mcp.example/mcp'
    expect(await audience({ administratorGrantsJwt }, { resource })).toBe(resource)
  })

  it('cuts a scope at 128 characters', async () => {
    const cloud = await old()
    const { id_token } = await cloud.tokens(await cloud.register(), { scope: `openid ${'x'.repeat(200)}` })
    expect(String(decodeJwt(id_token)['scope'])).toHaveLength(128)
  })

  it('has none of the later endpoints', async () => {
    const cloud = await old()
    const client = await cloud.register()
    expect(client).not.toHaveProperty('registration_client_uri')
    const answers = await Promise.all([
      cloud.introspect(client, 'x'),
      cloud.send(`${OIDC}/consent`),
      cloud.send(`${OIDC}/api/consents`),
      cloud.sendBare(`${ORIGIN}${OIDC}/register/${client.client_id}`),
    ])
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    expect((await cloud.sendBare(`${OIDC}/authorize`, { method: 'POST' })).status).toBe(405)
  })
})

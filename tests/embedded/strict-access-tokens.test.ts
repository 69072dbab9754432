import { decodeJwt, decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { json, loggedInCloud, oauthErrorOf, type TestCloud } from './oidc-support.js'

const strict = (options: EmbeddedOptions = {}) => loggedInCloud({ profile: 'strict', ...options })
const RESOURCE = 'https://mcp.example/mcp'

async function apiStatus(cloud: TestCloud, token: string): Promise<number> {
  const response = await cloud.sendBare('/ocs/v2.php/cloud/user?format=json', {
    headers: { authorization: `Bearer ${token}`, 'ocs-apirequest': 'true' },
  })
  return response.status
}

describe('access tokens of the strict profile', () => {
  it.each(['opaque', 'jwt'])('stop everywhere at expires_in (%s)', async (token_type) => {
    const cloud = await strict()
    const client = await cloud.register({ token_type })
    const { access_token, expires_in } = await cloud.tokens(client)
    const look = async () => [
      (await cloud.userinfo(access_token)).status,
      (await json(await cloud.introspect(client, access_token)))['active'],
      await apiStatus(cloud, access_token),
    ]
    cloud.ctx.clock.shift(expires_in - 5)
    expect(await look()).toEqual([200, true, 200])
    cloud.ctx.clock.shift(6)
    expect(await look()).toEqual([401, false, 401])
  })

  it('are told by introspection with their end and their resource', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const bound = await cloud.tokens(client, { resource: RESOURCE })
    const now = cloud.ctx.clock.nowSeconds()
    const told = await json(await cloud.introspect(client, bound.access_token))
    expect(told).toMatchObject({ active: true, aud: RESOURCE, client_id: client.client_id })
    expect(Number(told['exp']) - Number(told['iat'])).toBe(bound.expires_in)
    expect(Math.abs(Number(told['iat']) - now)).toBeLessThanOrEqual(1)
    const unbound = await cloud.tokens(client)
    expect(await json(await cloud.introspect(client, unbound.access_token))).toMatchObject({
      aud: client.client_id,
    })
  })

  it('carry their resource as audience and the type of RFC 9068', async () => {
    const cloud = await strict()
    const client = await cloud.register({ token_type: 'jwt' })
    const { access_token } = await cloud.tokens(client, { resource: RESOURCE })
    expect(decodeProtectedHeader(access_token).typ).toBe('at+jwt')
    expect(decodeJwt(access_token)).toMatchObject({ aud: RESOURCE, client_id: client.client_id })
  })

  it('are worth nothing on the APIs once refreshed, nor is an ID token, nor one of a dead client', async () => {
    const cloud = await strict({ oidcConfig: { client_expire_time: '300' } })
    const client = await cloud.register({ token_type: 'jwt' })
    const scope = 'openid profile offline_access'
    const claims = JSON.stringify({ id_token: { preferred_username: null } })
    const first = await cloud.tokens(client, { scope, claims })
    expect(await apiStatus(cloud, first.access_token)).toBe(200)
    expect(await apiStatus(cloud, first.id_token)).toBe(401)
    const second = await json(await cloud.refresh(client, first.refresh_token ?? ''))
    expect(await apiStatus(cloud, first.access_token)).toBe(401)
    expect(await apiStatus(cloud, String(second['access_token']))).toBe(200)
    cloud.ctx.clock.shift(301)
    expect(await apiStatus(cloud, String(second['access_token']))).toBe(401)
  })
})

describe('refusals of the strict profile', () => {
  it('challenge at userinfo, with insufficient_scope where it is the scope', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const good = await cloud.tokens(client, { scope: 'openid' })
    expect((await cloud.userinfo(good.access_token)).status).toBe(200)
    const unknown = await cloud.userinfo('nope')
    expect(unknown.headers.get('www-authenticate')).toBe('Bearer error="invalid_token"')
    expect((await oauthErrorOf(unknown)).slice(0, 2)).toEqual([401, 'invalid_token'])
    const narrow = await cloud.tokens(client, { scope: 'email' })
    const refused = await cloud.userinfo(narrow.access_token)
    expect(refused.headers.get('www-authenticate')).toBe('Bearer error="insufficient_scope", scope="openid"')
    expect((await oauthErrorOf(refused)).slice(0, 2)).toEqual([403, 'insufficient_scope'])
    const bare = await cloud.sendBare('/index.php/apps/oidc/userinfo')
    expect([bare.status, bare.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  })

  it('challenge at introspection', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    expect((await cloud.introspect(client, 'nope')).status).toBe(200)
    const refused = await cloud.introspect({ ...client, client_secret: 'wrong' }, 'nope')
    expect(refused.status).toBe(401)
    expect(refused.headers.get('www-authenticate')).toMatch(/^Basic /)
  })

  it('tell with 429 when to come back', async () => {
    const cloud = await strict({ rateLimit: true })
    const statuses = []
    for (let call = 0; call < 10; call += 1) statuses.push((await cloud.registerResponse()).status)
    expect(new Set(statuses)).toEqual(new Set([201]))
    cloud.ctx.clock.shift(20)
    const refused = await cloud.registerResponse()
    expect(refused.status).toBe(429)
    const seconds = Number(refused.headers.get('retry-after'))
    expect(seconds).toBeGreaterThan(30)
    expect(seconds).toBeLessThanOrEqual(40)
    cloud.ctx.clock.shift(seconds)
    expect((await cloud.registerResponse()).status).toBe(201)
  })
})

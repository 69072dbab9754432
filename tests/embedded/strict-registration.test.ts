import { describe, expect, it } from 'vitest'
import { CALLBACK, json, oauthErrorOf, TestCloud } from './oidc-support.js'

const strict = () => new TestCloud({ profile: 'strict' })
const NATIVE = { application_type: 'native' }

async function answerTo(metadata: Record<string, unknown>): Promise<[number, unknown]> {
  const response = await strict().registerResponse(metadata)
  return [response.status, (await json(response))['error']]
}

describe('client registration of the strict profile', () => {
  it.each([
    ['loopback http', { redirect_uris: [CALLBACK] }],
    ['localhost http', { redirect_uris: ['http://localhost:8080/cb'] }],
    ['IPv6 loopback http', { redirect_uris: ['http://[::1]/cb'] }],
    ['https', { redirect_uris: ['https://app.example/cb?a=b'] }],
    ['a private-use scheme of a native client', { redirect_uris: ['com.example.app:/cb'], ...NATIVE }],
    ['several', { redirect_uris: [CALLBACK, 'https://app.example/cb'] }],
  ])('accepts %s as redirect URI', async (_, metadata) => {
    expect(await answerTo(metadata)).toEqual([201, undefined])
  })

  it.each([
    ['none', { redirect_uris: [] }],
    ['nothing at all', { redirect_uris: undefined }],
    ['http of another host', { redirect_uris: ['http://app.example/cb'] }],
    ['a host that starts like loopback', { redirect_uris: ['http://127.0.0.1.evil.example/cb'] }],
    ['javascript', { redirect_uris: ['javascript:alert(1)'], ...NATIVE }],
    ['data', { redirect_uris: ['data:text/html,x'], ...NATIVE }],
    ['a private-use scheme of a web client', { redirect_uris: ['com.example.app:/cb'] }],
    ['a scheme without a domain of a native client', { redirect_uris: ['myapp:/cb'], ...NATIVE }],
    ['a fragment', { redirect_uris: ['https://app.example/cb#x'] }],
    ['an empty fragment', { redirect_uris: ['https://app.example/cb#'] }],
    ['a wildcard', { redirect_uris: ['https://*.app.example/cb'] }],
    ['a path wildcard', { redirect_uris: ['https://app.example/*'] }],
    ['credentials', { redirect_uris: ['https://user:pw@app.example/cb'] }],
    ['no URI', { redirect_uris: ['not a url'] }],
    ['a relative one', { redirect_uris: ['/cb'] }],
    ['a good and a bad one', { redirect_uris: [CALLBACK, 'http://app.example/cb'] }],
  ])('refuses %s as redirect URI', async (_, metadata) => {
    expect(await answerTo(metadata)).toEqual([400, 'invalid_redirect_uri'])
  })

  it.each([
    { redirect_uris: CALLBACK },
    { redirect_uris: [CALLBACK, 1] },
    { redirect_uris: { a: CALLBACK } },
    { client_name: ['x'] },
    { scope: ['openid'] },
    { scope: 'open"id' },
    { grant_types: 'authorization_code' },
    { grant_types: ['password'] },
    { response_types: ['token'] },
    { token_endpoint_auth_method: 'private_key_jwt' },
    { id_token_signed_response_alg: 'none' },
    { id_token_signed_response_alg: 'ES256' },
    { application_type: 'desktop' },
    { resource_url: 'not a url' },
    { resource_url: 'https://mcp.example/#x' },
    { resource_url: `https://mcp.example/${'a'.repeat(512)}` },
  ])('refuses the metadata %j', async (metadata) => {
    expect(await answerTo(metadata)).toEqual([400, 'invalid_client_metadata'])
  })

  it.each(['nonsense', '[]', '"x"', 'null', ''])('refuses the body %j', async (body) => {
    const response = await strict().sendBare('/index.php/apps/oidc/register', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body,
    })
    expect((await oauthErrorOf(response)).slice(0, 2)).toEqual([400, 'invalid_client_metadata'])
  })

  it('registers a public client without a secret, which then needs none', async () => {
    const cloud = new TestCloud({ profile: 'strict', consent: false })
    await cloud.login()
    const response = await cloud.registerResponse({ token_endpoint_auth_method: 'none' })
    const client = await json(response)
    expect(client).toMatchObject({ token_endpoint_auth_method: 'none', client_id: expect.any(String) })
    expect(client).not.toHaveProperty('client_secret')
    const { client_id } = client as { client_id: string }
    const known = { client_id, client_secret: '', registration_access_token: '', registration_client_uri: '' }
    expect((await cloud.exchange(known, await cloud.code(known))).status).toBe(200)
  })

  it('says access_denied when registration is off or full', async () => {
    const off = new TestCloud({ profile: 'strict', oidcConfig: { dynamic_client_registration: 'false' } })
    expect((await oauthErrorOf(await off.registerResponse())).slice(0, 2)).toEqual([403, 'access_denied'])
    const full = new TestCloud({ profile: 'strict', maxDynamicClients: 1 })
    expect((await full.registerResponse()).status).toBe(201)
    expect((await oauthErrorOf(await full.registerResponse())).slice(0, 2)).toEqual([403, 'access_denied'])
  })
})

describe('the client configuration endpoint of the strict profile', () => {
  it('returns the registration access token with a read', async () => {
    const cloud = strict()
    const client = await cloud.register()
    const token = client.registration_access_token
    const read = await json(await cloud.configure(client, 'GET', token))
    expect(read).toMatchObject({ client_id: client.client_id, registration_access_token: token })
    const usual = new TestCloud()
    const other = await usual.register()
    expect(
      await json(await usual.configure(other, 'GET', other.registration_access_token)),
    ).not.toHaveProperty('registration_access_token')
  })

  it('challenges whoever has no good token', async () => {
    const cloud = strict()
    const client = await cloud.register()
    const response = await cloud.configure(client, 'GET', 'nope')
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ])
  })

  it('replaces metadata only with good metadata of the same client', async () => {
    const cloud = strict()
    const client = await cloud.register()
    const { client_id, registration_access_token: token } = client
    const put = async (metadata: Record<string, unknown>) => {
      const response = await cloud.configure(client, 'PUT', token, metadata)
      return [response.status, (await json(response))['error']]
    }
    const good = { client_id, redirect_uris: ['https://app.example/cb'] }
    expect(await put({ ...good, redirect_uris: ['http://app.example/cb'] })).toEqual([
      400,
      'invalid_redirect_uri',
    ])
    expect(await put({ ...good, client_id: 'another' })).toEqual([400, 'invalid_client_metadata'])
    expect(await put({ ...good, client_secret: 'another' })).toEqual([400, 'invalid_client_metadata'])
    expect(await put({ ...good, id_token_signed_response_alg: 'none' })).toEqual([
      400,
      'invalid_client_metadata',
    ])
    expect(await put(good)).toEqual([200, undefined])
  })
})

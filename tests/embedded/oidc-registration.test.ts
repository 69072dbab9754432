import { describe, expect, it } from 'vitest'
import { json, loggedInCloud, oauthErrorOf, TestCloud } from './oidc-support.js'

const NO_URIS = [
  400,
  'no_redirect_uris_provided',
  'Dynamic Client Registration requires redirect_uris to be set.',
]

describe('client registration of the embedded oidc app', () => {
  it('answers with the members of the real app in its order', async () => {
    const cloud = new TestCloud()
    const response = await cloud.registerResponse({
      token_type: 'Bearer',
      resource_url: 'http://mcp.test/mcp',
    })
    expect(response.status).toBe(201)
    expect(response.headers.get('access-control-allow-methods')).toBe('POST')
    const body = await json(response)
    expect(Object.keys(body).join(' ')).toBe(
      'client_name client_id client_secret registration_access_token registration_client_uri redirect_uris ' +
        'token_endpoint_auth_method response_types grant_types id_token_signed_response_alg application_type ' +
        'client_id_issued_at client_secret_expires_at scope token_type resource_url',
    )
    expect(body).toMatchObject({ client_name: 'DCR-127.0.0.1', token_type: 'opaque', scope: '' })
  })

  it('uses the server default for a foreign token_type, and opaque when there is none', async () => {
    const cloud = new TestCloud({ oidcConfig: { default_token_type: 'jwt' } })
    const types = []
    for (const token_type of ['Bearer', undefined, 'opaque', 'jwt']) {
      types.push((await json(await cloud.registerResponse({ token_type })))['token_type'])
    }
    expect(types).toEqual(['jwt', 'opaque', 'opaque', 'jwt'])
  })

  it.each([
    [{ redirect_uris: [] }, NO_URIS],
    [{ redirect_uris: null }, NO_URIS],
    [
      { scope: 'openid <b>' },
      [
        400,
        'invalid_scope',
        'Scope contains invalid characters. Allowed: alphanumeric, spaces, underscores, hyphens, colons, periods, ' +
          'and forward slashes.',
      ],
    ],
    [{ resource_url: 'nope' }, [400, 'invalid_resource_url', 'Resource URL must be a valid URL (RFC 9728).']],
    [
      { resource_url: `http://x.test/${'a'.repeat(512)}` },
      [400, 'invalid_resource_url', 'Resource URL exceeds maximum length of 512 characters.'],
    ],
  ])('refuses %j', async (metadata, expected) => {
    const response = await new TestCloud().registerResponse(metadata)
    expect(response.headers.has('access-control-allow-origin')).toBe(false)
    expect(await oauthErrorOf(response)).toEqual(expected)
  })

  it('answers 500 when redirect_uris is a text', async () => {
    const response = await new TestCloud().registerResponse({ redirect_uris: 'http://x.test/' })
    expect(response.status).toBe(500)
  })

  it('refuses all when dynamic registration is off', async () => {
    const cloud = new TestCloud({ oidcConfig: { dynamic_client_registration: 'false' } })
    expect(await oauthErrorOf(await cloud.registerResponse())).toEqual([
      400,
      'dynamic_registration_not_allowed',
      'Dynamic Client Registration is disabled.',
    ])
    const document = await json(await cloud.sendBare('/.well-known/openid-configuration'))
    expect('registration_endpoint' in document).toBe(false)
  })

  it('lists registered scopes in discovery', async () => {
    const cloud = new TestCloud()
    await cloud.register({ scope: 'openid Notes:Read' })
    const document = await json(await cloud.sendBare('/apps/oidc/openid-configuration'))
    expect(document['scopes_supported']).toContain('notes:read')
    expect(document['token_endpoint']).toBe('http://cloud.test/apps/oidc/token')
  })

  it('lets ten registrations a minute through when the rate limit is on', async () => {
    const cloud = new TestCloud({ rateLimit: true })
    const statuses = []
    for (let call = 0; call < 11; call++) statuses.push((await cloud.registerResponse()).status)
    expect(statuses.filter((status) => status === 201)).toHaveLength(10)
    expect(statuses.at(-1)).toBe(429)
    cloud.ctx.clock.shift(61)
    expect((await cloud.registerResponse()).status).toBe(201)
  })

  it('reads, updates with a rotated token and deletes a client', async () => {
    const cloud = new TestCloud()
    const client = await cloud.register({ scope: 'openid' })
    const old = client.registration_access_token
    const read = await json(await cloud.configure(client, 'GET', old))
    expect(Object.keys(read).slice(0, 4)).toEqual([
      'client_id',
      'client_secret',
      'registration_client_uri',
      'client_name',
    ])
    const updated = await json(
      await cloud.configure(client, 'PUT', old, {
        client_name: 'renamed',
        id_token_signed_response_alg: 'none',
      }),
    )
    expect(updated).toMatchObject({
      client_name: 'renamed',
      scope: 'openid',
      id_token_signed_response_alg: 'none',
    })
    const fresh = updated['registration_access_token'] as string
    expect((await cloud.configure(client, 'GET', old)).status).toBe(200)
    cloud.ctx.clock.shift(61)
    expect(await oauthErrorOf(await cloud.configure(client, 'GET', old))).toEqual([
      401,
      'invalid_token',
      'Invalid or missing registration access token.',
    ])
    const other = await cloud.register()
    expect(await oauthErrorOf(await cloud.configure(other, 'GET', fresh))).toEqual([
      403,
      'unauthorized_client',
      'Token does not match the requested client.',
    ])
    const deleted = await cloud.configure(client, 'DELETE', fresh)
    expect([deleted.status, await deleted.text()]).toEqual([204, ''])
    expect(await oauthErrorOf(await cloud.configure(client, 'GET', fresh))).toEqual([
      401,
      'invalid_token',
      'Token does not correspond to a valid client.',
    ])
  })

  it('kills the tokens of a deleted client', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const { access_token } = await cloud.tokens(client)
    await cloud.configure(client, 'DELETE', client.registration_access_token)
    expect(await oauthErrorOf(await cloud.userinfo(access_token))).toEqual([
      400,
      'invalid_request',
      'Could not find provided bearer token.',
    ])
  })

  it('logs a browser session out that reads discovery on the app path without a CSRF token', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    expect((await cloud.send('/index.php/.well-known/openid-configuration')).status).toBe(200)
    expect((await cloud.authorize(client)).headers.get('location')).toContain('code=')
    const response = await cloud.send('/index.php/apps/oidc/openid-configuration')
    expect([response.status, await response.json()]).toEqual([401, { message: 'CORS requires basic auth' }])
    expect((await cloud.authorize(client)).headers.get('location')).toContain('/login?')
  })
})

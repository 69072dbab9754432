import { compactVerify, importJWK, jwtVerify } from 'jose'
import { describe, expect, it } from 'vitest'
import { runBackgroundJobs } from '../../src/nextcloud/embedded/handlers/oidc/background-jobs.js'
import { validateBearer } from '../../src/nextcloud/embedded/handlers/oidc/bearer.js'
import { CALLBACK, json, loggedInCloud, oauthErrorOf, TestCloud, type Tokens } from './oidc-support.js'

const OFFLINE = { scope: 'openid profile email offline_access' }

describe('tokens of the embedded oidc app', () => {
  it('signs JWT access tokens with the published key and audience from the resource', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ token_type: 'jwt' })
    const { access_token } = await cloud.tokens(client, { resource: 'http://mcp.test/mcp' })
    const jwks = (await (await cloud.sendBare('/index.php/apps/oidc/jwks')).json()) as {
      keys: [{ kid: string }]
    }
    const key = await importJWK(jwks.keys[0], 'RS256')
    const { payload, protectedHeader } = await compactVerify(access_token, key)
    expect(protectedHeader).toEqual({ typ: 'at+JWT', alg: 'RS256', kid: jwks.keys[0].kid })
    const text = Buffer.from(payload).toString()
    expect(text).toContain('"iss":"http:\\/\\/cloud.test"')
    const claims = JSON.parse(text) as Record<string, unknown>
    expect(Object.keys(claims).join(' ')).toBe(
      'iss sub aud exp auth_time iat acr client_id azp preferred_username scope jti updated_at name family_name ' +
        'picture email email_verified',
    )
    expect(claims).toMatchObject({
      aud: 'http://mcp.test/mcp',
      sub: 'alice',
      acr: '0',
      client_id: client.client_id,
      scope: 'openid profile email',
      exp: (claims['iat'] as number) + 900,
    })
    const plain = await cloud.tokens(client)
    const other = await jwtVerify(plain.access_token, key)
    expect(other.payload.aud).toBe(client.client_id)
  })

  it('keeps profile claims out of ID tokens unless the claims parameter asks, and repeats the nonce', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ id_token_signed_response_alg: 'HS256' })
    const tokens = await cloud.tokens(client, {
      nonce: 'n-1',
      claims: JSON.stringify({ id_token: { email: null } }),
    })
    const { payload, protectedHeader } = await jwtVerify(tokens.id_token, Buffer.from(client.client_secret))
    expect(protectedHeader).toEqual({ typ: 'JWT', alg: 'HS256' })
    expect(Object.keys(payload)).toEqual(
      'iss sub aud exp auth_time iat acr azp nbf jti nonce email'.split(' '),
    )
  })

  it('splits the display name into claims', async () => {
    const cloud = new TestCloud()
    await cloud.login('bob')
    const { access_token } = await cloud.tokens(await cloud.register(), {
      scope: 'openid profile roles groups',
    })
    expect(await json(await cloud.userinfo(access_token))).toMatchObject({
      roles: [],
      groups: [],
      name: 'Bob Ross Builder',
      given_name: 'Bob',
      middle_name: 'Ross',
      family_name: 'Builder',
    })
  })

  it('rotates refresh tokens: the old refresh and access tokens are dead at once', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const first = await cloud.tokens(client, OFFLINE)
    const second = (await (await cloud.refresh(client, first.refresh_token ?? '')).json()) as Tokens
    expect(second.refresh_token).toHaveLength(128)
    expect((await cloud.userinfo(first.access_token)).status).toBe(400)
    expect((await cloud.userinfo(second.access_token)).status).toBe(200)
    expect(await oauthErrorOf(await cloud.refresh(client, first.refresh_token ?? ''))).toEqual([
      400,
      'invalid_grant',
      'Could not find access token for code or refresh_token.',
    ])
    const other = await cloud.register()
    expect(await oauthErrorOf(await cloud.refresh(other, second.refresh_token ?? ''))).toEqual([
      400,
      'invalid_grant',
      'Grant is not valid for this client.',
    ])
  })

  it('keeps jti over a refresh in the default profile and changes it in the strict one', async () => {
    const survived: boolean[] = []
    for (const profile of ['oidc-2.0.9', 'strict'] as const) {
      const cloud = await loggedInCloud({ profile })
      const client = await cloud.register({ token_type: 'jwt' })
      const first = await cloud.tokens(client, OFFLINE)
      const second = (await (await cloud.refresh(client, first.refresh_token ?? '')).json()) as Tokens
      survived.push(jtiOf(first.access_token) === jtiOf(second.access_token))
    }
    expect(survived).toEqual([true, false])
  })

  it('accepts an unused code as refresh token only in the default profile', async () => {
    const statuses = []
    for (const profile of ['oidc-2.0.9', 'strict'] as const) {
      const cloud = await loggedInCloud({ profile })
      const client = await cloud.register()
      statuses.push((await cloud.refresh(client, await cloud.code(client))).status)
    }
    expect(statuses).toEqual([200, 400])
  })

  it('lets an opaque token live twice expire_time and says so in introspection', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const { access_token, expires_in } = await cloud.tokens(client)
    const { exp, iat } = await json(await cloud.introspect(client, access_token))
    expect([expires_in, (exp as number) - (iat as number)]).toEqual([900, 1800])
    cloud.ctx.clock.shift(1795)
    expect((await cloud.userinfo(access_token)).status).toBe(200)
    expect(await validateBearer(cloud.ctx, access_token)).toBe('alice')
    cloud.ctx.clock.shift(10)
    expect(await json(await cloud.introspect(client, access_token))).toEqual({ active: false })
    const expired = await cloud.form('/userinfo', { access_token })
    expect(await oauthErrorOf(expired)).toEqual([400, 'invalid_grant', 'Access token already expired.'])
    expect(await oauthErrorOf(await cloud.form('/userinfo', { access_token }))).toEqual([
      400,
      'invalid_request',
      'Could not find provided bearer token.',
    ])
  })

  it('deletes an expired token before userinfo sees it when it comes in the header', async () => {
    const cloud = await loggedInCloud()
    const { access_token } = await cloud.tokens(await cloud.register())
    cloud.ctx.clock.shift(1802)
    expect(await oauthErrorOf(await cloud.userinfo(access_token))).toEqual([
      400,
      'invalid_request',
      'Could not find provided bearer token.',
    ])
  })

  it('removes what is outlived in the background, not what still lives', async () => {
    const cloud = await loggedInCloud()
    const { access_token } = await cloud.tokens(await cloud.register())
    runBackgroundJobs(cloud.ctx)
    const count = () => [
      cloud.ctx.store.clients.size,
      cloud.ctx.store.accessTokens.size,
      cloud.ctx.store.codes.size,
    ]
    expect([...count(), (await cloud.userinfo(access_token)).status]).toEqual([1, 1, 1, 200])
    cloud.ctx.clock.shift(3602)
    runBackgroundJobs(cloud.ctx)
    expect(count()).toEqual([0, 0, 0])
  })

  it('tells a refresh token expired after expire_time + refresh_expire_time, and never with never', async () => {
    for (const [lifetime, status] of [
      ['900', 400],
      ['never', 200],
    ] as const) {
      const cloud = await loggedInCloud({ oidcConfig: { refresh_expire_time: lifetime } })
      const client = await cloud.register()
      const tokens = await cloud.tokens(client, OFFLINE)
      expect('refresh_expires_in' in tokens).toBe(lifetime === '900')
      cloud.ctx.clock.shift(1802)
      expect((await cloud.refresh(client, tokens.refresh_token ?? '')).status).toBe(status)
    }
  })

  it('answers an expired client step by step and still takes its token on the APIs', async () => {
    const cloud = await loggedInCloud({ oidcConfig: { client_expire_time: '10', expire_time: '100' } })
    const client = await cloud.register()
    const { access_token } = await cloud.tokens(client)
    const code = await cloud.code(client)
    cloud.ctx.clock.shift(12)
    expect(await oauthErrorOf(await cloud.userinfo(access_token))).toEqual([
      400,
      'expired_client',
      'Client expired.',
    ])
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual([
      400,
      'expired_client',
      'Client expired.',
    ])
    const read = () => cloud.configure(client, 'GET', client.registration_access_token)
    expect((await read()).status).toBe(200)
    await cloud.register()
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual([
      400,
      'invalid_client',
      'Client not found.',
    ])
    expect(await oauthErrorOf(await cloud.userinfo(access_token))).toEqual([
      400,
      'invalid_request',
      'Could not find client for access token.',
    ])
    expect((await cloud.introspect(client, access_token)).status).toBe(401)
    expect(await oauthErrorOf(await read())).toEqual([
      401,
      'invalid_token',
      'Token does not correspond to a valid client.',
    ])
    expect(await validateBearer(cloud.ctx, access_token)).toBe('alice')
  })

  it('shows a token as active to its own client and to the client of its resource only', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const resource = await cloud.register({ resource_url: 'http://mcp.test/mcp' })
    const stranger = await cloud.register()
    const bound = await cloud.tokens(client, { resource: 'http://mcp.test/mcp' })
    const unbound = await cloud.tokens(client)
    const active = async (caller: typeof client, tokens: Tokens) =>
      (await json(await cloud.introspect(caller, tokens.access_token)))['active']
    expect(await active(client, bound)).toBe(true)
    expect(await active(resource, bound)).toBe(true)
    expect(await active(stranger, bound)).toBe(false)
    expect(await active(resource, unbound)).toBe(false)
    const answer = await json(await cloud.introspect(resource, bound.access_token))
    expect(answer).toMatchObject({ client_id: client.client_id, aud: client.client_id, username: 'alice' })
  })

  it('takes a superseded JWT whose audience is a client, but no ID token and no foreign signature', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ token_type: 'jwt' })
    const first = await cloud.tokens(client, OFFLINE)
    cloud.ctx.clock.shift(2)
    await cloud.refresh(client, first.refresh_token ?? '')
    expect((await cloud.userinfo(first.access_token)).status).toBe(400)
    expect(await validateBearer(cloud.ctx, first.access_token)).toBe('alice')
    expect(await validateBearer(cloud.ctx, first.id_token)).toBeNull()
    expect(await validateBearer(cloud.ctx, `${first.access_token.slice(0, -8)}AAAAAAAA`)).toBeNull()
    cloud.ctx.clock.shift(900)
    expect(await validateBearer(cloud.ctx, first.access_token)).toBeNull()
  })

  it('honours the tokens of the twin at userinfo, introspection and the APIs', async () => {
    const cloud = new TestCloud()
    cloud.ctx.store.honouredTokens.set('magic', { userId: 'bob' })
    const client = await cloud.register()
    expect(await json(await cloud.userinfo('magic'))).toMatchObject({ sub: 'bob' })
    expect(await json(await cloud.introspect(client, 'magic'))).toMatchObject({ active: true, sub: 'bob' })
    expect(await validateBearer(cloud.ctx, 'magic')).toBe('bob')
  })

  it('challenges at userinfo in the strict profile', async () => {
    const cloud = new TestCloud({ profile: 'strict' })
    const bad = await cloud.userinfo('nope')
    expect([bad.status, bad.headers.get('www-authenticate')]).toEqual([401, 'Bearer error="invalid_token"'])
    const none = await cloud.sendBare('/index.php/apps/oidc/userinfo')
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer'])
  })

  it('deletes all tokens of the user on logout', async () => {
    const cloud = await loggedInCloud()
    const { access_token } = await cloud.tokens(await cloud.register())
    const response = await cloud.send('/index.php/apps/oidc/logout')
    expect(response.headers.get('location')).toBe('/index.php/login')
    expect((await cloud.userinfo(access_token)).status).toBe(400)
    expect((await cloud.authorize(await cloud.register())).headers.get('location')).toContain('/login?')
  })

  it('refuses refreshing after the consent is withdrawn', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ redirect_uris: [CALLBACK] })
    const tokens = await cloud.tokens(client, OFFLINE)
    for (const consent of cloud.ctx.store.consents.values()) cloud.ctx.store.deleteConsent(consent)
    expect(await oauthErrorOf(await cloud.refresh(client, tokens.refresh_token ?? ''))).toEqual([
      400,
      'invalid_grant',
      'Consent has been revoked.',
    ])
  })
})

function jtiOf(jwt: string): unknown {
  const claims = Buffer.from(jwt.split('.')[1] ?? '', 'base64url').toString()
  return (JSON.parse(claims) as { jti: unknown }).jti
}

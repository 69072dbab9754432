import { describe, expect, it } from 'vitest'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import {
  CALLBACK,
  json,
  loggedInCloud,
  oauthErrorOf,
  pkce,
  type Client,
  type TestCloud,
  type Tokens,
} from './oidc-support.js'

const strict = (options: EmbeddedOptions = {}) => loggedInCloud({ profile: 'strict', ...options })

/** Status and error code of a refusal. */
async function refusal(response: Response | Promise<Response>): Promise<[number, string]> {
  const [status, error] = await oauthErrorOf(await response)
  return [status, error]
}

function basic(client: Client, secret = client.client_secret): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`${client.client_id}:${secret}`).toString('base64')}` }
}

/** A token request whose client authenticates by nothing but the given header. */
async function exchangeWith(
  cloud: TestCloud,
  client: Client,
  headers: Record<string, string>,
  fields: Record<string, string> = {},
): Promise<Response> {
  const { verifier, parameters } = pkce()
  const code = await cloud.code(client, parameters)
  const bound = { code, redirect_uri: CALLBACK, code_verifier: verifier }
  return cloud.form('/token', { grant_type: 'authorization_code', ...bound, ...fields }, headers)
}

describe('the token endpoint of the strict profile', () => {
  it('answers failed Basic authentication with 401 and a challenge', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    expect((await exchangeWith(cloud, client, basic(client))).status).toBe(200)
    const response = await exchangeWith(cloud, client, basic(client, 'wrong'))
    expect(response.headers.get('www-authenticate')).toMatch(/^Basic realm=/)
    expect(await refusal(response)).toEqual([401, 'invalid_client'])
  })

  it('authenticates the client before it tells anything about a grant', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const code = await cloud.code(client)
    const asNobody = { ...client, client_secret: 'wrong' }
    expect(await refusal(cloud.exchange(asNobody, code))).toEqual([401, 'invalid_client'])
    expect(await refusal(cloud.exchange(asNobody, 'nope'))).toEqual([401, 'invalid_client'])
    expect(await refusal(cloud.exchange({ ...client, client_id: 'nope' }, code))).toEqual([
      401,
      'invalid_client',
    ])
    expect((await cloud.exchange(client, code)).status).toBe(200)
  })

  it('takes one way of client authentication, not two', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const { client_id, client_secret } = client
    expect((await exchangeWith(cloud, client, basic(client), { client_id })).status).toBe(200)
    const both = exchangeWith(cloud, client, basic(client), { client_id, client_secret })
    expect(await refusal(both)).toEqual([400, 'invalid_request'])
    const other = exchangeWith(cloud, client, basic(client), { client_id: 'another' })
    expect(await refusal(other)).toEqual([400, 'invalid_request'])
  })

  it('has the registered error for each fault', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const { client_id, client_secret } = client
    const own = { client_id, client_secret }
    expect(await refusal(cloud.form('/token', own))).toEqual([400, 'invalid_request'])
    expect(await refusal(cloud.form('/token', { ...own, grant_type: 'password' }))).toEqual([
      400,
      'unsupported_grant_type',
    ])
    expect(await refusal(cloud.token(client, { grant_type: 'authorization_code' }))).toEqual([
      400,
      'invalid_request',
    ])
    expect(await refusal(cloud.exchange(client, 'nope'))).toEqual([400, 'invalid_grant'])
    expect(await refusal(cloud.refresh(client, 'nope'))).toEqual([400, 'invalid_grant'])
  })

  it('takes parameters from a form only, each once', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const { verifier, parameters } = pkce()
    const body = new URLSearchParams({
      grant_type: 'authorization_code',
      code: await cloud.code(client, parameters),
      redirect_uri: CALLBACK,
      code_verifier: verifier,
      client_id: client.client_id,
      client_secret: client.client_secret,
    })
    const url = '/index.php/apps/oidc/token'
    const post = (path: string, init: RequestInit) => cloud.sendBare(path, { method: 'POST', ...init })
    const asJson = {
      body: JSON.stringify(Object.fromEntries(body)),
      headers: { 'content-type': 'application/json' },
    }
    expect(await refusal(post(url, asJson))).toEqual([400, 'invalid_request'])
    expect(await refusal(post(`${url}?${body.toString()}`, {}))).toEqual([400, 'invalid_request'])
    const twice = new URLSearchParams(body)
    twice.append('grant_type', 'authorization_code')
    expect(await refusal(post(url, { body: twice }))).toEqual([400, 'invalid_request'])
    expect((await post(url, { body })).status).toBe(200)
  })

  it('binds the code to the redirect_uri of its request', async () => {
    const cloud = await strict()
    const client = await cloud.register({ redirect_uris: [CALLBACK, 'https://app.example/cb'] })
    const code = await cloud.code(client)
    const exchange = (redirect_uri: string) => cloud.exchange(client, code, { redirect_uri })
    expect(await refusal(exchange('https://app.example/cb'))).toEqual([400, 'invalid_grant'])
    expect(await refusal(exchange(''))).toEqual([400, 'invalid_request'])
    expect((await exchange(CALLBACK)).status).toBe(200)
  })

  it('lets a code live for a minute', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const [early, late] = [await cloud.code(client), await cloud.code(client)]
    cloud.ctx.clock.shift(55)
    expect((await cloud.exchange(client, early)).status).toBe(200)
    cloud.ctx.clock.shift(6)
    expect(await refusal(cloud.exchange(client, late))).toEqual([400, 'invalid_grant'])
  })

  it('refuses a wrong and a missing code_verifier', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    for (const code_verifier of ['x'.repeat(43), '']) {
      const refused = cloud.exchange(client, await cloud.code(client), { code_verifier })
      expect(await refusal(refused)).toEqual([400, 'invalid_grant'])
    }
    expect((await cloud.exchange(client, await cloud.code(client))).status).toBe(200)
  })

  it('revokes what a code gave when its client uses it again, not when another client does', async () => {
    const cloud = await strict()
    const [client, other] = [await cloud.register(), await cloud.register()]
    const code = await cloud.code(client)
    const { access_token } = (await (await cloud.exchange(client, code)).json()) as Tokens
    expect(await refusal(cloud.exchange(other, code))).toEqual([400, 'invalid_grant'])
    expect((await cloud.userinfo(access_token)).status).toBe(200)
    expect(await refusal(cloud.exchange(client, code))).toEqual([400, 'invalid_grant'])
    expect((await cloud.userinfo(access_token)).status).toBe(401)
  })

  it('takes only the resource of the authorization request', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const resource = 'https://mcp.example/mcp'
    const code = await cloud.code(client, { resource })
    const other = cloud.exchange(client, code, { resource: 'https://other.example/' })
    expect(await refusal(other)).toEqual([400, 'invalid_target'])
    expect((await cloud.exchange(client, code, { resource })).status).toBe(200)
    const unbound = cloud.exchange(client, await cloud.code(client), { resource })
    expect(await refusal(unbound)).toEqual([400, 'invalid_target'])
  })

  it('tells the granted scope and that nothing may be stored', async () => {
    const cloud = await strict()
    const client = await cloud.register({ scope: 'openid profile' })
    const code = await cloud.code(client, { scope: 'openid email profile' })
    const response = await cloud.exchange(client, code)
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(response.headers.get('pragma')).toBe('no-cache')
    expect(await json(response)).toMatchObject({ scope: 'openid profile', token_type: 'Bearer' })
    const refused = await cloud.exchange(client, 'nope')
    expect(refused.headers.get('cache-control')).toBe('no-store')
  })

  it('refreshes for the same scope or less, by the same client', async () => {
    const cloud = await strict()
    const [client, other] = [await cloud.register(), await cloud.register()]
    const { refresh_token = '' } = await cloud.tokens(client, { scope: 'openid offline_access' })
    const refresh = (by: Client, scope: string) =>
      cloud.token(by, { grant_type: 'refresh_token', refresh_token, scope })
    expect(await refusal(refresh(other, 'openid'))).toEqual([400, 'invalid_grant'])
    expect(await refusal(refresh(client, 'openid email'))).toEqual([400, 'invalid_scope'])
    const refreshed = await refresh(client, 'openid')
    expect(refreshed.status).toBe(200)
    expect(await refusal(cloud.refresh(client, refresh_token))).toEqual([400, 'invalid_grant'])
  })

  it('lets a refresh token live as long as it says', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const tokens = async () => cloud.tokens(client, { scope: 'openid offline_access' })
    const [early, late] = [await tokens(), await tokens()]
    cloud.ctx.clock.shift(890)
    expect((await cloud.refresh(client, early.refresh_token ?? '')).status).toBe(200)
    cloud.ctx.clock.shift(11)
    expect(await refusal(cloud.refresh(client, late.refresh_token ?? ''))).toEqual([400, 'invalid_grant'])
  })

  it('knows no client whose life is over', async () => {
    const cloud = await strict({ oidcConfig: { client_expire_time: '30' } })
    const client = await cloud.register()
    const [early, late] = [await cloud.code(client), await cloud.code(client)]
    expect((await cloud.exchange(client, early)).status).toBe(200)
    cloud.ctx.clock.shift(31)
    expect(await refusal(cloud.exchange(client, late))).toEqual([401, 'invalid_client'])
  })
})

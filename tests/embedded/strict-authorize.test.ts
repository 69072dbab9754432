import { describe, expect, it } from 'vitest'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { equalsButLoopbackPort } from '../../src/nextcloud/embedded/handlers/oidc/redirect-uri-loopback.js'
import {
  CALLBACK,
  callbackOf,
  location,
  loggedInCloud,
  ORIGIN,
  pkce,
  requestToken,
  type Client,
  type TestCloud,
} from './oidc-support.js'

const strict = (options: EmbeddedOptions = {}) => loggedInCloud({ profile: 'strict', ...options })

async function errorOf(
  cloud: TestCloud,
  client: Client,
  parameters: Record<string, string>,
): Promise<string | null> {
  return callbackOf(await cloud.authorize(client, parameters)).get('error')
}

describe('the authorization endpoint of the strict profile', () => {
  it('compares redirect URIs character by character, but for the port of loopback', () => {
    const accepted: [string, string][] = [
      ['https://app.example/cb', 'https://app.example/cb'],
      ['http://127.0.0.1:9399/cb', 'http://127.0.0.1:5/cb'],
      ['http://127.0.0.1/cb', 'http://127.0.0.1:5/cb'],
      ['http://localhost:1/cb?a=b', 'http://localhost:2/cb?a=b'],
      ['http://[::1]:1/cb', 'http://[::1]:2/cb'],
    ]
    const refused: [string, string][] = [
      ['https://app.example/cb', 'https://app.example:444/cb'],
      ['https://app.example/cb', 'https://app.example/cb/'],
      ['https://app.example/cb', 'https://APP.example/cb'],
      ['https://127.0.0.1:1/cb', 'https://127.0.0.1:2/cb'],
      ['http://127.0.0.1:1/cb', 'http://localhost:1/cb'],
      ['http://127.0.0.1:1/cb', 'http://127.0.0.1:2/cb?x=1'],
      ['http://127.0.0.1:1/cb', 'http://127.0.0.1:2@evil.example/cb'],
      ['http://127.0.0.1:1/cb', 'http://127.0.0.1.evil.example:1/cb'],
      ['http://127.0.0.1:1/*', 'http://127.0.0.1:1/cb'],
    ]
    expect(accepted.filter(([known, asked]) => !equalsButLoopbackPort(known, asked))).toEqual([])
    expect(refused.filter(([known, asked]) => equalsButLoopbackPort(known, asked))).toEqual([])
  })

  it('sends nobody to a URI that is only like the registered one', async () => {
    const cloud = await strict()
    const registered = 'https://app.example/cb'
    const client = await cloud.register({ redirect_uris: [registered] })
    const target = async (redirect_uri: string) => location(await cloud.authorize(client, { redirect_uri }))
    expect(await target(registered)).toContain(`${registered}?state=`)
    for (const other of ['https://app.example:444/cb', 'https://APP.example/cb', 'https://app.example//cb']) {
      expect(await target(other)).toBe('')
    }
  })

  it('shows a page with status 400 for an unknown client and a foreign redirect URI', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const status = async (parameters: Record<string, string>) => {
      const response = await cloud.authorize(client, parameters)
      return [response.status, location(response).startsWith(CALLBACK)]
    }
    expect(await status({})).toEqual([303, true])
    expect(await status({ client_id: 'nope' })).toEqual([400, false])
    expect(await status({ redirect_uri: 'https://evil.example/cb' })).toEqual([400, false])
    expect(await status({ redirect_uri: '' })).toEqual([400, false])
  })

  it('demands PKCE with S256', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const { code_challenge } = pkce().parameters
    const S256 = { code_challenge, code_challenge_method: 'S256' }
    expect(await errorOf(cloud, client, S256)).toBeNull()
    expect(await errorOf(cloud, client, { code_challenge: '' })).toBe('invalid_request')
    expect(await errorOf(cloud, client, { ...S256, code_challenge_method: 'plain' })).toBe('invalid_request')
    expect(await errorOf(cloud, client, { ...S256, code_challenge_method: '' })).toBe('invalid_request')
    expect(await errorOf(cloud, client, { ...S256, code_challenge: 'short' })).toBe('invalid_request')
  })

  it('lets a nonce stand for PKCE, and then takes no code_verifier', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const nonceOnly = { code_challenge: '', code_challenge_method: '', nonce: 'n' }
    expect(await errorOf(cloud, client, { ...nonceOnly, scope: 'profile' })).toBe('invalid_request')
    const redeem = async (code_verifier: string) =>
      (await cloud.exchange(client, await cloud.code(client, nonceOnly), { code_verifier })).status
    expect(await redeem('')).toBe(200)
    expect(await redeem(pkce().verifier)).toBe(400)
  })

  it('names the issuer in successes and errors, and says so', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    expect(callbackOf(await cloud.authorize(client)).get('iss')).toBe(ORIGIN)
    const error = callbackOf(await cloud.authorize(client, { response_type: 'nonsense' }))
    expect([error.get('error'), error.get('iss')]).toEqual(['unsupported_response_type', ORIGIN])
    const document = (await (await cloud.sendBare('/.well-known/openid-configuration')).json()) as object
    expect(document).toMatchObject({ authorization_response_iss_parameter_supported: true })
  })

  it('invents no state', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    expect(callbackOf(await cloud.authorize(client, { state: '' })).has('state')).toBe(false)
    expect(callbackOf(await cloud.authorize(client)).get('state')).toBe('st-1')
  })

  it('takes any absolute URI without a fragment as resource', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    for (const resource of ['https://mcp.example/mcp', 'http://127.0.0.1:8001/mcp', 'urn:example:mcp']) {
      expect(await errorOf(cloud, client, { resource })).toBeNull()
    }
    for (const resource of ['mcp.example/mcp', '/mcp', 'https://mcp.example/mcp#x', 'https://mcp ex/', 'x']) {
      expect(await errorOf(cloud, client, { resource })).toBe('invalid_target')
    }
    const response = await cloud.authorize(client)
    const twice = new URL(`${ORIGIN}/index.php/apps/oidc/authorize`)
    for (const [name, value] of new URLSearchParams(await queryOf(cloud, client)))
      twice.searchParams.append(name, value)
    twice.searchParams.append('resource', 'https://a.example/')
    twice.searchParams.append('resource', 'https://b.example/')
    expect(callbackOf(await cloud.send(twice.href)).get('error')).toBe('invalid_target')
    expect(response.status).toBe(303)
  })

  it('refuses a parameter that is sent twice', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    const query = await queryOf(cloud, client)
    const send = async (text: string) =>
      callbackOf(await cloud.send(`/index.php/apps/oidc/authorize?${text}`)).get('error')
    expect(await send(query)).toBeNull()
    expect(await send(`${query}&scope=openid`)).toBe('invalid_request')
  })

  it('refuses what no scope remains of, instead of granting others', async () => {
    const cloud = await strict()
    const client = await cloud.register({ scope: 'openid profile' })
    expect(await errorOf(cloud, client, { scope: 'openid email' })).toBeNull()
    expect(await errorOf(cloud, client, { scope: 'email' })).toBe('invalid_scope')
    const free = await cloud.register()
    expect(await errorOf(cloud, free, { scope: 'nonsense:scope' })).toBe('invalid_scope')
  })

  it('uses registered error codes', async () => {
    const cloud = await strict()
    const client = await cloud.register()
    expect(await errorOf(cloud, client, { response_type: '' })).toBe('invalid_request')
    expect(await errorOf(cloud, client, { response_type: 'token' })).toBe('unsupported_response_type')
    expect(await errorOf(cloud, client, { response_mode: 'nonsense' })).toBe('invalid_request')
    expect(await errorOf(cloud, client, { request: 'x' })).toBe('request_not_supported')
  })

  it('never shows a page for prompt=none, and always asks for prompt=consent', async () => {
    const cloud = await strict({ consent: true })
    const client = await cloud.register()
    expect(await errorOf(cloud, client, { prompt: 'none' })).toBe('consent_required')
    const grant = async (parameters: Record<string, string>) => {
      expect(location(await cloud.authorize(client, parameters))).toBe('/index.php/apps/oidc/consent')
      const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
      const granted = await cloud.send('/index.php/apps/oidc/consent/grant', {
        method: 'POST',
        headers: { requesttoken: requestToken(page) },
        body: new URLSearchParams({ scopes: 'openid profile email' }),
      })
      return callbackOf(await cloud.send(location(granted))).has('code')
    }
    expect(await grant({})).toBe(true)
    expect(callbackOf(await cloud.authorize(client, { prompt: 'none' })).has('code')).toBe(true)
    expect(await grant({ prompt: 'consent' })).toBe(true)
  })
})

/** The query of a request that is good as it is. */
async function queryOf(cloud: TestCloud, client: Client): Promise<string> {
  const query = new URLSearchParams({
    response_type: 'code',
    client_id: client.client_id,
    redirect_uri: CALLBACK,
    scope: 'openid',
    state: 'st-1',
    ...pkce().parameters,
  }).toString()
  expect((await cloud.send(`/index.php/apps/oidc/authorize?${query}`)).status).toBe(303)
  return query
}

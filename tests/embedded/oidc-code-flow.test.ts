import { describe, expect, it } from 'vitest'
import {
  CALLBACK,
  callbackOf,
  json,
  location,
  loggedInCloud,
  oauthErrorOf,
  pkce,
  requestToken,
  TestCloud,
  type Tokens,
} from './oidc-support.js'

describe('the code flow of the embedded oidc app', () => {
  it('leads an anonymous user through login, redirect page, consent and back with a code', async () => {
    const cloud = new TestCloud({ consent: true })
    const client = await cloud.register({ client_name: 'A <b>' })
    const { verifier, parameters } = pkce()
    const toLogin = location(await cloud.authorize(client, parameters))
    expect(toLogin).toBe(
      `/index.php/login?redirect_url=/index.php/apps/oidc/redirect?client_id%3D${client.client_id}` +
        `%26state%3Dst-1%26response_type%3Dcode%26redirect_uri%3D${CALLBACK}` +
        `%26scope%3Dopenid%2520profile%2520email%26code_challenge%3D${parameters.code_challenge}` +
        '%26code_challenge_method%3DS256',
    )
    const redirect = location(await cloud.login('alice', toLogin))
    expect(redirect).toContain('http://cloud.test/index.php/apps/oidc/redirect?client_id=')
    const redirectPage = await (await cloud.send(redirect)).text()
    expect(redirectPage).toContain('data-scope="openid profile email"')
    expect(redirectPage).toContain('/apps/oidc/js/oidc-redirect.js')

    expect(location(await cloud.authorize(client, parameters))).toBe('/index.php/apps/oidc/consent')
    const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
    expect(page).toContain('data-client-name="A &lt;b&gt;" data-scopes="openid profile email"')
    const granted = await cloud.send('/index.php/apps/oidc/consent/grant', {
      method: 'POST',
      headers: { requesttoken: requestToken(page) },
      body: new URLSearchParams({ scopes: 'openid profile' }),
    })
    expect(granted.status).toBe(303)
    const callback = callbackOf(await cloud.send(location(granted)))
    expect([...callback.keys()]).toEqual(['state', 'code'])

    const answer = await cloud.exchange(client, callback.get('code') ?? '', { code_verifier: verifier })
    expect(answer.status).toBe(200)
    const tokens = (await answer.json()) as Tokens
    expect(Object.keys(tokens)).toEqual(['access_token', 'token_type', 'expires_in', 'id_token'])
    expect(await json(await cloud.userinfo(tokens.access_token))).toMatchObject({
      sub: 'alice',
      scope: 'openid profile',
      picture: 'http://cloud.test/avatar/alice/64',
    })
  })

  it('issues a second code for a bare authorize after consent', async () => {
    const cloud = await loggedInCloud({ consent: true })
    const client = await cloud.register()
    await cloud.authorize(client)
    const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
    const grant = await cloud.send('/index.php/apps/oidc/consent/grant', {
      method: 'POST',
      headers: { requesttoken: requestToken(page) },
      body: new URLSearchParams({ scopes: 'openid profile email' }),
    })
    const first = callbackOf(await cloud.send(location(grant))).get('code')
    const second = callbackOf(await cloud.send('/index.php/apps/oidc/authorize')).get('code')
    expect(second).toMatch(/^[A-Za-z0-9]{128}$/)
    expect(second).not.toBe(first)
  })

  it('refuses consent answers without a request token and reports a denial to the client', async () => {
    const cloud = await loggedInCloud({ consent: true })
    const client = await cloud.register()
    await cloud.authorize(client)
    const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
    const forged = await cloud.send('/index.php/apps/oidc/consent/deny', { method: 'POST' })
    expect(forged.status).toBe(412)
    const denied = await cloud.send('/index.php/apps/oidc/consent/deny', {
      method: 'POST',
      headers: { requesttoken: requestToken(page) },
    })
    expect(location(denied)).toBe(
      `${CALLBACK}?error=access_denied&error_description=User%20denied%20consent&state=st-1`,
    )
    expect((await cloud.send('/index.php/apps/oidc/consent')).status).toBe(500)
  })

  it('asks again when the scopes differ from the granted text, and after 90 days', async () => {
    const cloud = await loggedInCloud({ consent: true })
    const client = await cloud.register()
    await cloud.authorize(client)
    const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
    await cloud.send('/index.php/apps/oidc/consent/grant', {
      method: 'POST',
      headers: { requesttoken: requestToken(page) },
    })
    const asked = async (scope: string) =>
      location(await cloud.authorize(client, { scope })) === '/index.php/apps/oidc/consent'
    expect(await asked('openid profile email')).toBe(false)
    expect(await asked('openid email profile')).toBe(true)
    expect(await asked('openid profile')).toBe(true)
    const consent = [...cloud.ctx.store.consents.values()][0]
    expect((consent?.expiresAtSeconds ?? 0) - (consent?.createdAtSeconds ?? 0)).toBe(90 * 24 * 3600)
    if (consent !== undefined) consent.expiresAtSeconds = cloud.ctx.clock.nowSeconds() - 1
    expect(await asked('openid profile email')).toBe(true)
  })

  it('lists, changes and revokes consents over the settings API', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ client_name: 'listed' })
    const { access_token } = await cloud.tokens(client)
    const api = (path: string, init: RequestInit = {}) =>
      cloud.send(`/index.php/apps/oidc/api/consents${path}`, {
        ...init,
        headers: { 'ocs-apirequest': 'true', 'content-type': 'application/json' },
      })
    cloud.ctx.store.appConfig.set('oidc/allow_user_settings', 'enabled')
    const [entry] = (await (await api('')).json()) as {
      id: number
      clientName: string
      scopesGranted: string
    }[]
    expect(entry).toMatchObject({ clientName: 'listed', scopesGranted: 'openid profile email' })
    const path = `/${entry?.id ?? 0}`
    await api(`${path}/scopes`, { method: 'PATCH', body: JSON.stringify({ scopes: ['openid'] }) })
    expect(cloud.ctx.store.consents.get(entry?.id ?? 0)?.scopesGranted).toBe('openid')
    expect(await (await api(path, { method: 'DELETE' })).json()).toEqual({ success: true })
    expect((await cloud.userinfo(access_token)).status).toBe(400)
    expect((await api(path, { method: 'DELETE' })).status).toBe(404)
  })

  it('lets the consent form of the strict profile go to the client, and the default one not', async () => {
    const policies = []
    for (const profile of ['strict', 'oidc-2.0.9'] as const) {
      const cloud = await loggedInCloud({ consent: true, profile })
      await cloud.authorize(await cloud.register())
      const page = await cloud.send('/index.php/apps/oidc/consent')
      policies.push(/form-action [^;]*/.exec(page.headers.get('content-security-policy') ?? '')?.[0])
    }
    expect(policies).toEqual(["form-action 'self' http://127.0.0.1:9399", "form-action 'self'"])
  })

  it('burns the code when the verifier is wrong or missing', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const { verifier, parameters } = pkce()
    for (const [wrong, description] of [
      ['x'.repeat(43), 'Invalid code_verifier.'],
      ['short', 'Invalid code_verifier.'],
      ['', 'code_verifier required for PKCE flow.'],
    ] as const) {
      const code = await cloud.code(client, parameters)
      expect(await oauthErrorOf(await cloud.exchange(client, code, { code_verifier: wrong }))).toEqual([
        400,
        'invalid_grant',
        description,
      ])
      expect(await oauthErrorOf(await cloud.exchange(client, code, { code_verifier: verifier }))).toEqual([
        400,
        'invalid_grant',
        'Could not find access token for code or refresh_token.',
      ])
    }
  })

  it('keeps the code usable after a wrong secret', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const code = await cloud.code(client)
    const refused = await cloud.exchange({ ...client, client_secret: 'bad' }, code)
    expect(await oauthErrorOf(refused)).toEqual([400, 'invalid_client', 'Client authentication failed.'])
    expect((await cloud.exchange(client, code)).status).toBe(200)
  })

  it('kills the tokens of the first exchange when a code is used again, every time', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const code = await cloud.code(client)
    const { access_token } = (await (await cloud.exchange(client, code)).json()) as Tokens
    expect((await cloud.userinfo(access_token)).status).toBe(200)
    for (let attempt = 0; attempt < 2; attempt++) {
      expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual([
        400,
        'invalid_grant',
        'Authorization code has already been used.',
      ])
    }
    expect((await cloud.userinfo(access_token)).status).toBe(400)
  })

  it('lets exactly one of two parallel exchanges of a code through and leaves no live token', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const code = await cloud.code(client)
    const answers = await Promise.all([cloud.exchange(client, code), cloud.exchange(client, code)])
    expect(answers.map((answer) => answer.status).sort()).toEqual([200, 400])
    const winner = answers.find((answer) => answer.status === 200)
    const { access_token } = (await winner?.json()) as Tokens
    expect((await cloud.userinfo(access_token)).status).toBe(400)
  })

  it('accepts client_secret_basic with percent-encoded parts, but not beside a client_id in the body', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const header = `Basic ${btoa(`${client.client_id}:%${client.client_secret.charCodeAt(0).toString(16)}${client.client_secret.slice(1)}`)}`
    const fields = { grant_type: 'authorization_code', code: await cloud.code(client) }
    const both = await cloud.form(
      '/token',
      { ...fields, client_id: client.client_id },
      { authorization: header },
    )
    expect(await oauthErrorOf(both)).toEqual([400, 'invalid_client', 'Client authentication failed.'])
    expect((await cloud.form('/token', fields, { authorization: header })).status).toBe(200)
  })

  it('treats a code as expired after expire_time', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const code = await cloud.code(client)
    cloud.ctx.clock.shift(902)
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual([
      400,
      'invalid_grant',
      'Access token already expired.',
    ])
  })
})

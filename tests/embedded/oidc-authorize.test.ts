import { describe, expect, it } from 'vitest'
import { CALLBACK, callbackOf, location, loggedInCloud, TestCloud } from './oidc-support.js'

describe('the authorization endpoint of the embedded oidc app', () => {
  it('shows a page with status 200 for an unknown client and for a foreign redirect URI', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const unknown = await cloud.authorize({ ...client, client_id: 'nope' })
    expect(unknown.status).toBe(200)
    expect(await unknown.text()).toContain('Your client is not authorized to connect.')
    const foreign = await cloud.authorize(client, { redirect_uri: 'http://evil.example/cb' })
    expect(foreign.status).toBe(200)
    expect(await foreign.text()).toContain('The received redirect URI is not accepted to connect.')
  })

  it('answers 500 without a redirect URI', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    expect((await cloud.authorize(client, { redirect_uri: '' })).status).toBe(500)
  })

  it.each([
    [{ response_type: '' }, '?', 'unsupported_response_type', 'Missing response_type'],
    [{ response_type: 'token' }, '#', 'request_not_supported', 'Missing id_token'],
    [{ response_type: 'id_token' }, '#', 'invalid_request', 'Missing nonce'],
    [
      { response_type: 'id_token', nonce: 'n' },
      '#',
      'unsupported_response_type',
      'Unsupported response_type',
    ],
    [{ response_type: 'banana' }, '?', 'unsupported_response_type', 'Unsupported response_type'],
    [{ response_mode: 'web_message' }, '?', 'unsupported_response_mode', 'Unsupported response_mode'],
    [{ claims: '[1' }, '?', 'invalid_request', 'Invalid claims parameter.'],
    [{ code_challenge: 'abc' }, '?', 'invalid_request', 'Invalid code_challenge format'],
    [
      { code_challenge: 'x'.repeat(43), code_challenge_method: 'S512' },
      '?',
      'invalid_request',
      'Unsupported code_challenge_method',
    ],
    [{ request: 'eyJ' }, '?', 'request_not_supported', 'Request object parameter is not supported.'],
  ])('redirects the error of %j', async (parameters, mark, error, description) => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const response = await cloud.authorize(client, parameters)
    expect(location(response)).toBe(
      `${CALLBACK}${mark}error=${error}&error_description=${encodeURIComponent(description)}&state=st-1`,
    )
  })

  it('sends state first and even when the request had none', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    expect(location(await cloud.authorize(client, { state: '' }))).toMatch(/\/callback\?state=&code=/)
  })

  it('answers prompt=none without a session with login_required', async () => {
    const cloud = new TestCloud()
    const client = await cloud.register()
    expect(callbackOf(await cloud.authorize(client, { prompt: 'none' })).get('error')).toBe('login_required')
  })

  it('asks for the password again on prompt=login, once', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const toLogin = location(await cloud.authorize(client, { prompt: 'login' }))
    expect(toLogin).toContain('/login?redirect_url=')
    expect(location(await cloud.login('alice', toLogin))).toContain('/apps/oidc/redirect?')
    expect(callbackOf(await cloud.authorize(client, { prompt: 'login' })).get('code')).toHaveLength(128)
    expect(location(await cloud.authorize(client, { prompt: 'login' }))).toContain('/login?redirect_url=')
  })

  it('asks for the password again when max_age is exceeded', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    expect(await cloud.code(client, { max_age: '60' })).toHaveLength(128)
    cloud.ctx.clock.shift(61)
    const none = await cloud.authorize(client, { max_age: '60', prompt: 'none' })
    expect(callbackOf(none).get('error_description')).toBe('User authentication is too old.')
    expect(location(await cloud.authorize(client, { max_age: '60' }))).toContain('/login?redirect_url=')
  })

  it('answers form_post with a page that posts itself', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    const response = await cloud.authorize(client, { response_mode: 'form_post', state: '"><b>' })
    expect(response.headers.get('cache-control')).toBe('no-store')
    expect(await response.text()).toContain(
      `<form method="post" action="${CALLBACK}"><input type="hidden" name="state" value="&quot;&gt;&lt;b&gt;">` +
        '<input type="hidden" name="code" value="',
    )
  })

  it('returns an id_token with c_hash in the fragment of a hybrid flow', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ response_types: ['id_token'] })
    const response = await cloud.authorize(client, { response_type: 'code id_token', nonce: 'n-1' })
    expect(location(response)).toContain(`${CALLBACK}#state=st-1&code=`)
    const idToken = callbackOf(response).get('id_token') ?? ''
    const claims = JSON.parse(Buffer.from(idToken.split('.')[1] ?? '', 'base64url').toString()) as object
    expect(claims).toMatchObject({ nonce: 'n-1', c_hash: expect.stringMatching(/^[\w-]{22}$/) as string })
  })

  it('grants the default scopes, outside the ceiling, when nothing of the request is allowed', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register({ scope: 'openid notes:read' })
    const narrowed = await cloud.tokens(client, { scope: 'OpenID email notes:read openid' })
    const answer = (await (await cloud.userinfo(narrowed.access_token)).json()) as { scope: string }
    expect(answer.scope).toBe('openid notes:read')
    const fallback = await cloud.tokens(client, { scope: 'email' })
    const other = (await (await cloud.userinfo(fallback.access_token)).json()) as { scope: string }
    expect(other.scope).toBe('openid profile email roles')
  })
})

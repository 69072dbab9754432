import { describe, expect, it } from 'vitest'
import type { NextcloudMutant } from '../../src/nextcloud/embedded/mutants.js'
import {
  CALLBACK,
  callbackOf,
  json,
  location,
  loggedInCloud,
  oauthErrorOf,
  pkce,
  requestToken,
  type TestCloud,
  type Tokens,
} from './oidc-support.js'

/** What the flow shows without and with the mutant. */
type Observe = (cloud: TestCloud) => Promise<unknown>

const discovery = async (cloud: TestCloud) => json(await cloud.sendBare('/.well-known/openid-configuration'))

async function deny(cloud: TestCloud): Promise<string[]> {
  await cloud.authorize(await cloud.register())
  const page = await (await cloud.send('/index.php/apps/oidc/consent')).text()
  const response = await cloud.send('/index.php/apps/oidc/consent/deny', {
    method: 'POST',
    headers: { requesttoken: requestToken(page) },
  })
  return [...callbackOf(response).keys()]
}

async function replay(cloud: TestCloud): Promise<number[]> {
  const client = await cloud.register()
  const { verifier, parameters } = pkce()
  const code = await cloud.code(client, parameters)
  const exchange = () => cloud.exchange(client, code, { code_verifier: verifier })
  const first = (await (await exchange()).json()) as Tokens
  const statuses = [(await exchange()).status, (await exchange()).status]
  return [...statuses, (await cloud.userinfo(first.access_token)).status]
}

async function claimNames(cloud: TestCloud): Promise<string[]> {
  const { access_token } = await cloud.tokens(await cloud.register({ token_type: 'jwt' }))
  return Object.keys(
    JSON.parse(Buffer.from(access_token.split('.')[1] ?? '', 'base64url').toString()) as object,
  )
}

async function freshClient(cloud: TestCloud): Promise<unknown[]> {
  const client = await cloud.register()
  const look = async () => [
    location(await cloud.authorize(client)).includes('code='),
    (await cloud.configure(client, 'GET', client.registration_access_token)).status,
    (await cloud.introspect(client, 'x')).status,
  ]
  const early = await look()
  cloud.ctx.clock.shift(0.8)
  return [early, await look()]
}

const NO_CHALLENGE = { code_challenge: '', code_challenge_method: '' }

const CASES: readonly [NextcloudMutant, Observe, unknown, unknown][] = [
  [
    'n-issuer-trailing-slash',
    async (cloud) => (await discovery(cloud))['issuer'],
    'http://cloud.test',
    'http://cloud.test/',
  ],
  [
    'n-pkce-not-advertised',
    async (cloud) => 'code_challenge_methods_supported' in (await discovery(cloud)),
    true,
    false,
  ],
  [
    'n-dcr-endpoint-hidden',
    async (cloud) => [
      'registration_endpoint' in (await discovery(cloud)),
      (await cloud.registerResponse()).status,
    ],
    [true, 201],
    [false, 201],
  ],
  [
    'n-reg-no-secret-expiry',
    async (cloud) => 'client_secret_expires_at' in (await json(await cloud.registerResponse())),
    true,
    false,
  ],
  [
    'n-code-in-fragment',
    async (cloud) => location(await cloud.authorize(await cloud.register())).includes('#state=st-1&code='),
    false,
    true,
  ],
  [
    'n-pkce-verifier-optional',
    async (cloud) => {
      const client = await cloud.register()
      const without = await cloud.exchange(client, await cloud.code(client, pkce().parameters), {
        code_verifier: '',
      })
      const wrong = await cloud.exchange(client, await cloud.code(client, pkce().parameters), {
        code_verifier: 'x'.repeat(43),
      })
      return [without.status, wrong.status]
    },
    [400, 400],
    [200, 400],
  ],
  [
    'n-open-redirect',
    async (cloud) => {
      const client = await cloud.register()
      const response = await cloud.authorize(client, { redirect_uri: 'http://evil.example/cb' })
      return [response.status, location(response).startsWith('http://evil.example/cb?error=')]
    },
    [400, false],
    [303, true],
  ],
  ['n-code-replay', replay, [400, 400, 401], [200, 200, 200]],
  ['n-deny-issues-code', deny, ['error', 'error_description', 'state', 'iss'], ['state', 'code', 'iss']],
  ['n-jwt-missing-client-id', async (cloud) => (await claimNames(cloud)).includes('client_id'), true, false],
  [
    'n-userinfo-200-on-invalid',
    async (cloud) => {
      const response = await cloud.userinfo('nope')
      return [response.status, response.status === 200 ? await response.json() : undefined]
    },
    [401, undefined],
    [200, {}],
  ],
  [
    'n-code-as-refresh-token',
    async (cloud) => {
      const client = await cloud.register()
      return (await cloud.refresh(client, await cloud.code(client, pkce().parameters))).status
    },
    400,
    200,
  ],
  [
    'n-state-decoded-twice',
    async (cloud) =>
      callbackOf(await cloud.authorize(await cloud.register(), { state: 'a%2Bb' })).get('state'),
    'a%2Bb',
    'a+b',
  ],
  [
    'n-pkce-tries-plain',
    async (cloud) => {
      const client = await cloud.register()
      const { parameters } = pkce()
      const code = await cloud.code(client, parameters)
      return (await cloud.exchange(client, code, { code_verifier: parameters.code_challenge })).status
    },
    400,
    200,
  ],
  [
    'n-pkce-not-enforced',
    async (cloud) => [...callbackOf(await cloud.authorize(await cloud.register(), NO_CHALLENGE)).keys()],
    ['error', 'error_description', 'state', 'iss'],
    ['state', 'code', 'iss'],
  ],
  [
    'n-pkce-downgrade',
    async (cloud) => {
      const client = await cloud.register()
      const code = await cloud.code(client, { ...NO_CHALLENGE, nonce: 'n' })
      return (await cloud.exchange(client, code)).status
    },
    400,
    200,
  ],
  [
    'n-redirect-prefix-match',
    async (cloud) => {
      const client = await cloud.register()
      return (await cloud.authorize(client, { redirect_uri: `${CALLBACK}/more` })).status
    },
    400,
    303,
  ],
  [
    'n-code-never-expires',
    async (cloud) => {
      const client = await cloud.register()
      const code = await cloud.code(client)
      cloud.ctx.clock.shift(600)
      return (await cloud.exchange(client, code)).status
    },
    400,
    200,
  ],
  [
    'n-code-any-client',
    async (cloud) => {
      const code = await cloud.code(await cloud.register())
      return (await cloud.exchange(await cloud.register(), code)).status
    },
    400,
    200,
  ],
  [
    'n-token-redirect-ignored',
    async (cloud) => {
      const client = await cloud.register()
      const redirect_uri = `${CALLBACK}/other`
      return (await cloud.exchange(client, await cloud.code(client), { redirect_uri })).status
    },
    400,
    200,
  ],
  [
    'n-error-without-state',
    async (cloud) => {
      const answer = callbackOf(await cloud.authorize(await cloud.register(), { response_type: 'nonsense' }))
      return [answer.get('error'), answer.get('state')]
    },
    ['unsupported_response_type', 'st-1'],
    ['unsupported_response_type', null],
  ],
  [
    'n-scope-not-narrowed',
    async (cloud) => {
      const client = await cloud.register({ scope: 'openid profile' })
      const { access_token } = await cloud.tokens(client, { scope: 'openid email' })
      return (await json(await cloud.introspect(client, access_token)))['scope']
    },
    'openid',
    'openid email',
  ],
  [
    'n-prompt-none-shows-login',
    async (cloud) => {
      const client = await cloud.register()
      const query = new URLSearchParams({
        response_type: 'code',
        client_id: client.client_id,
        redirect_uri: CALLBACK,
        prompt: 'none',
      })
      return location(await cloud.sendBare(`/index.php/apps/oidc/authorize?${query.toString()}`)).slice(0, 20)
    },
    CALLBACK.slice(0, 20),
    '/index.php/login?red',
  ],
  [
    'n-prompt-login-ignored',
    async (cloud) => {
      const client = await cloud.register()
      return location(await cloud.authorize(client, { prompt: 'login' })).includes('/login?')
    },
    true,
    false,
  ],
  [
    'n-iss-wrong',
    async (cloud) => callbackOf(await cloud.authorize(await cloud.register())).get('iss'),
    'http://cloud.test',
    'http://cloud.test/',
  ],
  [
    'n-propagation-lag',
    freshClient,
    [
      [true, 200, 200],
      [true, 200, 200],
    ],
    [
      [false, 401, 401],
      [true, 200, 200],
    ],
  ],
]

describe('mutants of the embedded oidc app', () => {
  it('n-pkce-compare-prefix takes a plain verifier that is only nearly right', async () => {
    const nearlyRight = async (cloud: TestCloud): Promise<number> => {
      const client = await cloud.register()
      const plain = { code_challenge: 'a'.repeat(43), code_challenge_method: 'plain' }
      const code = await cloud.code(client, plain)
      return (await cloud.exchange(client, code, { code_verifier: `${'a'.repeat(42)}b` })).status
    }
    expect(await nearlyRight(await loggedInCloud())).toBe(400)
    expect(await nearlyRight(await loggedInCloud({ mutants: ['n-pkce-compare-prefix'] }))).toBe(200)
  })

  it.each(CASES)('%s changes its one thing', async (mutant, observe, usual, mutated) => {
    const options = { profile: 'strict', consent: mutant === 'n-deny-issues-code' } as const
    expect(await observe(await loggedInCloud(options))).toEqual(usual)
    expect(await observe(await loggedInCloud({ ...options, mutants: [mutant] }))).toEqual(mutated)
  })

  it('names the lagging client unknown at the token endpoint', async () => {
    const cloud = await loggedInCloud({ lag: { clientMs: 2000 } })
    const client = await cloud.register()
    cloud.ctx.clock.shift(2)
    const code = await cloud.code(client)
    cloud.ctx.clock.shift(-1)
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual([
      400,
      'invalid_client',
      'Client not found.',
    ])
  })

  it('keeps a client visible when the clock goes back and nothing lags', async () => {
    const cloud = await loggedInCloud()
    const client = await cloud.register()
    cloud.ctx.clock.shift(-60)
    expect(await cloud.code(client)).toHaveLength(128)
  })

  it('shows the redirect URI page while only the redirect URIs lag', async () => {
    const cloud = await loggedInCloud({ lag: { redirectUriMs: 2000 } })
    const client = await cloud.register()
    expect(await (await cloud.authorize(client)).text()).toContain('redirect URI is not accepted')
    cloud.ctx.clock.shift(2)
    expect(await cloud.code(client)).toHaveLength(128)
  })
})

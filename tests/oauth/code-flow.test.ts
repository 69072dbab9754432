import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import {
  buildAuthorizationRequest,
  exchangeCode,
  obtainAuthorizationResponse,
  type AuthorizationRequest,
  type AuthorizationResponse,
} from '../../src/oauth/code-flow.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../../src/oauth/discovery.js'
import type { FetchLike } from '../../src/oauth/fetch-like.js'
import { registerClient, type RegisteredClient } from '../../src/oauth/registration.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'
import type { AuthorizeVisit, UserAgent } from '../../src/user-agent/user-agent.js'

const REDIRECT_URI = 'http://127.0.0.1:9/callback'
let nextcloud: EmbeddedNextcloud
let server: AuthorizationServer
let client: RegisteredClient
const userAgent = createHttpUserAgent()

beforeAll(async () => {
  nextcloud = await startEmbeddedNextcloud({ consent: false })
  server = await discoverAuthorizationServer(nextcloud.baseUrl)
  client = await registerClient(server, { redirect_uris: [REDIRECT_URI] })
})
afterAll(async () => {
  await nextcloud.stop()
})

async function obtain(): Promise<{ request: AuthorizationRequest; response: AuthorizationResponse }> {
  const request = await buildAuthorizationRequest(server, client, { redirectUri: REDIRECT_URI })
  return {
    request,
    response: await obtainAuthorizationResponse(request, { userAgent, user: nextcloud.users.alice }),
  }
}

/** A user agent whose visit ends the way the test says. */
function agentThatEnds(visit: Partial<AuthorizeVisit>, kind: UserAgent['kind'] = 'http'): UserAgent {
  const close = (): Promise<void> => Promise.resolve()
  return {
    kind,
    version: 'test',
    authorize: () => Promise.resolve({ callbackUrl: null, pages: [], ...visit }),
    close,
    [Symbol.asyncDispose]: close,
  }
}

describe('the authorization request', () => {
  it('carries PKCE S256, state, nonce, scope and the resource', async () => {
    const request = await buildAuthorizationRequest(server, client, {
      redirectUri: REDIRECT_URI,
      resource: 'http://127.0.0.1:8000/mcp',
      extra: { prompt: 'login' },
    })
    const parameters = Object.fromEntries(new URL(request.url).searchParams)
    expect(parameters).toMatchObject({
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      scope: 'openid profile email',
      resource: 'http://127.0.0.1:8000/mcp',
      prompt: 'login',
      state: request.state,
      nonce: request.nonce,
      code_challenge_method: 'S256',
    })
    expect(parameters['code_challenge']).toMatch(/^[\w-]{43}$/)
    expect(request.url).not.toContain(request.codeVerifier)
  })

  it('never repeats a state, nonce or verifier', async () => {
    const requests = await Promise.all(
      Array.from({ length: 20 }, () =>
        buildAuthorizationRequest(server, client, { redirectUri: REDIRECT_URI }),
      ),
    )
    const values = requests.flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier])
    expect(new Set(values).size).toBe(60)
  })
})

describe('the code flow', () => {
  it('ends in tokens', async () => {
    const { request, response } = await obtain()
    const tokens = await exchangeCode(server, client, request, response.callbackUrl)
    expect(tokens).toMatchObject({ token_type: 'bearer', expires_in: 900 })
    expect(tokens.id_token?.split('.')).toHaveLength(3)
    expect(Math.abs(tokens.obtainedAtMs - Date.now())).toBeLessThan(5_000)
  })

  it('passes on why the token endpoint refuses a code, and no secret with it', async () => {
    const { request, response } = await obtain()
    const wrong = { ...request, codeVerifier: 'w'.repeat(43) }
    const refused: unknown = await exchangeCode(server, client, wrong, response.callbackUrl).catch(
      (e: unknown) => e,
    )
    expect(refused).toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      details: { error: 'invalid_grant', status: 400 },
    })
    expect((refused as Error).cause).toBeUndefined()
    const text = `${String(refused)} ${JSON.stringify(refused)} ${(refused as Error).stack ?? ''}`
    for (const secret of [response.code, client.client_secret, wrong.codeVerifier])
      expect(text).not.toContain(secret)
  })

  it('refuses a response with another state before it asks for a token', async () => {
    const { request, response } = await obtain()
    let asked = 0
    const fetch: FetchLike = (...args) => {
      asked += 1
      return globalThis.fetch(...args)
    }
    await expect(
      exchangeCode(server, client, { ...request, state: 'another' }, response.callbackUrl, { fetch }),
    ).rejects.toMatchObject({ code: 'NCMC_OAUTH_REQUEST' })
    expect(asked).toBe(0)
  })

  it('refuses an ID token with another nonce', async () => {
    const { request, response } = await obtain()
    await expect(
      exchangeCode(server, client, { ...request, nonce: 'another' }, response.callbackUrl),
    ).rejects.toMatchObject({ code: 'NCMC_OAUTH_REQUEST' })
  })

  it('refuses an ID token whose signature is not of a published key', async () => {
    const { request, response } = await obtain()
    const tampering: FetchLike = async (url, init) => {
      const answer = await globalThis.fetch(url, init)
      const body = (await answer.json()) as { id_token?: string }
      const [header, payload, signature] = body.id_token?.split('.') ?? []
      if (header === undefined || payload === undefined || signature === undefined) return Response.json(body)
      const flipped = `${signature[0] === 'A' ? 'B' : 'A'}${signature.slice(1)}`
      return Response.json({ ...body, id_token: `${header}.${payload}.${flipped}` })
    }
    await expect(
      exchangeCode(server, client, request, response.callbackUrl, { fetch: tampering }),
    ).rejects.toMatchObject({ code: 'NCMC_OAUTH_REQUEST' })
  })

  it('sends the resource with the code as well', async () => {
    const request = await buildAuthorizationRequest(server, client, {
      redirectUri: REDIRECT_URI,
      resource: 'http://127.0.0.1:8000/mcp',
    })
    const response = await obtainAuthorizationResponse(request, { userAgent, user: nextcloud.users.alice })
    const bodies: URLSearchParams[] = []
    await exchangeCode(server, client, request, response.callbackUrl, {
      fetch: async (url, init) => {
        if (init?.method === 'POST') bodies.push(new URLSearchParams(await new Request(url, init).text()))
        return globalThis.fetch(url, init)
      },
    })
    expect(bodies.map((body) => body.get('resource'))).toEqual(['http://127.0.0.1:8000/mcp'])
  })
})

describe('an issuer whose clock differs from ours', () => {
  it('gives tokens that count once the difference is told', async () => {
    await using late = await startEmbeddedNextcloud({ consent: false })
    const skewed = await discoverAuthorizationServer(late.baseUrl)
    const own = await registerClient(skewed, { redirect_uris: [REDIRECT_URI] })
    late.clock.shift(-7_200)
    const request = await buildAuthorizationRequest(skewed, own, { redirectUri: REDIRECT_URI })
    const obtained = await obtainAuthorizationResponse(request, { userAgent, user: late.users.alice })
    const tokens = await exchangeCode(skewed, own, request, obtained.callbackUrl, {
      clockSkewSeconds: -7_200,
    })
    expect(tokens.access_token).not.toBe('')
    const again = await buildAuthorizationRequest(skewed, own, { redirectUri: REDIRECT_URI })
    const next = await obtainAuthorizationResponse(again, { userAgent, user: late.users.alice })
    await expect(exchangeCode(skewed, own, again, next.callbackUrl)).rejects.toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
    })
  })
})

describe('obtaining a code', () => {
  it('fails with the error of the authorization response', async () => {
    const request = await buildAuthorizationRequest(server, client, { redirectUri: REDIRECT_URI })
    const callbackUrl = `${REDIRECT_URI}?error=access_denied&error_description=no%0Athanks&state=${request.state}`
    await expect(
      obtainAuthorizationResponse(request, {
        userAgent: agentThatEnds({ callbackUrl }),
        user: nextcloud.users.alice,
      }),
    ).rejects.toMatchObject({
      code: 'NCMC_FLOW_FAILED',
      message: expect.stringContaining(String.raw`"no\nthanks"`) as string,
      details: { error: 'access_denied', pages: [] },
    })
  })

  it('fails with the pages when the visit ended elsewhere, and leaves the screenshots out', async () => {
    const page = { kind: 'dashboard', url: 'http://a/apps/dashboard/', title: 'Dashboard' } as const
    const ended = agentThatEnds({
      pages: [{ ...page, screenshot: new Uint8Array(3) }],
      lastPageText: 'Welcome',
    })
    const request = await buildAuthorizationRequest(server, client, { redirectUri: REDIRECT_URI })
    await expect(
      obtainAuthorizationResponse(request, { userAgent: ended, user: nextcloud.users.alice }),
    ).rejects.toMatchObject({ code: 'NCMC_FLOW_FAILED', details: { pages: [page] } })
  })

  it.each([
    ['another state', '?code=c&state=other'],
    ['no code', '?state='],
  ])('fails for a response with %s', async (_name, query) => {
    const request = await buildAuthorizationRequest(server, client, { redirectUri: REDIRECT_URI })
    const callbackUrl = `${REDIRECT_URI}${query === '?state=' ? `?state=${request.state}` : query}`
    await expect(
      obtainAuthorizationResponse(request, {
        userAgent: agentThatEnds({ callbackUrl }),
        user: nextcloud.users.alice,
      }),
    ).rejects.toMatchObject({ code: 'NCMC_FLOW_FAILED' })
  })

  it('believes the listener, not the browser, and waits no longer than it may', async () => {
    await using callback = await CallbackServer.start()
    const request = await buildAuthorizationRequest(server, client, { redirectUri: callback.redirectUri })
    const callbackUrl = `${callback.redirectUri}?code=seen-only-by-the-browser&state=${request.state}`
    await expect(
      obtainAuthorizationResponse(request, {
        userAgent: agentThatEnds({ callbackUrl }, 'browser'),
        user: nextcloud.users.alice,
        callback,
        timeoutMs: 30,
      }),
    ).rejects.toMatchObject({ code: 'NCMC_FLOW_TIMEOUT' })
  })

  it('leaves nothing waiting at the listener after a failed visit', async () => {
    await using callback = await CallbackServer.start()
    const request = await buildAuthorizationRequest(server, client, { redirectUri: callback.redirectUri })
    const input = { userAgent: agentThatEnds({}), user: nextcloud.users.alice, callback }
    await expect(obtainAuthorizationResponse(request, input)).rejects.toMatchObject({
      code: 'NCMC_FLOW_FAILED',
    })
    const late = await fetch(`${callback.redirectUri}?code=c&state=${request.state}`)
    expect(late.status).toBe(400)
  })
})

import { createServer } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import { buildAuthorizationRequest, obtainAuthorizationResponse } from '../../src/oauth/code-flow.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../../src/oauth/discovery.js'
import { registerClient } from '../../src/oauth/registration.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { createUserAgent } from '../../src/user-agent/index.js'
import type { AuthorizeInput, AuthorizeVisit, UserAgent } from '../../src/user-agent/user-agent.js'

const PNG_SIGNATURE = [0x89, 0x50, 0x4e, 0x47]

/** A listener that takes connections and never answers. */
async function startSilentServer(): Promise<AsyncDisposable & { readonly url: string }> {
  const silent = createServer(() => undefined)
  silent.listen({ host: '127.0.0.1', port: 0 })
  await once(silent, 'listening')
  return {
    url: `http://127.0.0.1:${(silent.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      silent.close()
      silent.closeAllConnections()
      await once(silent, 'close')
    },
  }
}

describe.each(['http', 'browser'] as const)('the %s agent', (kind) => {
  let agent: UserAgent
  let callback: CallbackServer
  let silentConsent: EmbeddedNextcloud
  let withConsent: EmbeddedNextcloud

  beforeAll(async () => {
    ;[agent, callback, silentConsent, withConsent] = await Promise.all([
      createUserAgent(kind),
      CallbackServer.start(),
      startEmbeddedNextcloud({ consent: false }),
      startEmbeddedNextcloud({ consent: true }),
    ])
  })
  afterAll(async () => {
    await agent.close()
    await Promise.all([
      callback.close(),
      silentConsent[Symbol.asyncDispose](),
      withConsent[Symbol.asyncDispose](),
    ])
  })

  async function input(
    nextcloud: EmbeddedNextcloud,
    more: Partial<AuthorizeInput> & { extra?: Record<string, string> } = {},
  ): Promise<AuthorizeInput & { server: AuthorizationServer }> {
    const server = await discoverAuthorizationServer(nextcloud.baseUrl)
    const client = await registerClient(server, { redirect_uris: [callback.redirectUri] })
    const { extra, ...rest } = more
    const request = await buildAuthorizationRequest(server, client, {
      redirectUri: callback.redirectUri,
      ...(extra === undefined ? {} : { extra }),
    })
    callback.expect(request.state)
    return {
      server,
      authorizationUrl: request.url,
      redirectUri: callback.redirectUri,
      userId: nextcloud.users.alice.userId,
      password: nextcloud.users.alice.password,
      ...rest,
    }
  }

  const kinds = (visit: AuthorizeVisit): string[] =>
    visit.pages.map((page) => page.kind).filter((pageKind) => pageKind !== 'redirect')

  it('names itself', () => {
    expect(agent.kind).toBe(kind)
    expect(agent.version).toMatch(kind === 'http' ? /^http$/ : /^Chromium \d+\.\d/)
  })

  it('logs in and brings the response back where no consent is asked for', async () => {
    const visit = await agent.authorize(await input(silentConsent))
    expect(visit.callbackUrl).toMatch(/[?&]code=\w+/)
    expect(kinds(visit)).toEqual(kind === 'http' ? ['login'] : ['login', 'callback'])
  })

  it('consents', async () => {
    const visit = await agent.authorize(await input(withConsent, { consent: 'allow' }))
    expect(visit.callbackUrl).toMatch(/[?&]code=\w+/)
    expect(kinds(visit)).toEqual(kind === 'http' ? ['login', 'consent'] : ['login', 'consent', 'callback'])
  })

  it('denies; only a browser loses the answer on the way', async () => {
    const visit = await agent.authorize(await input(withConsent, { consent: 'deny' }))
    if (kind === 'http') {
      expect(new URL(visit.callbackUrl ?? '').searchParams.get('error')).toBe('access_denied')
    } else {
      expect(visit.callbackUrl).toBeNull()
      expect(visit.pages.at(-1)?.kind).toBe('dashboard')
      expect(visit.lastPageStatus).toBe(200)
    }
  })

  it('makes a denied flow fail with what is known', async () => {
    const server = await discoverAuthorizationServer(withConsent.baseUrl)
    const client = await registerClient(server, { redirect_uris: [callback.redirectUri] })
    const request = await buildAuthorizationRequest(server, client, { redirectUri: callback.redirectUri })
    const denied = obtainAuthorizationResponse(request, {
      userAgent: agent,
      user: withConsent.users.alice,
      consent: 'deny',
      callback,
    })
    await expect(denied).rejects.toMatchObject({
      code: 'NCMC_FLOW_FAILED',
      details: kind === 'http' ? { error: 'access_denied' } : { pages: expect.any(Array) as unknown[] },
    })
  })

  it('tells a wrong password at once', async () => {
    const wrong = await input(silentConsent, { password: 'not-the-password', timeoutMs: 60_000 })
    const started = performance.now()
    const failed: unknown = await agent.authorize(wrong).catch((thrown: unknown) => thrown)
    expect(failed).toMatchObject({ code: 'NCMC_LOGIN_FAILED', details: { userId: 'alice' } })
    expect(`${String(failed)}${JSON.stringify(failed)}`).not.toContain('not-the-password')
    expect(performance.now() - started).toBeLessThan(10_000)
  })

  it('reports the page that a refused request ends at', async () => {
    const visit = await agent.authorize(await input(silentConsent, { extra: { client_id: 'unknown' } }))
    expect(visit.callbackUrl).toBeNull()
    expect(visit.pages.at(-1)).toMatchObject({ kind: 'error' })
    expect(visit.pages.at(-1)?.url).not.toContain('?')
    expect(visit.lastPageText).toContain('not authorized')
    expect(visit.lastPageStatus).toBe(200)
  })

  it('logs in once more where the request demands it', async () => {
    const visit = await agent.authorize(await input(silentConsent, { extra: { prompt: 'login' } }))
    expect(visit.callbackUrl).toMatch(/[?&]code=/)
  })

  it('brings the denial back where the page does not lose it', async () => {
    await using strict = await startEmbeddedNextcloud({ profile: 'strict', consent: true })
    const visit = await agent.authorize(await input(strict, { consent: 'deny' }))
    expect(new URL(visit.callbackUrl ?? 'none:').searchParams.get('error')).toBe('access_denied')
  })

  it('keeps the fragment of a response', async () => {
    const visit = await agent.authorize(await input(silentConsent, { extra: { response_mode: 'fragment' } }))
    expect(visit.callbackUrl).toMatch(/#state=.*&code=\w+/)
  })

  it('stops at the time limit and can go on with other visits', async () => {
    await using silent = await startSilentServer()
    const slow = { ...(await input(silentConsent)), authorizationUrl: silent.url, timeoutMs: 200 }
    await expect(agent.authorize(slow)).rejects.toMatchObject({
      code: 'NCMC_FLOW_TIMEOUT',
      details: { timeoutMs: 200, pages: [] },
    })
    expect((await agent.authorize(await input(silentConsent))).callbackUrl).not.toBeNull()
  })

  it('tells when nobody answers', async () => {
    const closed = await CallbackServer.start()
    await closed.close()
    const authorizationUrl = `${new URL(closed.redirectUri).origin}/authorize?state=s`
    await expect(
      agent.authorize({ ...(await input(silentConsent)), authorizationUrl }),
    ).rejects.toMatchObject({
      code: 'NCMC_NEXTCLOUD_UNREACHABLE',
    })
  })

  it('keeps the password from a login page at another origin', async () => {
    const lured = await input(silentConsent)
    const elsewhere = createServer((_request, response) => {
      response.writeHead(303, { location: `${silentConsent.baseUrl}/login` }).end()
    })
    elsewhere.listen({ host: '127.0.0.1', port: 0 })
    await once(elsewhere, 'listening')
    const authorizationUrl = `http://127.0.0.1:${(elsewhere.address() as AddressInfo).port}/authorize`
    silentConsent.twin.clearRequests()
    await expect(agent.authorize({ ...lured, authorizationUrl })).rejects.toMatchObject({
      code: 'NCMC_LOGIN_FAILED',
    })
    expect(silentConsent.twin.requests().filter(({ method }) => method === 'POST')).toEqual([])
    elsewhere.close()
    elsewhere.closeAllConnections()
  })

  it('serves many visits at once, each with a session of its own', async () => {
    const count = kind === 'http' ? 20 : 3
    const inputs = await Promise.all(Array.from({ length: count }, () => input(withConsent)))
    const visits = await Promise.all(inputs.map((one) => agent.authorize(one)))
    const states = visits.map((visit) => new URL(visit.callbackUrl ?? '').searchParams.get('state'))
    expect(states).toEqual(inputs.map((one) => new URL(one.authorizationUrl).searchParams.get('state')))
    expect(visits.every((visit) => kinds(visit).includes('consent'))).toBe(true)
  })

  it('mints tokens from end to end', async () => {
    const minted = await mintTokens({
      issuer: withConsent.baseUrl,
      user: withConsent.users.alice,
      userAgent: agent,
    })
    expect(minted.tokens.access_token).not.toBe('')
  })

  it.runIf(kind === 'browser')('takes pictures, and no title or URL of a page holds the code', async () => {
    const visit = await agent.authorize(await input(withConsent))
    const code = new URL(visit.callbackUrl ?? '').searchParams.get('code') ?? 'missing'
    for (const page of visit.pages) {
      expect(`${page.title} ${page.url}`).not.toContain(code)
      if (page.kind === 'redirect') continue
      expect([...(page.screenshot ?? []).slice(0, 4)]).toEqual(PNG_SIGNATURE)
    }
    expect(visit.pages.map((page) => page.title)).toEqual(
      expect.arrayContaining(['Login – Nextcloud', 'Signed in']),
    )
  })

  it.runIf(kind === 'http')('never requests the redirect URI', async () => {
    const pending = callback.expect('probe')
    const request = await input(silentConsent)
    await agent.authorize(request)
    const { searchParams } = new URL(request.authorizationUrl)
    const state = searchParams.get('state') ?? ''
    expect((await fetch(`${callback.redirectUri}?state=${state}&code=still-pending`)).status).toBe(200)
    pending.cancel()
  })

  it('ends a visit that is under way when it is closed', async () => {
    await using silent = await startSilentServer()
    const own = await createUserAgent(kind)
    const base = await input(silentConsent)
    const visit = own.authorize({ ...base, authorizationUrl: silent.url })
    visit.catch(() => undefined)
    await own.close()
    await expect(visit).rejects.toMatchObject({
      code: kind === 'http' ? 'NCMC_FLOW_FAILED' : 'NCMC_BROWSER_FAILED',
    })
    await expect(own.authorize(base)).rejects.toMatchObject({ exitCode: 3 })
  })
})

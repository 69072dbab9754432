import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { CallbackServer } from '../../src/oauth/callback-server.js'
import { refreshTokens } from '../../src/oauth/code-flow.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../../src/oauth/discovery.js'
import { registerClient } from '../../src/oauth/registration.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'

const REDIRECT_URI = 'http://127.0.0.1:9/callback'
let nextcloud: EmbeddedNextcloud
let server: AuthorizationServer
const userAgent = createHttpUserAgent()

beforeAll(async () => {
  nextcloud = await startEmbeddedNextcloud({ consent: false })
  server = await discoverAuthorizationServer(nextcloud.baseUrl)
})
afterAll(async () => {
  await nextcloud.stop()
})

describe('minting tokens', () => {
  it('does everything from the issuer on', async () => {
    const minted = await mintTokens({
      issuer: nextcloud.baseUrl,
      user: nextcloud.users.alice,
      userAgent,
      tokenFormat: 'jwt',
    })
    expect(minted.tokens.access_token.split('.')).toHaveLength(3)
    expect(minted.client.token_type).toBe('jwt')
    expect(minted.pages.map(({ kind }) => kind)).toContain('login')
  })

  it('costs a few form posts only', async () => {
    const started = performance.now()
    for (let round = 0; round < 10; round += 1) {
      await mintTokens({ server, user: nextcloud.users.alice, userAgent })
    }
    // The bar is 30 ms for one on an idle machine; this one has room for a loaded one.
    expect((performance.now() - started) / 10).toBeLessThan(150)
  })

  it('waits for a client that reads do not see yet', async () => {
    await using lagging = await startEmbeddedNextcloud({ consent: false, lag: { clientMs: 150 } })
    const minted = await mintTokens({ issuer: lagging.baseUrl, user: lagging.users.alice, userAgent })
    expect(minted.tokens.access_token).not.toBe('')
  })

  it('uses a given server, client and listener', async () => {
    await using callback = await CallbackServer.start()
    const own = await registerClient(server, { redirect_uris: [callback.redirectUri] })
    const minted = await mintTokens({ server, client: own, callback, user: nextcloud.users.alice, userAgent })
    expect(minted.client).toBe(own)
    expect((await fetch(callback.redirectUri)).status).toBe(400)
  })
})

describe('refreshing', () => {
  it('trades the refresh token for new tokens, and passes on that the old one is used up', async () => {
    const lasting = await registerClient(server, {
      redirect_uris: [REDIRECT_URI],
      scope: 'openid profile offline_access',
    })
    const first = await mintTokens({
      server,
      client: lasting,
      user: nextcloud.users.alice,
      userAgent,
      scope: 'openid profile offline_access',
    })
    const refreshToken = first.tokens.refresh_token ?? 'missing'
    const second = await refreshTokens(server, lasting, refreshToken)
    expect(second.access_token).not.toBe(first.tokens.access_token)
    expect(second.refresh_token).not.toBe(refreshToken)
    const refused: unknown = await refreshTokens(server, lasting, refreshToken).catch((e: unknown) => e)
    expect(refused).toMatchObject({
      code: 'NCMC_OAUTH_REQUEST',
      details: { error: 'invalid_grant', status: 400 },
    })
    expect(`${String(refused)}${JSON.stringify(refused)}`).not.toContain(refreshToken)
  })
})

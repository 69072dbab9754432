import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { ProfileName } from '../../src/nextcloud/embedded/profiles.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import type { ServerEnv } from '../../src/servers/server.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'
import { INITIALIZE, send } from './support/mcp-http.js'
import { temporaryFolder } from './support/reference.js'

const ACCEPT = { NEXTCLOUD_OIDC_UNBOUND_TOKENS: 'accept' }

async function cloud(profile: ProfileName): Promise<EmbeddedNextcloud> {
  const nextcloud = await startEmbeddedNextcloud({ profile, administratorGrantsJwt: true })
  onTestFinished(() => nextcloud.stop())
  return nextcloud
}

async function server(nextcloud: EmbeddedNextcloud, env: Partial<ServerEnv> = {}): Promise<string> {
  const running = await startReferenceServer({
    mode: 'oauth',
    env: {
      NEXTCLOUD_HOST: nextcloud.internalUrl,
      NEXTCLOUD_OIDC_CLIENT_STORAGE: join(await temporaryFolder(), 'client.json'),
      ...env,
    },
  })
  onTestFinished(() => running.stop())
  return running.url
}

async function mint(nextcloud: EmbeddedNextcloud, tokenFormat: 'opaque' | 'jwt', resource: string) {
  const userAgent = createHttpUserAgent()
  const user = nextcloud.users.alice
  const { tokens } = await mintTokens({ issuer: nextcloud.baseUrl, tokenFormat, user, userAgent, resource })
  return tokens.access_token
}

async function status(url: string, token: string): Promise<number> {
  return (await send(url, INITIALIZE, { token })).status
}

describe('opaque tokens of a Nextcloud that cannot tell their audience', () => {
  it('are refused by default, while JWTs for this server are accepted', async () => {
    const nextcloud = await cloud('oidc-1.9.0')
    const url = await server(nextcloud)
    expect(await status(url, await mint(nextcloud, 'jwt', url))).toBe(200)
    expect(await status(url, await mint(nextcloud, 'opaque', url))).toBe(401)
  })

  it('are accepted while they live when the operator says so, unlike JWTs for another server', async () => {
    const nextcloud = await cloud('oidc-1.9.0')
    const url = await server(nextcloud, ACCEPT)
    const token = await mint(nextcloud, 'opaque', url)
    expect(await status(url, token)).toBe(200)
    expect(await status(url, await mint(nextcloud, 'jwt', 'https://other.example/mcp'))).toBe(401)
    expect(await status(url, 'x'.repeat(72))).toBe(401)
    nextcloud.clock.shift(2 * 900 + 1)
    expect(await status(url, token)).toBe(401)
  })

  it('do not become acceptable where their audience can be told', async () => {
    const nextcloud = await cloud('oidc-2.0.9')
    const url = await server(nextcloud, ACCEPT)
    expect(await status(url, await mint(nextcloud, 'opaque', url))).toBe(200)
    expect(await status(url, await mint(nextcloud, 'opaque', 'https://other.example/mcp'))).toBe(401)
  })
})

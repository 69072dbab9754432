import { decodeProtectedHeader } from 'jose'
import { describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { createTwin } from '../../src/nextcloud/embedded/twin.js'
import { EmbeddedListener } from '../../src/nextcloud/embedded/listener.js'
import { bearer, ORIGIN } from './core-visitor.js'
import { loggedInCloud, type TestCloud } from './oidc-support.js'

const twinOf = (cloud: TestCloud) => createTwin(cloud.ctx, new EmbeddedListener(cloud.app, 0))

async function apiStatus(cloud: TestCloud, token: string): Promise<number> {
  const headers = { ...bearer(token), 'ocs-apirequest': 'true' }
  return (await cloud.sendBare('/ocs/v2.php/cloud/user', { headers })).status
}

async function kids(cloud: TestCloud): Promise<string[]> {
  const { keys } = (await (await cloud.sendBare('/apps/oidc/jwks')).json()) as { keys: { kid: string }[] }
  return keys.map(({ kid }) => kid)
}

describe('rotating the signing key', () => {
  it('publishes and signs with the new one, and refuses the old at once', async () => {
    const cloud = await loggedInCloud()
    const twin = twinOf(cloud)
    const client = await cloud.register({ token_type: 'jwt' })
    const superseded = await twin.signJwt({
      header: {},
      claims: {
        exp: cloud.ctx.clock.nowSeconds() + 60,
        aud: client.client_id,
        preferred_username: 'alice',
      },
    })
    const [before] = await kids(cloud)
    expect(await apiStatus(cloud, superseded)).toBe(200)
    const kid = await twin.rotateSigningKey()
    expect(kid).not.toBe(before)
    expect(await kids(cloud)).toEqual([kid])
    expect((await twin.publicJwk())['kid']).toBe(kid)
    expect(await apiStatus(cloud, superseded)).toBe(401)
    const { access_token } = await cloud.tokens(client)
    expect(decodeProtectedHeader(access_token).kid).toBe(kid)
  })

  it('keeps the old ones beside it until they are retired', async () => {
    const cloud = await loggedInCloud()
    const twin = twinOf(cloud)
    const client = await cloud.register()
    const [first] = await kids(cloud)
    const { id_token } = await cloud.tokens(client)
    const second = await twin.rotateSigningKey({ keepOld: true })
    const third = await twin.rotateSigningKey({ keepOld: true })
    expect(await kids(cloud)).toEqual([third, second, first])
    const logout = `/index.php/apps/oidc/logout?id_token_hint=${id_token}`
    expect((await cloud.sendBare(logout)).status).toBe(303)
    twin.retireOldSigningKeys()
    expect(await kids(cloud)).toEqual([third])
    expect((await cloud.sendBare(logout)).status).toBe(401)
  })

  it('leaves other instances of the process alone', async () => {
    await using one = await startEmbeddedNextcloud()
    await using other = await startEmbeddedNextcloud()
    const before = await other.twin.publicJwk()
    await one.twin.rotateSigningKey()
    expect(await other.twin.publicJwk()).toEqual(before)
    expect((await one.app.request(`${ORIGIN}/apps/oidc/jwks`)).status).toBe(200)
  })
})

describe('revoking tokens', () => {
  it.each(['opaque', 'jwt'])('ends %s tokens of a user or of a client, and no others', async (token_type) => {
    const cloud = await loggedInCloud()
    const twin = twinOf(cloud)
    const [one, other] = [await cloud.register({ token_type }), await cloud.register({ token_type })]
    const scope = { scope: 'openid offline_access' }
    const first = await cloud.tokens(one, scope)
    const second = await cloud.tokens(other, scope)
    const works = async (tokens: typeof first): Promise<number[]> => [
      (await cloud.userinfo(tokens.access_token)).status,
      await apiStatus(cloud, tokens.access_token),
    ]
    twin.honourToken('made-up', 'alice')
    expect([await works(first), await works(second)]).toEqual([
      [200, 200],
      [200, 200],
    ])
    expect(twin.revokeTokensOf('bob')).toBe(0)
    expect(twin.revokeTokensOf(one.client_id)).toBe(1)
    expect([await works(first), await works(second)]).toEqual([
      [400, 401],
      [200, 200],
    ])
    expect((await cloud.refresh(one, first.refresh_token ?? '')).status).toBe(400)
    expect(twin.revokeTokensOf('alice')).toBe(2)
    expect(await works(second)).toEqual([400, 401])
    expect(await apiStatus(cloud, 'made-up')).toBe(401)
    expect(await works(await cloud.tokens(one))).toEqual([200, 200])
  })
})

import { describe, expect, it } from 'vitest'
import { OffsetClock } from '../../src/nextcloud/embedded/clock.js'
import { Consistency, type PropagationLag, type View } from '../../src/nextcloud/embedded/consistency.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { basic, bearer } from './core-visitor.js'
import { callbackOf, location, loggedInCloud, oauthErrorOf, TestCloud } from './oidc-support.js'

const LAG_MS = 2000

/** Time stands still, so that only the shifts of a test count. */
function lagging(lag: PropagationLag, options: EmbeddedOptions = {}): EmbeddedOptions {
  const startedMs = Date.now()
  return { lag, realNowMs: () => startedMs, ...options }
}

/** Calls `look` just before and just after the lag is over. */
async function aroundLag<T>(cloud: TestCloud, look: () => Promise<T>): Promise<[T, T]> {
  cloud.ctx.clock.shift((LAG_MS - 1) / 1000)
  const before = await look()
  cloud.ctx.clock.shift(0.001)
  return [before, await look()]
}

const NO_GRANT = [400, 'invalid_grant', 'Could not find access token for code or refresh_token.']

async function apiStatus(cloud: TestCloud, headers: Record<string, string>): Promise<number> {
  const all = { ...headers, 'ocs-apirequest': 'true' }
  return (await cloud.sendBare('/ocs/v2.php/cloud/user', { headers: all })).status
}

describe('a lagging view', () => {
  it('client: authorize, RFC 7592 and introspection do not know the client', async () => {
    const cloud = await loggedInCloud(lagging({ client: LAG_MS }))
    const client = await cloud.register()
    const looks = await aroundLag(cloud, async () => [
      location(await cloud.authorize(client)).includes('code='),
      (await cloud.configure(client, 'GET', client.registration_access_token)).status,
      (await cloud.introspect(client, 'x')).status,
    ])
    expect(looks).toEqual([
      [false, 401, 401],
      [true, 200, 200],
    ])
  })

  it('redirect URI: authorize does not accept it', async () => {
    const cloud = await loggedInCloud(lagging({ redirectUri: LAG_MS }))
    const client = await cloud.register()
    const looks = await aroundLag(cloud, async () => {
      const response = await cloud.authorize(client)
      return [response.status, (await response.text()).includes('redirect URI is not accepted')]
    })
    expect(looks).toEqual([
      [200, true],
      [303, false],
    ])
  })

  it('code: the exchange does not find it, and it stays good', async () => {
    const cloud = await loggedInCloud(lagging({ code: LAG_MS }))
    const client = await cloud.register()
    const code = await cloud.code(client)
    expect(await oauthErrorOf(await cloud.refresh(client, code))).toEqual(NO_GRANT)
    cloud.ctx.clock.shift((LAG_MS - 1) / 1000)
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual(NO_GRANT)
    cloud.ctx.clock.shift(0.001)
    expect((await cloud.exchange(client, code)).status).toBe(200)
  })

  it('code: oidc 1.9.0 says it in its own words', async () => {
    const cloud = await loggedInCloud(lagging({ code: LAG_MS }, { profile: 'oidc-1.9.0' }))
    const client = await cloud.register()
    const code = await cloud.code(client)
    const looks = await aroundLag(cloud, async () => (await cloud.exchange(client, code)).status)
    expect(looks).toEqual([400, 200])
  })

  it('token: userinfo, introspection, APIs and refresh do not know it', async () => {
    const cloud = await loggedInCloud(lagging({ token: LAG_MS }))
    const client = await cloud.register()
    const tokens = await cloud.tokens(client, { scope: 'openid offline_access' })
    const looks = await aroundLag(cloud, async () => [
      (await cloud.userinfo(tokens.access_token)).status,
      ((await (await cloud.introspect(client, tokens.access_token)).json()) as { active: boolean }).active,
      await apiStatus(cloud, bearer(tokens.access_token)),
      (await cloud.refresh(client, tokens.refresh_token ?? '')).status,
    ])
    expect(looks).toEqual([
      [400, false, 401, 400],
      [200, true, 200, 200],
    ])
  })

  it('session: the login is lost at its first request, for good', async () => {
    const cloud = new TestCloud(lagging({ session: LAG_MS }))
    const dashboard = async (): Promise<number> => (await cloud.send('/index.php/apps/dashboard/')).status
    await cloud.login()
    expect(await dashboard()).toBe(401)
    cloud.ctx.clock.shift(LAG_MS)
    expect(await dashboard()).toBe(401)
    await cloud.login()
    cloud.ctx.clock.shift(LAG_MS / 1000)
    expect(await dashboard()).toBe(200)
    expect(await apiStatus(cloud, basic('alice', 'alice-password'))).toBe(200)
  })

  it('registration token: RFC 7592 answers 401, and authorize knows the client', async () => {
    const cloud = await loggedInCloud(lagging({ registrationToken: LAG_MS }))
    const client = await cloud.register()
    expect(callbackOf(await cloud.authorize(client)).get('code')).toHaveLength(128)
    const looks = await aroundLag(cloud, async () => {
      const response = await cloud.configure(client, 'GET', client.registration_access_token)
      return [response.status, ((await response.json()) as { error?: string }).error]
    })
    expect(looks).toEqual([
      [401, 'invalid_token'],
      [200, undefined],
    ])
  })
})

describe('a lagging read replica', () => {
  it('shows what was measured on a real one', async () => {
    const cloud = new TestCloud(lagging({ replica: LAG_MS }))
    await cloud.login()
    cloud.ctx.clock.shift(LAG_MS / 1000)
    const client = await cloud.register()
    const anonymous = await cloud.sendBare(
      `/index.php/apps/oidc/authorize?prompt=none&response_type=code&client_id=${client.client_id}` +
        `&redirect_uri=${encodeURIComponent('http://127.0.0.1:9399/callback')}`,
    )
    expect(callbackOf(anonymous).get('error')).toBe('login_required')
    const code = await cloud.code(client)
    expect(code).toHaveLength(128)
    expect(await oauthErrorOf(await cloud.exchange(client, code))).toEqual(NO_GRANT)
    expect((await cloud.configure(client, 'GET', client.registration_access_token)).status).toBe(401)
    expect((await cloud.sendBare('/.well-known/openid-configuration')).status).toBe(200)
    cloud.ctx.clock.shift(LAG_MS / 1000)
    expect((await cloud.configure(client, 'GET', client.registration_access_token)).status).toBe(200)
    expect((await cloud.exchange(client, code)).status).toBe(200)
  })

  it('gives way to the lag of a view of its own', async () => {
    const cloud = await loggedInCloud(lagging({ replica: LAG_MS, session: 0, code: 0 }))
    const client = await cloud.register()
    expect((await cloud.exchange(client, await cloud.code(client))).status).toBe(200)
  })
})

/** The delay of each of `count` writes of a view, to the millisecond, as reads find it. */
function delaysOf(lag: PropagationLag, count: number, view: View = 'client'): number[] {
  const clock = new OffsetClock(() => 0)
  const consistency = new Consistency(clock, lag)
  const rows = Array.from({ length: count }, () => ({}))
  for (const row of rows) consistency.written(view, row)
  return rows.map((row) => delayOf(consistency, clock, view, row))
}

function delayOf(consistency: Consistency, clock: OffsetClock, view: View, row: object): number {
  let [low, high] = [0, 1_000_000]
  while (low < high) {
    const middle = Math.floor((low + high) / 2)
    clock.reset()
    clock.shift(middle / 1000)
    if (consistency.isVisible(view, row)) high = middle
    else low = middle + 1
  }
  clock.reset()
  return low
}

describe('the delays of writes', () => {
  it('are constant, uniform or log-normal', () => {
    expect(delaysOf({ client: { kind: 'constant', ms: 300 } }, 3)).toEqual([300, 300, 300])
    expect(delaysOf({ clientMs: 300 }, 1)).toEqual([300])
    expect(delaysOf({ redirectUriMs: 400 }, 1, 'redirectUri')).toEqual([400])

    const uniform = delaysOf({ client: { kind: 'uniform', minMs: 100, maxMs: 500 } }, 2000)
    expect(Math.min(...uniform)).toBeGreaterThanOrEqual(100)
    expect(Math.max(...uniform)).toBeLessThanOrEqual(500)
    expect(uniform.reduce((sum, each) => sum + each, 0) / uniform.length).toBeCloseTo(300, -1)

    const sorted = delaysOf({ client: { kind: 'log-normal', medianMs: 1000, sigma: 0.5 } }, 2000).sort(
      (a, b) => a - b,
    )
    // 84.1 % of a log-normal distribution lie below median · e^sigma.
    expect((sorted[1000] ?? 0) / 1000).toBeCloseTo(1, 1)
    expect((sorted[1682] ?? 0) / (1000 * Math.exp(0.5))).toBeCloseTo(1, 1)
  })

  it('are the same for the same seed, view by view, and others for another seed', () => {
    const lag = { client: { kind: 'uniform', minMs: 0, maxMs: 10_000 }, seed: 7 } as const
    const all = { ...lag, code: lag.client }
    expect(delaysOf(lag, 20)).toEqual(delaysOf(all, 20))
    expect(delaysOf(lag, 20)).not.toEqual(delaysOf({ ...lag, seed: 8 }, 20))
    expect(delaysOf(all, 20)).not.toEqual(delaysOf(all, 20, 'code'))
    const { seed: _seed, ...unseeded } = lag
    expect(delaysOf(unseeded, 20)).toEqual(delaysOf(unseeded, 20))
  })

  it('depend on neither the order of reads nor the writes of other views', () => {
    const lag = { client: { kind: 'uniform', minMs: 0, maxMs: 10_000 }, seed: 7 } as const
    const clock = new OffsetClock(() => 0)
    const consistency = new Consistency(clock, lag)
    const rows = Array.from({ length: 20 }, () => ({}))
    for (const row of rows) {
      consistency.written('session', {})
      consistency.written('client', row)
      consistency.isVisible('client', rows[0] ?? {})
    }
    const backwards = rows.reverse().map((row) => delayOf(consistency, clock, 'client', row))
    expect(backwards.reverse()).toEqual(delaysOf(lag, 20))
  })

  it('follow a new lag, for earlier writes too; a seed starts the drawing anew', () => {
    const lag = { client: { kind: 'uniform', minMs: 0, maxMs: 10_000 }, seed: 7 } as const
    const clock = new OffsetClock(() => 0)
    const consistency = new Consistency(clock, lag)
    const first = {}
    consistency.written('client', first)
    consistency.setLag({})
    expect(consistency.isVisible('client', first)).toBe(true)
    expect(consistency.lag).toEqual({ seed: 7 })
    consistency.setLag(lag)
    const again = {}
    consistency.written('client', again)
    expect([first, again].map((row) => delayOf(consistency, clock, 'client', row))).toEqual([
      ...delaysOf(lag, 1),
      ...delaysOf(lag, 1),
    ])
  })

  it('never end for a view that is told to wait forever', () => {
    const clock = new OffsetClock(() => 0)
    const consistency = new Consistency(clock, { client: Infinity })
    const row = {}
    consistency.written('client', row)
    clock.shift(1e9)
    expect(consistency.isVisible('client', row)).toBe(false)
  })
})

import { afterEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedOptions } from '../../src/nextcloud/embedded/options.js'
import { ORIGIN, Visitor } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
afterEach(() => nextcloud.stop())

async function start(options: EmbeddedOptions): Promise<void> {
  nextcloud = await startEmbeddedNextcloud(options)
}

async function register(accept = '*/*'): Promise<Response> {
  return nextcloud.app.request(`${ORIGIN}/index.php/apps/oidc/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept },
    body: '{}',
  })
}

async function statuses(count: number, call: () => Promise<Response>): Promise<Set<number>> {
  const seen = new Set<number>()
  for (let index = 0; index < count; index++) seen.add((await call()).status)
  return seen
}

describe('the rate limit', () => {
  it('lets ten registrations a minute pass, failed ones too', async () => {
    await start({ rateLimit: true })
    expect(await statuses(10, () => register())).toEqual(new Set([400]))
    const limited = await register()
    expect([limited.status, await limited.text(), limited.headers.get('retry-after')]).toEqual([
      429,
      '',
      null,
    ])
    expect(await (await register('text/html')).text()).toContain('Too many requests')
    nextcloud.clock.shift(61)
    expect((await register()).status).toBe(400)
  })

  it('is off by default', async () => {
    await start({})
    expect(await statuses(30, () => register())).toEqual(new Set([400]))
  })
})

describe('the brute-force protection', () => {
  it('tells a doubling delay and refuses after more than ten failures within half an hour', async () => {
    await start({ bruteForceProtection: true })
    const attempt = (): Promise<Response> => new Visitor(nextcloud).logIn({ password: 'wrong' })
    const delays: (string | null)[] = []
    for (let index = 0; index < 11; index++) {
      delays.push((await attempt()).headers.get('x-nextcloud-bruteforce-throttled'))
    }
    expect(delays.slice(0, 3)).toEqual(['200ms', '400ms', '800ms'])
    expect(delays.at(-1)).toBe('25000ms')
    expect((await attempt()).status).toBe(429)
    expect((await new Visitor(nextcloud).logIn()).status).toBe(429)
    nextcloud.clock.shift(31 * 60)
    expect((await new Visitor(nextcloud).logIn()).status).toBe(303)
  })

  it('is off by default', async () => {
    await start({})
    const attempt = (): Promise<Response> => new Visitor(nextcloud).logIn({ password: 'wrong' })
    expect(await statuses(15, attempt)).toEqual(new Set([303]))
  })
})

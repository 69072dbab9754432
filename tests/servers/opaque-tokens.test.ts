import { describe, expect, it } from 'vitest'
import { TokenCache } from '../../src/servers/token-verifier/token-cache.js'
import { fakeNextcloud } from './support/reference.js'

import { good, now, RESOURCE, verifierOn } from './support/verifier.js'

describe('opaque access tokens', () => {
  it('are accepted with the identity that userinfo and introspection agree on', async () => {
    const nextcloud = await fakeNextcloud()
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    const verification = await verifierOn(nextcloud).verify(token)
    expect(verification).toMatchObject({ status: 'valid', identity: { sub: 'alice', clientId: 'a-client' } })
  })

  it('are refused when unknown', async () => {
    const verifier = verifierOn(await fakeNextcloud())
    expect(await verifier.verify('x'.repeat(72))).toMatchObject({ status: 'invalid' })
  })

  it('are refused when issued for another resource', async () => {
    const nextcloud = await fakeNextcloud()
    const token = nextcloud.issue({ sub: 'alice', resource: 'http://other.example/mcp' })
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
    const careless = await verifierOn(nextcloud, ['s-aud-unchecked']).verify(token)
    expect(careless).toMatchObject({ status: 'valid', identity: { sub: 'alice' } })
  })

  it('are refused when expired', async () => {
    const nextcloud = await fakeNextcloud()
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE, state: 'expired' })
    const refusal = await verifierOn(nextcloud).verify(token)
    expect(refusal).toEqual({ status: 'invalid', reason: 'The access token expired' })
    const careless = verifierOn(nextcloud, ['s-expired-accepted'])
    expect(await careless.verify(token)).toMatchObject({ status: 'valid' })
    expect(await careless.verify('y'.repeat(72))).toMatchObject({ status: 'invalid' })
  })

  it('are refused when userinfo and introspection name different users', async () => {
    const nextcloud = await fakeNextcloud()
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    nextcloud.interfere = (path) => (path.endsWith('/userinfo') ? Response.json({ sub: 'bob' }) : undefined)
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
  })

  it.each(['/userinfo', '/introspect'])(
    'cannot be judged while %s is out of order, and can afterwards',
    async (part) => {
      const nextcloud = await fakeNextcloud()
      const verifier = verifierOn(nextcloud)
      const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
      const answers = [
        () => new Response('', { status: 500 }),
        () => new Response('<html>', { status: 502 }),
        () => new Response('<html>', { status: 200 }),
        () => Response.json({}),
        () => Response.json({ sub: 5, active: 'true' }),
      ]
      for (const answer of answers) {
        nextcloud.interfere = (path) => (path.endsWith(part) ? answer() : undefined)
        expect(await verifier.verify(token)).toEqual({ status: 'unavailable' })
      }
      nextcloud.interfere = () => undefined
      expect(await verifier.verify(token)).toMatchObject({ status: 'valid' })
    },
  )

  it('cannot be judged when Nextcloud is gone', async () => {
    const nextcloud = await fakeNextcloud()
    const verifier = verifierOn(nextcloud)
    await nextcloud.stop()
    expect(await verifier.verify('x'.repeat(72))).toEqual({ status: 'unavailable' })
  })

  it('cannot be judged when the answer takes longer than five seconds', async () => {
    const nextcloud = await fakeNextcloud()
    nextcloud.interfere = (path) =>
      path.endsWith('/userinfo') ? new Promise<Response>(() => undefined) : undefined
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    expect(await verifierOn(nextcloud).verify(token)).toEqual({ status: 'unavailable' })
  })
})

describe('what is remembered', () => {
  it('saves the second check', async () => {
    const nextcloud = await fakeNextcloud()
    const verifier = verifierOn(nextcloud)
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    await Promise.all([verifier.verify(token), verifier.verify(token)])
    await verifier.verify(token)
    expect(nextcloud.count('/userinfo')).toBe(1)
  })

  it('ends when the token ends', async () => {
    const nextcloud = await fakeNextcloud()
    const jwt = await nextcloud.jwt({ ...good, exp: now() + 30 })
    const opaque = nextcloud.issue({ sub: 'alice', resource: RESOURCE, expSeconds: now() + 30 })
    for (const token of [jwt, opaque]) {
      const clock = { nowMs: 0 }
      const verifier = verifierOn(nextcloud, [], clock)
      const careless = verifierOn(nextcloud, ['s-cache-fixed-ttl'], clock)
      expect(await verifier.verify(token)).toMatchObject({ status: 'valid' })
      await careless.verify(token)
      clock.nowMs = 36_000
      expect(await verifier.verify(token)).toMatchObject({ status: 'invalid' })
      expect(await careless.verify(token)).toMatchObject({ status: 'valid' })
    }
  })

  it('ends after three seconds, so that a revocation is noticed', async () => {
    const nextcloud = await fakeNextcloud()
    const clock = { nowMs: 0 }
    const verifier = verifierOn(nextcloud, [], clock)
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    const careless = verifierOn(nextcloud, ['s-cache-ignores-revocation'], clock)
    await verifier.verify(token)
    await careless.verify(token)
    nextcloud.tokens.delete(token)
    clock.nowMs = 2_900
    expect(await verifier.verify(token)).toMatchObject({ status: 'valid' })
    clock.nowMs = 3_000
    expect(await verifier.verify(token)).toMatchObject({ status: 'invalid' })
    expect(await careless.verify(token)).toMatchObject({ status: 'valid' })
  })

  it('is bounded, the least recently used entry going first', () => {
    const cache = new TokenCache<number>(2)
    cache.set('a', 1, 100)
    cache.set('b', 2, 100)
    cache.get('a', 0)
    cache.set('c', 3, 100)
    expect([cache.get('a', 0), cache.get('b', 0), cache.get('c', 0), cache.size]).toEqual([
      1,
      undefined,
      3,
      2,
    ])
    expect(cache.get('a', 100)).toBeUndefined()
  })

  it('tells tokens with long common parts apart', async () => {
    const nextcloud = await fakeNextcloud()
    const verifier = verifierOn(nextcloud)
    const careless = verifierOn(nextcloud, ['s-cache-key-truncated'])
    for (const sub of ['alice', 'bob']) {
      const token = `${'s'.repeat(64)}${sub}${'e'.repeat(64)}`
      nextcloud.tokens.set(token, { sub, resource: RESOURCE })
      await verifier.verify(token)
      expect(await verifier.verify(token)).toMatchObject({ identity: { sub } })
      expect(await careless.verify(token)).toMatchObject({ identity: { sub: 'alice' } })
    }
  })
})

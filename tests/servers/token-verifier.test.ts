import { createPublicKey } from 'node:crypto'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ServerMutant } from '../../src/servers/mutants.js'
import { createJwtVerifier } from '../../src/servers/token-verifier/jwt.js'
import { createOpaqueVerifier } from '../../src/servers/token-verifier/opaque.js'
import { TokenCache } from '../../src/servers/token-verifier/token-cache.js'
import { TokenVerifier } from '../../src/servers/token-verifier/token-verifier.js'
import type { FakeNextcloud } from './support/fake-nextcloud.js'
import { fakeNextcloud } from './support/reference.js'

const RESOURCE = 'http://mcp.example/mcp'
const OIDC = '/index.php/apps/oidc'
const now = (): number => Math.floor(Date.now() / 1000)

function verifierOn(
  nextcloud: FakeNextcloud,
  mutants: readonly ServerMutant[] = [],
  clock: { nowMs: number } = { nowMs: 0 },
): TokenVerifier {
  nextcloud.clients.set('own', { secret: 'own-secret', resource: RESOURCE, visibleAtMs: 0 })
  const nowMs = (): number => Date.now() + clock.nowMs
  const common = { mutants: new Set(mutants), onUnreachable: () => undefined, nowMs }
  return new TokenVerifier({
    verifyJwt: createJwtVerifier({
      jwksUri: `${nextcloud.url}${OIDC}/jwks`,
      issuer: nextcloud.url,
      audience: RESOURCE,
      ...common,
    }),
    verifyOpaque: createOpaqueVerifier({
      userinfoEndpoint: `${nextcloud.url}${OIDC}/userinfo`,
      introspectionEndpoint: `${nextcloud.url}${OIDC}/introspect`,
      client: {
        current: () => ({ client_id: 'own', client_secret: 'own-secret' }),
        replace: () => Promise.resolve(false),
      },
      ...common,
    }),
    ...common,
  })
}

const good = { sub: 'alice', aud: RESOURCE }

/** Each makes exactly one thing of a good JWT wrong; with the mutants that would let it through. */
const badJwts: [string, ServerMutant[], (fake: FakeNextcloud) => Promise<string>][] = [
  [
    'has another audience',
    ['s-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: 'http://other.example/mcp' }),
  ],
  ['has no audience', ['s-aud-unchecked'], (fake) => fake.jwt({ ...good, aud: undefined })],
  ['has another issuer', [], (fake) => fake.jwt({ ...good, iss: 'http://other.example' })],
  ['has the issuer with a slash', [], (fake) => fake.jwt({ ...good, iss: `${fake.url}/` })],
  ['expired', ['s-exp-unchecked'], (fake) => fake.jwt({ ...good, exp: now() - 300 })],
  ['has a negative exp', ['s-exp-unchecked'], (fake) => fake.jwt({ ...good, exp: -1 })],
  ['has no exp', ['s-exp-unchecked'], (fake) => fake.jwt({ ...good, exp: undefined })],
  ['is not valid yet', ['s-exp-unchecked'], (fake) => fake.jwt({ ...good, nbf: now() + 300 })],
  ['has no sub', [], (fake) => fake.jwt({ aud: RESOURCE })],
  ['has no client_id', [], (fake) => fake.jwt({ ...good, client_id: undefined })],
  ['is an ID token', [], (fake) => fake.jwt(good, { typ: 'JWT' })],
  ['has no type', [], (fake) => fake.jwt(good, { typ: undefined })],
  ['has an unknown kid', ['s-signature-unverified'], (fake) => fake.jwt(good, { kid: 'unknown' })],
  [
    'is signed by a stranger',
    ['s-signature-unverified'],
    async (fake) => fake.jwt(good, {}, (await generateKeyPair('RS256')).privateKey),
  ],
  [
    'has a changed payload',
    ['s-signature-unverified'],
    async (fake) => {
      const [header, , signature] = (await fake.jwt(good)).split('.')
      const [, payload] = (await fake.jwt({ ...good, sub: 'bob' })).split('.')
      return [header, payload, signature].join('.')
    },
  ],
  [
    'is unsigned',
    ['s-signature-unverified'],
    (fake) =>
      Promise.resolve(
        new UnsecuredJWT({ ...good, client_id: 'x' })
          .setIssuer(fake.url)
          .setExpirationTime('5m')
          .encode()
          .replace(/^[^.]+/, Buffer.from('{"alg":"none","typ":"at+jwt"}').toString('base64url')),
      ),
  ],
]

/** The published key as an attacker might write it down. */
const hmacSecrets: [string, (fake: FakeNextcloud) => Uint8Array][] = [
  ['PEM', (fake) => Buffer.from(publicKey(fake).export({ type: 'spki', format: 'pem' }))],
  [
    'PEM without final newline',
    (fake) => Buffer.from(publicKey(fake).export({ type: 'spki', format: 'pem' }).toString().trimEnd()),
  ],
  ['DER', (fake) => publicKey(fake).export({ type: 'spki', format: 'der' })],
  ['modulus', (fake) => Buffer.from(fake.publicJwk.n ?? '', 'base64url')],
]
const publicKey = (fake: FakeNextcloud) => createPublicKey({ key: { ...fake.publicJwk }, format: 'jwk' })

describe('JWT access tokens', () => {
  it.each(['at+JWT', 'at+jwt', 'application/at+jwt'])('are accepted with the type %s', async (typ) => {
    const nextcloud = await fakeNextcloud()
    const verification = await verifierOn(nextcloud).verify(await nextcloud.jwt(good, { typ }))
    expect(verification).toMatchObject({ status: 'valid', identity: { sub: 'alice', clientId: 'a-client' } })
  })

  it('are accepted with the audience in a list', async () => {
    const nextcloud = await fakeNextcloud()
    const token = await nextcloud.jwt({ ...good, aud: ['http://other.example', RESOURCE] })
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'valid' })
  })

  it.each(badJwts)(
    'are refused when the token %s, even if userinfo would accept it',
    async (_, mutants, make) => {
      const nextcloud = await fakeNextcloud()
      const token = await make(nextcloud)
      nextcloud.tokens.set(token, { sub: 'alice', resource: RESOURCE })
      expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
      expect(nextcloud.count('/userinfo')).toBe(0)
      for (const mutant of mutants) {
        expect(await verifierOn(nextcloud, [mutant]).verify(token), mutant).toMatchObject({ status: 'valid' })
      }
      const fallingBack = verifierOn(nextcloud, ['s-fallback-overrides-failure'])
      expect(await fallingBack.verify(token)).toMatchObject({ status: 'valid' })
    },
  )

  it('are refused when exp is a string', async () => {
    const nextcloud = await fakeNextcloud()
    const payload = { ...good, iss: nextcloud.url, client_id: 'x', exp: '9999999999' } as unknown as {
      exp: number
    }
    const token = await new SignJWT(payload)
      .setProtectedHeader({ alg: 'RS256', typ: 'at+jwt', kid: nextcloud.kid })
      .sign(nextcloud.privateKey)
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
    expect(await verifierOn(nextcloud, ['s-exp-unchecked']).verify(token)).toMatchObject({ status: 'valid' })
  })

  it.each(hmacSecrets)('are refused when signed by HS256 with the public key as %s', async (_, secretOf) => {
    const nextcloud = await fakeNextcloud()
    const token = await new SignJWT({ ...good, client_id: 'x' })
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt' })
      .setIssuer(nextcloud.url)
      .setExpirationTime('5m')
      .sign(secretOf(nextcloud))
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
    expect(await verifierOn(nextcloud, ['s-hs256-public-key']).verify(token)).toMatchObject({
      status: 'valid',
    })
  })

  it('cause few key requests, however many unknown kids arrive', async () => {
    const nextcloud = await fakeNextcloud()
    const verifier = verifierOn(nextcloud)
    const tokens = Array.from({ length: 50 }, (_, index) =>
      nextcloud.jwt(good, { kid: `kid-${String(index)}` }),
    )
    for (const token of tokens)
      expect(await verifier.verify(await token)).toMatchObject({ status: 'invalid' })
    expect(nextcloud.count('/jwks')).toBeLessThanOrEqual(3)
  })

  it.each<[string, () => Response]>([
    ['500', () => new Response('', { status: 500 })],
    ['HTML', () => new Response('<html>', { status: 200 })],
    ['an empty object', () => Response.json({})],
  ])('cannot be judged while the keys are answered with %s, and can afterwards', async (_, answer) => {
    const nextcloud = await fakeNextcloud()
    const verifier = verifierOn(nextcloud)
    const token = await nextcloud.jwt(good)
    nextcloud.interfere = (path) => (path.endsWith('/jwks') ? answer() : undefined)
    expect(await verifier.verify(token)).toEqual({ status: 'unavailable' })
    nextcloud.interfere = () => undefined
    expect(await verifier.verify(token)).toMatchObject({ status: 'valid' })
  })
})

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

  it('ends after a minute, so that a revocation is noticed', async () => {
    const nextcloud = await fakeNextcloud()
    const clock = { nowMs: 0 }
    const verifier = verifierOn(nextcloud, [], clock)
    const token = nextcloud.issue({ sub: 'alice', resource: RESOURCE })
    await verifier.verify(token)
    nextcloud.tokens.delete(token)
    clock.nowMs = 59_000
    expect(await verifier.verify(token)).toMatchObject({ status: 'valid' })
    clock.nowMs = 61_000
    expect(await verifier.verify(token)).toMatchObject({ status: 'invalid' })
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
    for (const sub of ['alice', 'bob']) {
      const token = `${'s'.repeat(64)}${sub}${'e'.repeat(64)}`
      nextcloud.tokens.set(token, { sub, resource: RESOURCE })
      await verifier.verify(token)
      expect(await verifier.verify(token)).toMatchObject({ identity: { sub } })
    }
  })
})

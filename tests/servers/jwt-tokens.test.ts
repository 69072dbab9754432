import { createPublicKey } from 'node:crypto'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { describe, expect, it } from 'vitest'
import type { ServerMutant } from '../../src/servers/mutants.js'
import type { FakeNextcloud } from './support/fake-nextcloud.js'
import { fakeNextcloud } from './support/reference.js'

import { good, now, RESOURCE, verifierOn } from './support/verifier.js'

/** Each makes exactly one thing of a good JWT wrong; with the mutants that would let it through. */
const badJwts: [string, ServerMutant[], (fake: FakeNextcloud) => Promise<string>][] = [
  [
    'has another audience',
    ['s-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: 'http://other.example/mcp' }),
  ],
  [
    'has its own client as audience',
    ['s-any-client-token', 's-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: 'a-client' }),
  ],
  [
    'has an audience that begins with the address of the server',
    ['s-aud-prefix', 's-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: `${RESOURCE}.evil.example` }),
  ],
  [
    'has an audience on a longer host',
    ['s-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: RESOURCE.replace('.example', '.example.evil.example') }),
  ],
  [
    'has a list of others as audience',
    ['s-aud-unchecked'],
    (fake) => fake.jwt({ ...good, aud: ['http://other.example/mcp', 'http://another.example/mcp'] }),
  ],
  ['has no audience', ['s-aud-unchecked'], (fake) => fake.jwt({ ...good, aud: undefined })],
  ['has another issuer', ['s-iss-unchecked'], (fake) => fake.jwt({ ...good, iss: 'http://other.example' })],
  ['has the issuer with a slash', ['s-iss-unchecked'], (fake) => fake.jwt({ ...good, iss: `${fake.url}/` })],
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

  it('are accepted with scheme and host of the audience in any case', async () => {
    const nextcloud = await fakeNextcloud()
    const token = await nextcloud.jwt({ ...good, aud: 'HTTP://MCP.Example/mcp' })
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'valid' })
    const caseSensitive = verifierOn(nextcloud, ['s-aud-case-sensitive'])
    expect(await caseSensitive.verify(token)).toMatchObject({ status: 'invalid' })
  })

  it.each([
    `${RESOURCE}#fragment`,
    `${RESOURCE}/`,
    RESOURCE.toUpperCase(),
    'http://mcp.example:80/mcp',
    'http://somebody@mcp.example/mcp',
    'http://mcp.example/other/../mcp',
    'http://mcp.example/%6dcp',
    String.raw`http:\\mcp.example\mcp`,
    ' http://mcp.example/mcp',
    'http:mcp.example/mcp',
    'not a URL',
  ])('are refused with the audience %s, whatever a URL parser would make of it', async (aud) => {
    const nextcloud = await fakeNextcloud()
    const token = await nextcloud.jwt({ ...good, aud })
    expect(await verifierOn(nextcloud).verify(token)).toMatchObject({ status: 'invalid' })
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

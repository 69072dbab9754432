import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { Redactor } from '../../src/evidence/redactor.js'

const TOKEN = 'aB3dE5gH7jK9mN1pQ3sT5vW7yZ9bC1dF3gH5jK7mN9pQ1sT3vW5yZ7aB9cD1eF3gH5jK7mN'
const PASSWORD = 'pass/w+rd ü&"x"'

describe('text', () => {
  test.each([
    ['a JSON member', `{"access_token":"${TOKEN}","expires_in":900}`],
    ['a form field', `grant_type=authorization_code&code=${TOKEN}&client_id=x`],
    ['a query parameter', `http://127.0.0.1/callback?state=s&code=${TOKEN}`],
    ['a fragment parameter', `http://127.0.0.1/callback#state=s&access_token=${TOKEN}`],
    ['an encoded inner query', `/login?redirect_url=/x%3Fstate%3Ds%26code%3D${TOKEN}%26y%3D1`],
    ['a private member of a published key', `{"kty":"RSA","n":"x","d":"${TOKEN}"}`],
    ['a request token of a page', `<head data-requesttoken="${TOKEN}">`],
  ])('replaces a secret in %s', (_, text) => {
    const redacted = new Redactor().text(text)
    expect(redacted).not.toContain(TOKEN)
    expect(redacted).toMatch(/\[[\w.-]+#[0-9a-f]{8}\]/)
  })

  test('replaces a JWT that stands anywhere', () => {
    const jwt = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhbGljZSJ9.c2lnbmF0dXJl'
    expect(new Redactor().text(`the token ${jwt} was refused`)).not.toContain('eyJzdWIi')
  })

  test('replaces what was learned, in every spelling', () => {
    const redactor = new Redactor()
    redactor.learnCredentials('al ice', PASSWORD)
    const text = [
      PASSWORD,
      encodeURIComponent(PASSWORD),
      new URLSearchParams({ p: PASSWORD }).toString(),
      JSON.stringify({ note: PASSWORD }),
      JSON.stringify({ note: PASSWORD }).replaceAll('/', String.raw`\/`),
      Buffer.from(`al ice:${PASSWORD}`).toString('base64'),
    ].join('\n')
    const redacted = redactor.text(text)
    expect(redacted).not.toContain('w+rd')
    expect(redacted).not.toContain('w%2Brd')
    expect(redacted).not.toContain(Buffer.from(`al ice:${PASSWORD}`).toString('base64').slice(0, 16))
  })

  test('replaces a value in free places once it was seen in a secret place', () => {
    const redactor = new Redactor()
    redactor.text(`{"refresh_token":"${TOKEN}"}`)
    expect(redactor.text(`error: ${TOKEN} is unknown`)).toBe(
      `error: ${redactor.fingerprint('refresh_token', TOKEN)} is unknown`,
    )
  })

  test('gives the same value the same fingerprint, whatever its spelling', () => {
    const redactor = new Redactor()
    const secret = 'with/slash+and=equals'
    const json = redactor.text(JSON.stringify({ code: secret }))
    const form = redactor.text(`code=${encodeURIComponent(secret)}`)
    expect(/#([0-9a-f]{8})/.exec(json)?.[1]).toBe(/#([0-9a-f]{8})/.exec(form)?.[1])
  })

  test('leaves numbers and ordinary words alone', () => {
    const text = '{"code":-32602,"message":"Note 999999 not found"} /apps/oidc/token?x=1'
    expect(new Redactor().text(text)).toBe(text)
  })

  test('redacts its own output to itself', () => {
    const redactor = new Redactor()
    const once = redactor.text(`{"code":"${TOKEN}"} code=${TOKEN}&x=y`)
    expect(redactor.text(once)).toBe(once)
  })

  test('never lets a learned secret through', () => {
    fc.assert(
      fc.property(
        fc
          .string({ minLength: 12, maxLength: 40, unit: 'grapheme-ascii' })
          .filter((s) => s.trim().length >= 12),
        fc.string({ maxLength: 30 }),
        fc.string({ maxLength: 30 }),
        (secret, before, after) => {
          const redactor = new Redactor()
          redactor.learn('password', secret)
          return !redactor.text(`${before}${secret}${after}`).includes(secret)
        },
      ),
    )
  })

  test('uses another key for every run', () => {
    expect(new Redactor().fingerprint('code', TOKEN)).not.toBe(new Redactor().fingerprint('code', TOKEN))
    const first = new Redactor()
    expect(new Redactor(first.keyHex()).fingerprint('code', TOKEN)).toBe(first.fingerprint('code', TOKEN))
  })
})

describe('headers', () => {
  test('keeps the scheme and cookie names, hides the rest', () => {
    const redacted = new Redactor().headers([
      ['Authorization', `Bearer ${TOKEN}`],
      ['Cookie', `nc_session_id=cookie${TOKEN}; other=${TOKEN}2`],
      ['Set-Cookie', `oc_sessionPassphrase=${TOKEN}; path=/; HttpOnly`],
      ['Mcp-Session-Id', TOKEN],
      ['Accept', 'application/json'],
    ])
    expect(JSON.stringify(redacted)).not.toContain(TOKEN)
    expect(redacted.authorization).toMatch(/^Bearer \[bearer#[0-9a-f]{8}\]$/)
    expect(redacted.cookie).toMatch(/^nc_session_id=\[cookie#[0-9a-f]{8}\]; other=\[cookie#[0-9a-f]{8}\]$/)
    expect(redacted['set-cookie']).toContain('path=/; HttpOnly')
    expect(redacted.accept).toBe('application/json')
  })

  test('shows a bearer that is known under the name it was learned by', () => {
    const redactor = new Redactor()
    redactor.learn('access_token', TOKEN)
    expect(redactor.headers([['authorization', `Bearer ${TOKEN}`]]).authorization).toBe(
      `Bearer ${redactor.fingerprint('access_token', TOKEN)}`,
    )
  })
})

test('redacts structured values by member and by content', () => {
  const redactor = new Redactor()
  redactor.learn('password', 'correct horse')
  const value = redactor.value({
    access_token: TOKEN,
    list: [`the password is correct horse`],
    count: 3,
    none: null,
  })
  expect(JSON.stringify(value)).not.toMatch(/correct horse|aB3dE5/)
  expect(value).toMatchObject({ count: 3, none: null })
})

import { describe, expect, it } from 'vitest'
import { pageKindOf, reachesRedirectUri, shortenText, withoutParameters } from '../../src/user-agent/pages.js'

describe('reaching the redirect URI', () => {
  const redirectUri = 'http://127.0.0.1:4000/callback'

  it.each([
    redirectUri,
    `${redirectUri}?code=c`,
    `${redirectUri}#code=c`,
    'HTTP://127.0.0.1:4000/callback?x',
  ])('is told of %s', (url) => {
    expect(reachesRedirectUri(url, redirectUri)).toBe(true)
  })

  it.each([
    'https://127.0.0.1:4000/callback',
    'http://localhost:4000/callback',
    'http://127.0.0.1:40000/callback',
    'http://127.0.0.1/callback',
    'http://127.0.0.1:4000/callback/',
    'http://127.0.0.1:4000/callbackx?code=c',
    'http://127.0.0.1:4000/login?to=http://127.0.0.1:4000/callback',
    'http://127.0.0.1:4000@evil.example/callback',
    'no url',
  ])('is not told of %s', (url) => {
    expect(reachesRedirectUri(url, redirectUri)).toBe(false)
  })

  it('works for schemes of apps', () => {
    expect(reachesRedirectUri('cursor://host/cb?code=c', 'cursor://host/cb')).toBe(true)
    expect(reachesRedirectUri('cursor://other/cb?code=c', 'cursor://host/cb')).toBe(false)
  })
})

describe('the kind of a page', () => {
  it.each([
    ['/index.php/login?redirect_url=/x', 200, 'login'],
    ['/login', 200, 'login'],
    ['/sub/index.php/apps/oidc/redirect?client_id=x', 200, 'redirect'],
    ['/apps/oidc/consent', 200, 'consent'],
    ['/apps/oidc/authorize?client_id=x', 200, 'error'],
    ['/apps/oidc/consent', 500, 'error'],
    ['/login', 429, 'error'],
    ['/apps/dashboard/', 200, 'dashboard'],
    ['/apps/files/', 200, 'other'],
  ] as const)('%s with status %i is %s', (path, status, kind) => {
    expect(pageKindOf(`http://127.0.0.1${path}`, status)).toBe(kind)
  })
})

it('leaves query and fragment out of URLs', () => {
  expect(withoutParameters('http://a/b?code=c#d')).toBe('http://a/b')
  expect(withoutParameters('cursor://a/b#code=c')).toBe('cursor://a/b')
})

it('shows text on one line and cut', () => {
  expect(shortenText(' a\n\n b\tc ')).toBe('a b c')
  expect(shortenText('x'.repeat(900))).toHaveLength(500)
})

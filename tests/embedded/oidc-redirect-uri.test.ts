import { describe, expect, it } from 'vitest'
import { redirectUriMatches } from '../../src/nextcloud/embedded/handlers/oidc/redirect-uri.js'

describe('redirect URI matching', () => {
  it.each([
    ['http://127.0.0.1:9399/callback', 'http://127.0.0.1:9399/callback'],
    ['http://127.0.0.1/callback', 'http://127.0.0.1:50123/callback'],
    ['http://localhost:*/cb', 'http://localhost:1/cb'],
    ['HTTP://Example.com/cb', 'http://example.COM/cb'],
    ['https://example.com:443/cb', 'https://example.com/cb'],
    ['https://example.com//a///b', 'https://example.com/a/b'],
    ['https://example.com', 'https://example.com/'],
    ['https://example.com/cb/*', 'https://example.com/cb/deep/er'],
    ['https://*.example.com/cb', 'https://a.b.example.com/cb'],
    ['cursor://host/cb', 'cursor://host/cb'],
    ['app:///cb', 'app:///cb'],
    ['https://example.com/cb?x=1', 'https://example.com/cb?x=1'],
    ['https://example.com/cb', 'https://user@example.com/cb'],
  ])('lets %s accept %s', (registered, requested) => {
    expect(redirectUriMatches(registered, requested)).toBe(true)
  })

  it.each([
    ['http://127.0.0.1:9399/callback', 'http://127.0.0.1:9400/callback'],
    ['https://example.com/cb', 'http://example.com/cb'],
    ['https://example.com/cb', 'https://example.com/cb/'],
    ['https://example.com/cb', 'https://example.com/CB'],
    ['https://example.com/cb', 'https://example.com/cb?x=1'],
    ['https://example.com/cb', 'https://example.com/cb#f'],
    ['https://*.example.com/cb', 'https://example.com/cb'],
    ['https://example.com/cb', 'https://example.com.evil.test/cb'],
    ['https://example.com/cb', 'https://example.com@evil.test/cb'],
    ['com.app:/cb', 'com.app:/cb'],
    ['javascript:alert(1)', 'javascript:alert(1)'],
    ['not a url', 'not a url'],
  ])('lets %s refuse %s', (registered, requested) => {
    expect(redirectUriMatches(registered, requested)).toBe(false)
  })
})

import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { announcedScope } from '../../src/engine/announced-scope.js'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { fakeNextcloud, oauthServer } from '../servers/support/reference.js'

const SIGN_IN = 'openid profile email'

/** A server that answers everything with this. */
async function server(status: number, challenge: string, document: unknown): Promise<string> {
  const listener = createServer(({ url }, response) => {
    const isDocument = url?.startsWith('/.well-known/') === true
    response.writeHead(isDocument ? 200 : status, {
      'content-type': 'application/json',
      ...(challenge === '' ? {} : { 'www-authenticate': challenge }),
    })
    response.end(JSON.stringify(isDocument ? document : {}))
  })
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => void listener.close())
  return `http://127.0.0.1:${(listener.address() as AddressInfo).port}/mcp`
}

describe('the scope of tokens for a server', () => {
  it('is all that the reference server announces, without a wish for refresh tokens', async () => {
    const { url } = await oauthServer(await fakeNextcloud(), ['s-prm-offline-access'])
    expect(await announcedScope(url, '2025-11-25')).toBe(ALL_SCOPES.join(' '))
  })

  it.each<[string, number, string, unknown, string]>([
    [
      'challenge and metadata together',
      401,
      'Bearer scope="a.read b"',
      { scopes_supported: ['c', 'b', 5] },
      ' a.read b c',
    ],
    ['metadata alone', 401, 'Bearer', { scopes_supported: ['c'] }, ' c'],
    ['nothing', 500, '', {}, ''],
  ])('is the union of a sign-in and %s', async (_, status, challenge, document, more) => {
    expect(await announcedScope(await server(status, challenge, document), '2025-11-25')).toBe(SIGN_IN + more)
  })

  it('is that of a sign-in where nobody answers', async () => {
    expect(await announcedScope('http://127.0.0.1:9/mcp', '2025-11-25')).toBe(SIGN_IN)
  })
})

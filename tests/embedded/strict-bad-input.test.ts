import { describe, expect, it } from 'vitest'
import { loggedInCloud } from './oidc-support.js'

const OIDC = '/index.php/apps/oidc'
const NUL = '\u0000'
/** Bodies and content types that nobody sends on purpose. */
const BODIES: readonly [type: string, body: string][] = [
  ['application/json', 'nonsense'],
  ['application/json', '[1, 2]'],
  ['application/json', 'null'],
  ['application/json', '{"redirect_uris":"x","client_name":[],"scope":{}}'],
  ['application/json', '{"redirect_uris":[{"a":1}],"response_types":"code"}'],
  ['application/json', '{"client_name":"\\ud800","redirect_uris":["https://a.example/\\ud800"]}'],
  ['application/x-www-form-urlencoded', 'grant_type[]=x&code[]=y&token[]=z&client_id[]=a'],
  ['application/x-www-form-urlencoded', '%%%&=&a=%ff%fe&code=%00'],
  ['application/x-www-form-urlencoded', `user[]=a&password[]=b&redirect_url[]=c&scopes[]=d`],
  ['multipart/form-data; boundary=x', 'no boundary at all'],
  ['text/plain', NUL.repeat(100)],
]
const QUERIES: readonly string[] = [
  '',
  '?client_id[]=x&redirect_uri[]=y&scope[]=z',
  '?client_id=%00&redirect_uri=%0d%0aSet-Cookie:x&state=%ff',
  '?redirect_uri=%F0%9F%98%80&client_id=%E2%98%83',
  `?claims=${encodeURIComponent('{"id_token":[],"userinfo":1}')}`,
  '?max_age=99999999999999999999&prompt=none%20login&response_mode=%00',
  '?resource=%00&code_challenge=%00&request=x',
]
const HEADERS: readonly Record<string, string>[] = [
  {},
  { authorization: 'Bearer' },
  { authorization: 'Bearer a.b.c' },
  { authorization: 'Bearer eyJhbGciOiJub25lIn0.e30.' },
  { authorization: 'Basic ====' },
  { authorization: `Basic ${Buffer.from('no colon').toString('base64')}` },
]
const POSTED = [
  '/token',
  '/introspect',
  '/register',
  '/userinfo',
  '/authorize',
  '/logout',
  '/consent/grant',
  '/consent/deny',
]
const GOTTEN = ['/authorize', '/userinfo', '/redirect', '/consent', '/logout', '/register/x', '/api/consents']

async function serverErrors(profile: 'strict' | 'oidc-2.0.9'): Promise<string[]> {
  const found: string[] = []
  const cloud = await loggedInCloud({ profile, consent: true })
  const note = async (what: string, answer: Promise<Response>) => {
    const { status } = await answer
    if (status >= 500) found.push(`${what}: ${status}`)
  }
  for (const headers of HEADERS) {
    for (const path of POSTED) {
      for (const [type, body] of BODIES) {
        const init = { method: 'POST', body, headers: { ...headers, 'content-type': type } }
        await note(`POST ${path} ${type} ${body}`, cloud.sendBare(OIDC + path, init))
      }
    }
    for (const path of GOTTEN) {
      for (const query of QUERIES) {
        await note(`GET ${path}${query}`, cloud.sendBare(OIDC + path + query, { headers }))
        await note(`GET ${path}${query} in a session`, cloud.send(OIDC + path + query, { headers }))
        if (path === '/logout') await cloud.login()
      }
    }
  }
  for (const [type, body] of BODIES) {
    const init = { method: 'POST', body, headers: { 'content-type': type, origin: 'http://cloud.test' } }
    await note(`POST /login ${type} ${body}`, cloud.sendBare('/index.php/login', init))
  }
  const { client_id, registration_access_token } = await cloud.register()
  for (const [type, body] of BODIES) {
    const headers = { authorization: `Bearer ${registration_access_token}`, 'content-type': type }
    const init = { method: 'PUT', body, headers }
    await note(`PUT /register ${body}`, cloud.sendBare(`${OIDC}/register/${client_id}`, init))
  }
  return found
}

describe('malformed input', () => {
  it('never ends in a 5xx under the strict profile', async () => {
    expect(await serverErrors('strict')).toEqual([])
  })

  it('ends in the recorded 500 page under the default profile', async () => {
    expect((await serverErrors('oidc-2.0.9')).length).toBeGreaterThan(20)
  })
})

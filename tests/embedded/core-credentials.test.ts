import { afterAll, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, bearer, ORIGIN, Visitor } from './core-visitor.js'

const NOTES = '/index.php/apps/notes/api/v1/notes'
const OCS_HEADER = { 'ocs-apirequest': 'true' }
const CORS_REFUSAL = [401, '{"message":"CORS requires basic auth"}']

const plain = await startEmbeddedNextcloud()
const patched = await startEmbeddedNextcloud({ sessionFlagPatch: true })
for (const nextcloud of [plain, patched]) nextcloud.twin.honourToken('good-token', 'bob')
afterAll(async () => {
  await plain.stop()
  await patched.stop()
})

async function answerOf(
  path: string,
  headers: Record<string, string>,
  nextcloud = plain,
): Promise<[number, string]> {
  const response = await nextcloud.app.request(ORIGIN + path, { headers })
  return [response.status, await response.text()]
}

describe('the Notes API', () => {
  it('refuses a good bearer token, CORS marker first, and logs it out', async () => {
    expect(await answerOf(NOTES, bearer('good-token'))).toEqual(CORS_REFUSAL)
    const response = await plain.app.request(ORIGIN + NOTES, { headers: bearer('good-token') })
    expect(response.headers.getSetCookie().at(-1)).toMatch(/^oc[a-z0-9]{10}=/)
    const visitor = new Visitor(plain)
    await visitor.send(NOTES, { headers: bearer('good-token') })
    expect((await visitor.send('/apps/dashboard/')).status).toBe(401)
  })

  it('accepts a bearer token with OCS-APIRequest or with the session-flag patch', async () => {
    expect(await answerOf(NOTES, { ...bearer('good-token'), ...OCS_HEADER })).toEqual([200, '[]'])
    expect(await answerOf(NOTES, bearer('good-token'), patched)).toEqual([200, '[]'])
  })

  it('refuses a bad bearer token each way', async () => {
    expect(await answerOf(NOTES, bearer('bad'))).toEqual(CORS_REFUSAL)
    expect(await answerOf(NOTES, bearer('bad'), patched)).toEqual(CORS_REFUSAL)
    expect(await answerOf(NOTES, { ...bearer('bad'), ...OCS_HEADER })).toEqual([
      401,
      '{"message":"Current user is not logged in"}',
    ])
    expect(await answerOf(NOTES, { authorization: 'BEARER good-token', ...OCS_HEADER })).toEqual([
      401,
      '{"message":"Current user is not logged in"}',
    ])
  })

  it('accepts Basic credentials and refuses wrong ones', async () => {
    const { userId, password } = plain.users.alice
    expect(await answerOf(NOTES, basic(userId, password))).toEqual([200, '[]'])
    expect(await answerOf(NOTES, basic(userId, `${password}x`))).toEqual([401, '{"message":""}'])
    expect(await answerOf(NOTES, basic('nobody', ''))).toEqual([401, '{"message":""}'])
  })

  it('takes a session with its request token, and ends one without', async () => {
    const visitor = new Visitor(plain)
    await visitor.logIn()
    const requesttoken = await visitor.requestToken('/index.php/apps/dashboard/')
    expect((await visitor.send(NOTES, { headers: { requesttoken } })).status).toBe(200)
    expect((await visitor.send(NOTES)).status).toBe(401)
    expect((await visitor.send('/index.php/apps/dashboard/')).status).toBe(401)
  })
})

describe('OCS', () => {
  const user = '/ocs/v2.php/cloud/user?format=json'

  it('knows the user of a bearer token, with or without its own header', async () => {
    for (const headers of [bearer('good-token'), { ...bearer('good-token'), ...OCS_HEADER }]) {
      const [status, body] = await answerOf(user, headers)
      expect(status).toBe(200)
      expect(JSON.parse(body)).toMatchObject({ ocs: { data: { id: 'bob', displayname: 'Bob' } } })
    }
  })

  it('asks Basic callers for its header', async () => {
    const { userId, password } = plain.users.alice
    expect(await answerOf(user, basic(userId, password))).toEqual([412, '{"message":"CSRF check failed"}'])
    expect((await answerOf(user, { ...basic(userId, password), ...OCS_HEADER }))[0]).toBe(200)
  })

  it('speaks XML unless asked for JSON, and version 1 with its own status code', async () => {
    const [, xml] = await answerOf('/ocs/v1.php/cloud/user', { ...bearer('good-token'), ...OCS_HEADER })
    expect(xml).toContain('<statuscode>100</statuscode>')
    expect(xml).toContain('<id>bob</id>')
    const [status, refusal] = await answerOf('/ocs/v2.php/cloud/user', OCS_HEADER)
    expect(status).toBe(401)
    expect(refusal).toContain('<statuscode>997</statuscode>')
    const json = await answerOf('/ocs/v1.php/cloud/user', {
      ...bearer('good-token'),
      accept: 'application/json',
    })
    expect(JSON.parse(json[1])).toMatchObject({ ocs: { meta: { statuscode: 100 } } })
  })

  it('refuses what it does not know', async () => {
    const [status, body] = await answerOf('/ocs/v2.php/nothing?format=json', OCS_HEADER)
    expect(status).toBe(404)
    expect(JSON.parse(body)).toMatchObject({ ocs: { meta: { statuscode: 998 } } })
  })

  it('answers unchanged capabilities with 304', async () => {
    const path = '/ocs/v2.php/cloud/capabilities?format=json'
    const etag = (await plain.app.request(ORIGIN + path)).headers.get('etag') ?? ''
    expect(await answerOf(path, { 'if-none-match': etag })).toEqual([304, ''])
  })
})

describe('DAV', () => {
  it('has the roots of known users only', async () => {
    const headers = bearer('good-token')
    const propfind = async (path: string): Promise<number> =>
      (await plain.app.request(ORIGIN + path, { method: 'PROPFIND', headers })).status
    expect(await propfind('/remote.php/dav/files/bob/')).toBe(207)
    expect(await propfind('/remote.php/dav/files/nobody/')).toBe(404)
  })
})

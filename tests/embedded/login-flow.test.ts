import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { parse } from 'node-html-parser'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, bearer, ORIGIN, Visitor } from './core-visitor.js'

const nextcloud = await startEmbeddedNextcloud({ consent: false })
afterAll(() => nextcloud.stop())

const BASE = '/index.php/login/v2'
const NOTES = '/index.php/apps/notes/api/v1/notes'
const USER = '/ocs/v2.php/cloud/user?format=json'
const OCS_HEADER = { 'ocs-apirequest': 'true', accept: 'application/json' }

interface Begun {
  readonly poll: { readonly token: string; readonly endpoint: string }
  readonly login: string
}
interface Credentials {
  readonly server: string
  readonly loginName: string
  readonly appPassword: string
}

let visitor: Visitor
beforeEach(() => {
  nextcloud.clock.reset()
  visitor = new Visitor(nextcloud)
})

const ask = (path: string, init: RequestInit = {}): Promise<Response> =>
  Promise.resolve(nextcloud.app.request(ORIGIN + path, init))

async function begin(base = BASE): Promise<Begun> {
  const response = await ask(base, { method: 'POST', headers: { 'user-agent': 'An <MCP> server' } })
  return (await response.json()) as Begun
}

async function poll({ poll: { token, endpoint } }: Begun): Promise<[number, unknown]> {
  const body = new URLSearchParams({ token })
  const response = await ask(new URL(endpoint).pathname, { method: 'POST', body })
  return [response.status, await response.json()]
}

const pathOf = (url: string): string => url.replace(ORIGIN, '')

/** Walks the pages with the cookie jar, by the forms that they show, and returns the last one. */
async function walk(flow: Begun, fields: Record<string, string> = {}): Promise<Response> {
  const landed = await visitor.send(pathOf(flow.login))
  const picker = await (await visitor.send(pathOf(landed.headers.get('location') ?? ''))).text()
  const grantPath = pathOf(parse(picker).querySelector('#login-form')?.getAttribute('action') ?? '')
  const sentToLogin = await visitor.send(grantPath, { headers: { accept: 'text/html' } })
  const loginPath = sentToLogin.headers.get('location') ?? ''
  const login = parse(await (await visitor.send(loginPath)).text())
  const loggedIn = await visitor.send(loginPath, {
    method: 'POST',
    headers: { origin: ORIGIN },
    body: new URLSearchParams({
      ...hiddenFields(login),
      user: 'alice',
      password: nextcloud.users.alice.password,
      ...fields,
    }),
  })
  const grant = parse(await (await visitor.send(pathOf(loggedIn.headers.get('location') ?? ''))).text())
  expect(grant.querySelector('h2')?.text).toBe('Account access')
  return visitor.send(`${BASE}/grant`, { method: 'POST', body: new URLSearchParams(hiddenFields(grant)) })
}

function hiddenFields(page: ReturnType<typeof parse>): Record<string, string> {
  const inputs = page.querySelectorAll('input[type=hidden]')
  return Object.fromEntries(
    inputs.map((input) => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? '']),
  )
}

async function connected(fields: Record<string, string> = {}): Promise<Credentials> {
  const flow = await begin()
  expect(await (await walk(flow, fields)).text()).toContain('Account connected')
  return (await poll(flow))[1] as Credentials
}

describe('Login Flow v2 over plain HTTP', () => {
  it('gives an app password once, after the grant', async () => {
    const flow = await begin()
    expect(await poll(flow)).toEqual([404, []])
    await walk(flow)
    const [status, credentials] = await poll(flow)
    expect(status).toBe(200)
    expect(credentials).toEqual({
      server: ORIGIN,
      loginName: 'alice',
      appPassword: expect.stringMatching(/^[A-Za-z0-9]{72}$/) as string,
    })
    expect(await poll(flow)).toEqual([404, []])
  })

  it('keeps to the form of URL that it was begun in', async () => {
    const flow = await begin('/login/v2')
    expect(flow.poll.endpoint).toBe(`${ORIGIN}/login/v2/poll`)
    expect(flow.login).toMatch(/^http:\/\/cloud\.test\/login\/v2\/flow\/\w{128}$/)
    const landed = await visitor.send(pathOf(flow.login))
    expect(landed.headers.get('location')).toBe(`${ORIGIN}/login/v2/flow?user=&direct=0`)
  })

  it('shows who asks, escaped', async () => {
    const flow = await begin()
    await visitor.send(pathOf(flow.login))
    expect(await (await visitor.send(`${BASE}/flow`)).text()).toContain('An &lt;MCP&gt; server wants')
  })

  it('lives for 20 minutes on the clock of the instance', async () => {
    const [link, picker, granted] = [await begin(), await begin(), await begin()]
    await walk(granted)
    await visitor.send(pathOf(picker.login))
    nextcloud.clock.shift(20 * 60 - 2)
    expect((await visitor.send(`${BASE}/flow`)).status).toBe(200)
    nextcloud.clock.shift(4)
    expect((await visitor.send(`${BASE}/flow`)).status).toBe(403)
    expect((await visitor.send(pathOf(link.login))).status).toBe(403)
    expect(await poll(granted)).toEqual([404, []])
  })

  it('grants for the state token of the last picker page only', async () => {
    const flow = await begin()
    await visitor.logIn()
    await visitor.send(pathOf(flow.login))
    const pickerToken = async (): Promise<string> =>
      /stateToken=(\w{64})/.exec(await (await visitor.send(`${BASE}/flow`)).text())?.[1] ?? ''
    const old = await pickerToken()
    const current = await pickerToken()
    const requesttoken = await visitor.requestToken(`${BASE}/flow?x`)
    const last = await pickerToken()
    const grant = async (fields: Record<string, string>): Promise<[number, string]> => {
      const body = new URLSearchParams(fields)
      const response = await visitor.send(`${BASE}/grant`, { method: 'POST', body })
      return [response.status, /<p class="hint">(.*)<\/p>/.exec(await response.text())?.[1] ?? '']
    }
    expect(await grant({ requesttoken })).toEqual([403, 'State token missing'])
    for (const stateToken of [old, current, '', `${last}x`]) {
      expect(await grant({ requesttoken, stateToken })).toEqual([403, 'State token does not match'])
    }
    expect((await grant({ stateToken: last }))[0]).toBe(412)
    expect(await poll(flow)).toEqual([404, []])
    expect(await grant({ requesttoken, stateToken: last })).toEqual([200, ''])
    expect((await poll(flow))[0]).toBe(200)
    expect(await grant({ requesttoken, stateToken: last })).toEqual([403, 'State token does not match'])
  })

  it('is granted once, by whoever comes first', async () => {
    const flow = await begin()
    await walk(flow)
    visitor = new Visitor(nextcloud)
    const { bob } = nextcloud.users
    const second = await walk(flow, { user: bob.userId, password: bob.password })
    expect([second.status, await second.text()]).toEqual([
      403,
      expect.stringContaining('Could not complete login'),
    ])
    expect((await poll(flow))[1]).toMatchObject({ loginName: 'alice' })
  })

  it('takes an app password instead of a login', async () => {
    const own = await connected()
    const flow = await begin()
    visitor = new Visitor(nextcloud)
    const granted = async (user: string): Promise<Response> => {
      await visitor.send(pathOf(flow.login))
      const picker = parse(await (await visitor.send(`${BASE}/flow`)).text())
      const fields = { ...hiddenFields(picker), user, password: own.appPassword }
      return visitor.send(`${BASE}/apptoken`, { method: 'POST', body: new URLSearchParams(fields) })
    }
    expect((await granted('bob')).status).toBe(403)
    expect((await granted('alice')).status).toBe(200)
    expect(await poll(flow)).toEqual([200, own])
  })

  it.each([
    ['POST', `${BASE}/poll`, 'token[]=a&token[]=b'],
    ['POST', `${BASE}/poll`, ''],
    ['POST', `${BASE}/apptoken`, 'user[]=a'],
    ['GET', `${BASE}/grant?stateToken=x`, undefined],
    ['GET', `${BASE}/flow/unknown`, undefined],
    ['GET', `${BASE}/flow?direct=abc`, undefined],
  ])('refuses %s %s %s without an error of its own', async (method, path, body) => {
    const headers = { 'content-type': 'application/x-www-form-urlencoded' }
    const { status } = await ask(path, { method, ...(body === undefined ? {} : { body, headers }) })
    expect([401, 403, 404, 412]).toContain(status)
  })
})

describe('an app password', () => {
  const statusOf = async (path: string, init: RequestInit): Promise<number> => (await ask(path, init)).status

  it('works as Basic on all APIs and DAV, for its own user only', async () => {
    const { appPassword } = await connected()
    const headers = { ...basic('alice', appPassword), ...OCS_HEADER }
    expect(await statusOf(NOTES, { headers: basic('alice', appPassword) })).toBe(200)
    expect(await (await ask(USER, { headers })).text()).toContain('"id":"alice"')
    const folder = '/remote.php/dav/files/alice/'
    expect(await statusOf(folder, { method: 'PROPFIND', headers: { ...headers, depth: '0' } })).toBe(207)
    for (const name of ['bob', 'nobody', '']) {
      expect(await statusOf(NOTES, { headers: basic(name, appPassword) })).toBe(401)
    }
    expect(await statusOf(USER, { headers: { ...bearer(appPassword), ...OCS_HEADER } })).toBe(200)
  })

  it('is no password of the login form', async () => {
    const { appPassword } = await connected()
    const answer = await new Visitor(nextcloud).logIn({ password: appPassword })
    expect(answer.headers.get('location')).toContain('direct=1')
  })

  it('is kept as a hash, with its client and user', async () => {
    const { appPassword } = await connected({ user: 'Alice@Example.com' })
    const row = nextcloud.context.store.appPasswords.find(appPassword)
    expect(row).toMatchObject({
      userId: 'alice',
      loginName: 'Alice@Example.com',
      clientName: 'An <MCP> server',
    })
    expect(JSON.stringify(row)).not.toContain(appPassword)
  })

  it('ends with its revocation, and so do the sessions that it opened', async () => {
    const { appPassword } = await connected()
    const headers = { ...basic('alice', appPassword), ...OCS_HEADER }
    const browser = new Visitor(nextcloud)
    await browser.send(USER, { headers })
    expect((await browser.send(USER, { headers: OCS_HEADER })).status).toBe(200)
    const url = '/ocs/v2.php/core/apppassword'
    expect(await statusOf(url, { method: 'DELETE', headers })).toBe(200)
    expect(await statusOf(NOTES, { headers })).toBe(401)
    expect((await browser.send(USER, { headers: OCS_HEADER })).status).toBe(401)
    expect(await statusOf(url, { method: 'DELETE', headers })).toBe(401)
  })

  it('is had and changed over OCS as the password in use allows', async () => {
    const real = { ...basic('alice', nextcloud.users.alice.password), ...OCS_HEADER }
    const core = '/ocs/v2.php/core'
    const passwordOf = async (answer: Response): Promise<string> =>
      ((await answer.json()) as { ocs: { data: { apppassword: string } } }).ocs.data.apppassword
    const first = await passwordOf(await ask(`${core}/getapppassword`, { headers: real }))
    const withFirst = { ...basic('alice', first), ...OCS_HEADER }
    expect(await statusOf(`${core}/getapppassword`, { headers: withFirst })).toBe(403)
    expect(await statusOf(`${core}/apppassword`, { method: 'DELETE', headers: real })).toBe(403)
    expect(await statusOf('/ocs/v1.php/core/apppassword', { method: 'DELETE', headers: real })).toBe(401)
    expect(await statusOf(`${core}/getapppassword`, { headers: OCS_HEADER })).toBe(401)
    const rotated = await passwordOf(
      await ask(`${core}/apppassword/rotate`, { method: 'POST', headers: withFirst }),
    )
    expect(await statusOf(NOTES, { headers: basic('alice', first) })).toBe(401)
    expect(await statusOf(NOTES, { headers: basic('alice', rotated) })).toBe(200)
  })
})

describe('a login name', () => {
  const idBy = async (name: string, password: string): Promise<[number, string | null]> => {
    const response = await ask(USER, { headers: { ...basic(name, password), ...OCS_HEADER } })
    return [response.status, response.headers.get('x-user-id')]
  }

  it.each(['alice', 'ALICE', 'alice@example.com', 'Alice@EXAMPLE.com'])(
    '%s ends in the space of the canonical user',
    async (name) => {
      const { password } = nextcloud.users.alice
      expect(await idBy(name, password)).toEqual([200, 'alice'])
      const logged = await new Visitor(nextcloud).logIn({ user: name })
      expect(logged.headers.get('x-user-id')).toBe('alice')
      const { appPassword } = await connected()
      expect(await idBy(name, appPassword)).toEqual([200, 'alice'])
    },
  )

  it('by email counts only where one user has the address', async () => {
    const shared = { password: 'same-password', displayName: 'X', email: 'shared@example.com' }
    for (const userId of ['carol', 'dave']) await nextcloud.admin.createUser({ ...shared, userId })
    expect((await idBy('shared@example.com', shared.password))[0]).toBe(401)
    expect(await idBy('carol', shared.password)).toEqual([200, 'carol'])
    await nextcloud.admin.createUser({ ...shared, userId: 'erin', email: '' })
    expect((await idBy('', shared.password))[0]).toBe(401)
  })
})

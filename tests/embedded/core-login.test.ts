import { afterAll, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { ORIGIN, Visitor } from './core-visitor.js'

const nextcloud = await startEmbeddedNextcloud({ consent: false })
afterAll(() => nextcloud.stop())

const DASHBOARD = `${ORIGIN}/index.php/apps/dashboard/`
const FAILED = '/index.php/login?user=alice&direct=1'

let visitor: Visitor
beforeEach(() => {
  visitor = new Visitor(nextcloud)
})

async function location(answer: Promise<Response>): Promise<string | null> {
  const response = await answer
  expect(response.status).toBe(303)
  return response.headers.get('location')
}

describe('the login form', () => {
  it('has the fields, ids and buttons of the rendered one', async () => {
    const response = await visitor.send(
      '/index.php/login?redirect_url=/apps/x%3Fa%3D%22b%22&user=alice&direct=1',
    )
    const html = await response.text()
    for (const part of [
      '<div id="login">',
      'name="login"',
      'id="user" type="text" name="user" value="alice"',
      'id="password" type="password" name="password"',
      'id="rememberme"',
      'type="submit" data-login-form-submit',
      'name="redirect_url" value="/apps/x?a=&quot;b&quot;"',
      'name="timezone"',
      'name="timezone_offset"',
      'name="requesttoken"',
      'role="alert"',
    ]) {
      expect(html).toContain(part)
    }
  })

  it('logs in under a new session id', async () => {
    await visitor.requestToken()
    const before = Array.from(visitor.cookies.values())
    expect(await location(visitor.logIn())).toBe(DASHBOARD)
    const name = Array.from(visitor.cookies.keys()).find((each) => /^oc[a-z0-9]{10}$/.test(each)) ?? ''
    expect(before).not.toContain(visitor.cookies.get(name))
    expect((await visitor.send('/index.php/apps/dashboard/')).headers.get('x-user-id')).toBe('alice')
  })

  it('goes to the redirect target, on this origin only', async () => {
    expect(await location(visitor.logIn({ redirect_url: '/apps/files?x=1' }))).toBe(
      `${ORIGIN}/apps/files?x=1`,
    )
    const other = new Visitor(nextcloud)
    expect(await location(other.logIn({ redirect_url: 'https://evil.example/' }))).toBe(
      `${ORIGIN}/https://evil.example/`,
    )
  })

  it('drops a redirect target that has an @', async () => {
    expect(await location(visitor.logIn({ redirect_url: '/apps/oidc/redirect?login_hint=a@b' }))).toBe(
      DASHBOARD,
    )
  })

  it('refuses a wrong password and keeps the redirect target', async () => {
    expect(await location(visitor.logIn({ password: 'wrong', redirect_url: '/a?b=c d' }))).toBe(
      `${FAILED}&redirect_url=/a?b%3Dc%20d`,
    )
  })

  it.each([undefined, 'null', 'http://evil.example'])('refuses the Origin %s', async (origin) => {
    const requesttoken = await visitor.requestToken()
    const { password } = nextcloud.users.alice
    const body = new URLSearchParams({ user: 'alice', password, requesttoken })
    const headers: Record<string, string> = origin === undefined ? {} : { origin }
    const answer = visitor.send('/index.php/login', { method: 'POST', body, headers })
    expect(await location(answer)).toBe(FAILED)
  })

  it('refuses a missing, wrong or foreign request token', async () => {
    const foreign = await new Visitor(nextcloud).requestToken()
    for (const requesttoken of ['', 'x', 'eA==:eA==', foreign]) {
      expect(await location(visitor.logIn({ requesttoken }))).toBe(FAILED)
    }
  })

  it('sends a logged-in visitor to the dashboard, whatever the redirect target', async () => {
    await visitor.logIn()
    expect(await location(visitor.send('/index.php/login?redirect_url=/apps/oidc/redirect'))).toBe(DASHBOARD)
  })
})

describe('a session', () => {
  it('is dead under its old id after the login and after the logout', async () => {
    await visitor.requestToken()
    const anonymous = new Map(visitor.cookies)
    await visitor.logIn()
    const requesttoken = await visitor.requestToken('/index.php/apps/dashboard/')
    const loggedIn = new Map(visitor.cookies)
    await visitor.send('/index.php/logout', { method: 'POST', headers: { requesttoken } })
    for (const cookies of [anonymous, loggedIn]) {
      const other = new Visitor(nextcloud)
      for (const [name, value] of cookies) other.cookies.set(name, value)
      expect((await other.send('/index.php/apps/dashboard/')).status).toBe(401)
    }
  })

  it('ends with the logout, which needs the request token', async () => {
    await visitor.logIn()
    const token = await visitor.requestToken('/index.php/apps/dashboard/')
    expect((await visitor.send('/index.php/logout')).status).toBe(412)
    const path = `/index.php/logout?requesttoken=${encodeURIComponent(token)}`
    expect(await location(visitor.send(path))).toBe('/index.php/login?clear=1')
    expect(visitor.cookies.has('nc_token')).toBe(false)
    expect((await visitor.send('/index.php/apps/dashboard/')).status).toBe(401)
  })

  it('is sent to the login page by a browser, with where it wanted to go', async () => {
    const answer = visitor.send('/index.php/apps/dashboard/?a=b', { headers: { accept: 'text/html' } })
    expect(await location(answer)).toBe('/index.php/login?redirect_url=/index.php/apps/dashboard/?a%3Db')
  })

  it('fails the CSRF check without its strict same-site cookie and is led to the start page', async () => {
    await visitor.logIn()
    const requesttoken = await visitor.requestToken('/index.php/apps/dashboard/')
    visitor.cookies.delete('nc_sameSiteCookiestrict')
    const answer = visitor.send('/index.php/logout', { method: 'POST', headers: { requesttoken } })
    expect(await location(answer)).toBe('/')
  })

  it('starts at the dashboard', async () => {
    expect(await location(visitor.send('/'))).toBe(DASHBOARD)
  })
})

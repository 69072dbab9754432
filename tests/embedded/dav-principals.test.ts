import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { childOf, childrenOf, descendant, parseXml } from '../../src/xml/xml.js'
import { basic, ORIGIN } from './core-visitor.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

async function dav(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const { userId, password } = nextcloud.users.alice
  return nextcloud.app.request(`${ORIGIN}${path}`, {
    method,
    headers: { ...basic(userId, password), ...headers },
    ...(body === undefined ? {} : { body }),
  })
}

const D = '{DAV:}'
const PROPS =
  '<d:current-user-principal/><d:principal-URL/><d:displayname/><d:resourcetype/><d:supported-report-set/>' +
  '<card:addressbook-home-set/><cal:calendar-home-set/><cal:calendar-user-address-set/>' +
  '<cal:schedule-inbox-URL/><cal:schedule-outbox-URL/>'
const DECLARED =
  'xmlns:d="DAV:" xmlns:s="http://sabredav.org/ns" xmlns:card="urn:ietf:params:xml:ns:carddav" ' +
  'xmlns:cal="urn:ietf:params:xml:ns:caldav"'

async function propfind(path: string, props = PROPS, depth = '0') {
  const body = `<d:propfind ${DECLARED}><d:prop>${props}</d:prop></d:propfind>`
  const response = await dav('PROPFIND', path, body, { depth })
  expect(response.status).toBe(207)
  return childrenOf(parseXml(await response.text()), `${D}response`).map((entry) => ({
    href: childOf(entry, `${D}href`)?.text ?? '',
    found: descendant(entry, `${D}propstat`, `${D}prop`)?.children ?? [],
  }))
}

describe('discovery (RFC 6764)', () => {
  it.each(['caldav', 'carddav'])('/.well-known/%s leads every method to the DAV server', async (name) => {
    for (const method of ['GET', 'PROPFIND']) {
      const response = await nextcloud.app.request(`${ORIGIN}/.well-known/${name}`, { method })
      expect([response.status, response.headers.get('location')]).toEqual([301, `${ORIGIN}/remote.php/dav/`])
    }
  })

  it('leads from the root to the principal, and from there to the homes', async () => {
    const [root] = await propfind('/remote.php/dav/', '<d:current-user-principal/>')
    const principal = childOf(root?.found[0], `${D}href`)?.text ?? ''
    expect(principal).toBe('/remote.php/dav/principals/users/alice/')
    const [entry] = await propfind(principal)
    const facts = entry?.found.map(({ name, text, children }) => [
      name.replace(/^.*\}/, ''),
      text === '' ? children.map((child) => child.text || child.name.replace(/^.*\}/, '')).join(' ') : text,
    ])
    expect(Object.fromEntries(facts ?? [])).toEqual({
      'current-user-principal': principal,
      'principal-URL': principal,
      displayname: 'Alice',
      resourcetype: 'collection principal',
      'supported-report-set': Array(4).fill('supported-report').join(' '),
      'addressbook-home-set': '/remote.php/dav/addressbooks/users/alice/',
      'calendar-home-set': '/remote.php/dav/calendars/alice/',
      'calendar-user-address-set': `mailto:alice@example.com ${principal}`,
      'schedule-inbox-URL': '/remote.php/dav/calendars/alice/inbox/',
      'schedule-outbox-URL': '/remote.php/dav/calendars/alice/outbox/',
    })
  })

  it('lists the trees below the root, without credentials nothing', async () => {
    const entries = await propfind('/remote.php/dav', '<d:resourcetype/>', '1')
    expect(entries.map(({ href }) => href)).toEqual(
      ['', 'principals/', 'files/', 'calendars/', 'addressbooks/'].map((path) => `/remote.php/dav/${path}`),
    )
    const response = await nextcloud.app.request(`${ORIGIN}/remote.php/dav/`, { method: 'PROPFIND' })
    expect([response.status, response.headers.get('www-authenticate')]).toEqual([
      401,
      'Basic realm="Nextcloud", charset="UTF-8"',
    ])
  })
})

describe('principals (RFC 3744)', () => {
  it("says whose credentials they are on another's principal too", async () => {
    const [entry] = await propfind(
      '/remote.php/dav/principals/users/bob',
      '<d:current-user-principal/><d:principal-URL/>',
    )
    expect(entry?.found.map(({ children }) => children[0]?.text)).toEqual([
      '/remote.php/dav/principals/users/alice/',
      '/remote.php/dav/principals/users/bob/',
    ])
  })

  it('refuses to list all users, unknown users and writes', async () => {
    const status = async (method: string, path: string, depth = '0') =>
      (await dav(method, `/remote.php/dav/principals${path}`, undefined, { depth })).status
    expect(await status('PROPFIND', '/users/', '0')).toBe(207)
    expect(await status('PROPFIND', '/users/', '1')).toBe(405)
    expect(await status('PROPFIND', '/users/nobody/')).toBe(404)
    expect(await status('PROPFIND', '/users/alice/below')).toBe(404)
    expect(await status('PROPFIND', '/rooms/')).toBe(404)
    expect(await status('DELETE', '/users/alice/')).toBe(403)
    expect(await status('MKCOL', '/users/alice/')).toBe(501)
    expect(await status('OPTIONS', '/users/alice/')).toBe(200)
  })

  it('finds people by part of name or address', async () => {
    const search = async (test: string, ...searches: [prop: string, match: string][]) => {
      const properties = searches.map(
        ([prop, match]) =>
          `<d:property-search><d:prop><${prop}/></d:prop><d:match>${match}</d:match></d:property-search>`,
      )
      const body = `<d:principal-property-search ${DECLARED} ${test}>${properties.join('')}<d:prop><d:displayname/></d:prop></d:principal-property-search>`
      const response = await dav('REPORT', '/remote.php/dav/principals/users/', body)
      expect(response.status).toBe(207)
      return Array.from((await response.text()).matchAll(/<d:displayname>(\w+)</g), ([, name]) => name)
    }
    expect(await search('', ['d:displayname', 'ALI'])).toEqual(['Alice'])
    expect(await search('', ['s:email-address', 'example.com'])).toEqual(['Alice', 'Bob'])
    expect(await search('', ['d:displayname', 'ali'], ['s:email-address', 'bob@'])).toEqual([])
    expect(await search('test="anyof"', ['d:displayname', 'ali'], ['s:email-address', 'bob@'])).toEqual([
      'Alice',
      'Bob',
    ])
    expect(await search('', ['d:getetag', ''])).toEqual([])
    expect(await search('')).toEqual([])
  })

  it('names what can be searched, and refuses other and broken reports', async () => {
    const report = async (body: string) => {
      const response = await dav('REPORT', '/remote.php/dav/principals/', body)
      return [response.status, await response.text()]
    }
    expect(await report('<d:principal-search-property-set xmlns:d="DAV:"/>')).toEqual([
      200,
      expect.stringContaining('<s:email-address/>'),
    ])
    expect((await report('<d:expand-property xmlns:d="DAV:"/>'))[0]).toBe(415)
    expect((await report(''))[0]).toBe(400)
    const broken =
      '<d:principal-property-search xmlns:d="DAV:"><d:property-search/></d:principal-property-search>'
    expect((await report(broken))[0]).toBe(400)
  })
})

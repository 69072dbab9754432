import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOOKS, CardDavCloud, entriesOf, vcard } from './carddav-support.js'
import { ORIGIN } from './core-visitor.js'

let cloud: CardDavCloud
beforeEach(async () => {
  cloud = await CardDavCloud.start()
})
afterEach(() => cloud.nextcloud.stop())

const ANN = vcard('ann', 'FN:Ann Example', 'EMAIL:ann@example.com')

describe('address books', () => {
  it('are the default one and the two that Nextcloud generates, until more are made', async () => {
    const names = async () =>
      (await cloud.propfind('/', '<d:displayname/>', '1')).map(({ href, found }) => [
        href.slice(BOOKS.length),
        found['displayname'],
      ])
    expect(await names()).toEqual([
      ['/', undefined],
      ['/contacts/', 'Contacts'],
      ['/z-server-generated--system/', 'Accounts'],
      ['/z-app-generated--contactsinteraction--recent/', 'Recently contacted'],
    ])
    expect(
      (await cloud.makeBook('work', '<d:displayname>Work &amp; more \ufffd</d:displayname>')).status,
    ).toBe(201)
    expect((await cloud.makeBook('plain')).status).toBe(201)
    expect((await names()).slice(2, 4)).toEqual([
      ['/work/', 'Work & more \ufffd'],
      ['/plain/', 'plain'],
    ])
  })

  it('say what they can do', async () => {
    const [entry] = await cloud.propfind(
      '/contacts',
      '<d:resourcetype/><d:sync-token/><s:sync-token/><card:supported-address-data/><d:supported-report-set/>' +
        '<card:supported-collation-set/><card:max-resource-size/><d:owner/><d:current-user-privilege-set/>' +
        '<d:current-user-principal/><constructor xmlns=""/>',
    )
    expect(entry).toMatchObject({
      found: {
        resourcetype: 'collection addressbook',
        'sync-token': '2',
        owner: '/remote.php/dav/principals/users/alice/',
        'current-user-principal': '/remote.php/dav/principals/users/alice/',
        'supported-collation-set': 'i;ascii-casemap i;octet i;unicode-casemap',
      },
      missing: ['constructor'],
    })
    expect(await cloud.send('OPTIONS', `${BOOKS}/contacts/`)).toMatchObject({ status: 200, text: '' })
  })

  it('are made once, under names that are free, and only as address books', async () => {
    expect((await cloud.makeBook('contacts')).status).toBe(405)
    expect((await cloud.makeBook('z-app-generated--x')).status).toBe(405)
    expect((await cloud.makeBook('work/deep')).status).toBe(404)
    expect((await cloud.makeBook('contacts/deep')).status).toBe(403)
    const mkcol = (body: string) => cloud.status('MKCOL', `${BOOKS}/new/`, { body })
    expect(await mkcol('')).toBe(403)
    expect(await mkcol('<d:mkcol xmlns:d="DAV:"/>')).toBe(403)
    expect(await mkcol('<d:propfind xmlns:d="DAV:"/>')).toBe(400)
    expect(await mkcol('<d:mkcol')).toBe(400)
    expect(await cloud.status('PROPFIND', `${BOOKS}/new/`)).toBe(404)
  })

  it('take names and descriptions, and refuse what only the server may say', async () => {
    const patch = (props: string) =>
      cloud.send('PROPPATCH', `${BOOKS}/contacts/`, {
        body: `<d:propertyupdate xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav" xmlns:x="urn:x">${props}</d:propertyupdate>`,
      })
    const set = (props: string) => patch(`<d:set><d:prop>${props}</d:prop></d:set>`)
    const all = '<d:displayname/><card:addressbook-description/><x:colour xmlns:x="urn:x"/>'
    expect((await set('<d:displayname>A &lt; B</d:displayname><x:colour>red</x:colour>')).text).toContain(
      '<d:propstat><d:prop><d:displayname/><x1:colour xmlns:x1="urn:x"/></d:prop><d:status>HTTP/1.1 200 OK</d:status></d:propstat>',
    )
    const refused = await set('<d:displayname>C</d:displayname><d:getetag>"x"</d:getetag>')
    expect(refused.text).toMatch(/<d:getetag\/><\/d:prop><d:status>HTTP\/1.1 403.*<d:displayname\/>.* 424/)
    expect(await cloud.propfind('/contacts/', all)).toMatchObject([
      { found: { displayname: 'A < B', colour: 'red' }, missing: ['addressbook-description'] },
    ])
    await patch('<d:remove><d:prop><x:colour/></d:prop></d:remove>')
    expect((await cloud.propfind('/contacts/', all))[0]?.missing).toContain('colour')
    expect((await patch('').then(({ text }) => entriesOf(text)))[0]?.found).toEqual({})
    expect(await cloud.status('PROPPATCH', `${BOOKS}/contacts/`, { body: 'x' })).toBe(400)
  })

  it('go with all their cards, but for the generated ones', async () => {
    await cloud.makeBook('work')
    await cloud.put('/work/ann.vcf', ANN)
    expect(await cloud.status('DELETE', `${BOOKS}/work/`)).toBe(204)
    expect(await cloud.status('GET', `${BOOKS}/work/ann.vcf`)).toBe(404)
    expect(await cloud.status('DELETE', `${BOOKS}/work/`)).toBe(404)
    const privileges = async (name: string) =>
      (await cloud.propfind(`/${name}/`, '<d:current-user-privilege-set/>'))[0]?.found[
        'current-user-privilege-set'
      ]?.split(' ').length
    expect(await privileges('contacts')).toBe(9)
    for (const name of ['z-server-generated--system', 'z-app-generated--contactsinteraction--recent']) {
      expect(await cloud.status('DELETE', `${BOOKS}/${name}/`)).toBe(403)
      expect((await cloud.put(`/${name}/ann.vcf`, ANN)).status).toBe(403)
      expect(await privileges(name)).toBe(3)
    }
    expect(await cloud.status('DELETE', `${BOOKS}/`)).toBe(403)
  })

  it('change their ctag with every change and with nothing else', async () => {
    const ctag = async () => (await cloud.propfind('/contacts/', '<cs:getctag/>'))[0]?.found['getctag']
    expect(await ctag()).toBe('2')
    await cloud.put('/contacts/ann.vcf', ANN)
    expect(await ctag()).toBe('3')
    await cloud.put('/contacts/ann.vcf', 'nonsense')
    await cloud.send('GET', `${BOOKS}/contacts/ann.vcf`)
    expect(await ctag()).toBe('3')
    await cloud.send('DELETE', `${BOOKS}/contacts/ann.vcf`)
    expect(await ctag()).toBe('4')
  })

  it('show all accounts, and only those, in the one that the server generates', async () => {
    const cards = await cloud.propfind('/z-server-generated--system/', '<card:address-data/>', '1')
    expect(cards.map(({ found }) => found['address-data']).join('')).toMatch(
      /^BEGIN:VCARD.*UID:alice\r\nFN:Alice\r\n.*EMAIL;TYPE=OTHER:alice@example.com.*UID:bob\r\nFN:Bob/s,
    )
    expect(cards).toHaveLength(3)
  })
})

describe('cards', () => {
  it('are kept as they were sent, with an etag for conditions', async () => {
    const created = await cloud.put('/contacts/ann.vcf', ANN, { 'if-none-match': '*' })
    const etag = created.headers.get('etag') ?? ''
    expect(created.status).toBe(201)
    const read = await cloud.send('GET', `${BOOKS}/contacts/ann.vcf`)
    expect([read.text, read.headers.get('etag')]).toEqual([ANN, etag])
    expect(
      await cloud.status('GET', `${BOOKS}/contacts/ann.vcf`, { headers: { 'if-none-match': etag } }),
    ).toBe(304)
    expect(await cloud.send('HEAD', `${BOOKS}/contacts/ann.vcf`)).toMatchObject({ status: 200, text: '' })
    const changed = ANN.replace('Ann', 'Anna')
    expect((await cloud.put('/contacts/ann.vcf', changed, { 'if-match': '"old"' })).status).toBe(412)
    expect((await cloud.put('/contacts/ann.vcf', changed, { 'if-match': etag })).status).toBe(204)
    expect((await cloud.put('/contacts/ann.vcf', changed, { 'if-match': etag })).status).toBe(412)
    expect((await cloud.put('/contacts/new.vcf', vcard('new', 'FN:x'), { 'if-match': etag })).status).toBe(
      412,
    )
    expect((await cloud.send('GET', `${BOOKS}/contacts/ann.vcf`)).text).toBe(changed)
  })

  it.each([
    ['no vCard', 'nonsense', 'only supports VCARD and VCALENDAR'],
    ['nothing', '', 'only supports VCARD'],
    ['a calendar', 'BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n', 'only supports VCARD'],
    ['no end', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\n', 'prematurely'],
    ['another end', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCALENDAR\r\n', 'END:VCARD'],
    ['a line without a value', vcard('a', 'FN:x', 'nonsense'), 'Parse error'],
    ['version 2.1', 'BEGIN:VCARD\r\nVERSION:2.1\r\nUID:a\r\nFN:x\r\nEND:VCARD\r\n', '2.1'],
    ['no name at all', vcard('a'), 'FN property'],
    ['two names', vcard('a', 'FN:x', 'FN:y'), 'FN property'],
    ['broken jCard', '["vcard"', 'jCard'],
  ])('with %s are refused', async (_what, data, message) => {
    const answer = await cloud.put('/contacts/bad.vcf', data)
    expect(answer.status).toBe(415)
    expect(answer.text).toContain(message)
    expect(await cloud.status('GET', `${BOOKS}/contacts/bad.vcf`)).toBe(404)
  })

  it('are repaired where they can be, and then without an etag in the answer', async () => {
    const repaired = async (name: string, data: string) => {
      const answer = await cloud.put(`/contacts/${name}.vcf`, data)
      expect([answer.status, answer.headers.get('etag')]).toEqual([201, null])
      return (await cloud.send('GET', `${BOOKS}/contacts/${name}.vcf`)).text
    }
    expect(await repaired('uid', 'BEGIN:VCARD\r\nVERSION:3.0\r\nFN:x\r\nEND:VCARD\r\n')).toMatch(
      /\r\nUID:.{36}\r\n/,
    )
    expect(await repaired('fn', vcard('fn', 'N:Example;Ann;;;'))).toContain('\r\nFN:Ann Example\r\n')
    expect(await repaired('version', 'BEGIN:VCARD\r\nUID:v\r\nFN:x\r\nEND:VCARD\r\n')).toContain(
      '\r\nVERSION:4.0\r\n',
    )
  })

  it('are taken as jCard and in Latin-1 too', async () => {
    const jcard = '["vcard",[["version",{},"text","4.0"],["uid",{},"text","j"],["fn",{},"text","Jo"]],[]]'
    expect((await cloud.put('/contacts/j.vcf', jcard)).status).toBe(201)
    expect((await cloud.send('GET', `${BOOKS}/contacts/j.vcf`)).text).toContain('FN:Jo')
    const body = new Uint8Array(Buffer.from(vcard('l', 'FN:Jürgen'), 'latin1'))
    expect(await cloud.status('PUT', `${BOOKS}/contacts/l.vcf`, { body })).toBe(201)
    expect((await cloud.send('GET', `${BOOKS}/contacts/l.vcf`)).text).toContain('FN:Jürgen')
  })

  it('and books are created by one of several at the same time', async () => {
    const both = async (send: () => Promise<{ readonly status: number }>) =>
      (await Promise.all([send(), send(), send()])).map(({ status }) => status).sort()
    expect(await both(() => cloud.put('/contacts/ann.vcf', ANN, { 'if-none-match': '*' }))).toEqual([
      201, 412, 412,
    ])
    expect(await both(() => cloud.makeBook('work'))).toEqual([201, 405, 405])
  })

  it('have a UID that no other card of the book has', async () => {
    await cloud.put('/contacts/ann.vcf', ANN)
    expect((await cloud.put('/contacts/second.vcf', ANN)).status).toBe(400)
    await cloud.makeBook('work')
    expect((await cloud.put('/work/ann.vcf', ANN)).status).toBe(201)
  })

  it('are deleted once, and only under a right condition', async () => {
    await cloud.put('/contacts/ann.vcf', ANN)
    const remove = (headers: Record<string, string> = {}) =>
      cloud.status('DELETE', `${BOOKS}/contacts/ann.vcf`, { headers })
    expect(await remove({ 'if-match': '"old"' })).toBe(412)
    expect(await remove()).toBe(204)
    expect(await remove()).toBe(404)
    expect(await remove({ 'if-match': '*' })).toBe(412)
  })

  it('have names of any kind, but not deeper', async () => {
    for (const name of ['a b', 'ü ñ 📝', 'x"y', '..vcf', '\ufffd', '%2525']) {
      const path = `/contacts/${encodeURIComponent(name)}`
      expect((await cloud.put(path, vcard(name, 'FN:x'))).status, name).toBe(201)
      expect((await cloud.send('GET', BOOKS + path)).status, name).toBe(200)
    }
    const [entry] = (await cloud.propfind('/contacts/', '<d:getetag/>', '1')).slice(-1)
    expect(entry?.href).toBe(`${BOOKS}/contacts/%252525`)
    expect((await cloud.put('/contacts/a%00b', vcard('nul', 'FN:x'))).status).toBe(400)
    expect((await cloud.put('/contacts/a/b.vcf', ANN)).status).toBe(404)
    expect((await cloud.put('/contacts/%ff.vcf', ANN)).status).toBe(400)
    expect(await cloud.status('MKCOL', `${BOOKS}/contacts/new`)).toBe(403)
  })

  it('can be copied and moved between own books', async () => {
    await cloud.makeBook('work')
    await cloud.put('/contacts/ann.vcf', ANN)
    const transfer = (method: string, to: string, overwrite = 'T', from = '/contacts/ann.vcf') =>
      cloud.status(method, BOOKS + from, { headers: { destination: to, overwrite } })
    expect(await transfer('COPY', `${ORIGIN}${BOOKS}/work/ann.vcf`)).toBe(201)
    expect(await transfer('COPY', `${BOOKS}/work/ann.vcf`, 'F')).toBe(412)
    expect(await transfer('COPY', `${BOOKS}/work/ann.vcf`)).toBe(204)
    expect(await transfer('MOVE', `${BOOKS}/work/other.vcf`)).toBe(400)
    expect(await transfer('MOVE', `${BOOKS}/contacts/renamed.vcf`)).toBe(201)
    expect(await cloud.status('GET', `${BOOKS}/contacts/ann.vcf`)).toBe(404)
    expect((await cloud.send('GET', `${BOOKS}/contacts/renamed.vcf`)).text).toBe(ANN)
    const from = '/contacts/renamed.vcf'
    expect(await transfer('MOVE', `${BOOKS}/contacts/renamed.vcf`, 'T', from)).toBe(403)
    expect(await transfer('MOVE', `${BOOKS}/none/ann.vcf`, 'T', from)).toBe(409)
    expect(await transfer('MOVE', `${BOOKS.replace('alice', 'bob')}/contacts/ann.vcf`, 'T', from)).toBe(403)
    expect(await transfer('MOVE', '/elsewhere', 'T', from)).toBe(403)
    expect(await cloud.status('MOVE', BOOKS + from)).toBe(400)
  })
})

describe("others' address books", () => {
  it('are there for nobody but their owner', async () => {
    await cloud.put('/contacts/secret.vcf', vcard('secret', 'FN:Secret Person'))
    const paths = ['/', '/contacts/', '/contacts/secret.vcf', '/none/', '/contacts/none.vcf']
    const body = withFilterOfAll()
    for (const path of paths) {
      for (const method of [
        'GET',
        'HEAD',
        'PROPFIND',
        'REPORT',
        'PUT',
        'DELETE',
        'PROPPATCH',
        'MKCOL',
        'MOVE',
      ]) {
        const hasBody = method === 'REPORT' || method === 'PUT'
        const call = { user: 'bob', headers: { depth: '1' }, ...(hasBody ? { body } : {}) } as const
        const answer = await cloud.send(method, BOOKS + path, call)
        expect([answer.status, method, path]).toEqual([404, method, path])
        expect(answer.text).not.toContain('Secret')
      }
    }
    expect(await cloud.status('GET', `${BOOKS}/contacts/secret.vcf`)).toBe(200)
  })

  it('do not exist for unknown users and kinds, and nobody can list who has some', async () => {
    const status = (path: string, depth = '0') =>
      cloud.status('PROPFIND', `/remote.php/dav/addressbooks${path}`, { headers: { depth } })
    expect(await status('/', '1')).toBe(207)
    expect(await status('/users/')).toBe(207)
    expect(await status('/users/', '1')).toBe(405)
    expect(await status('/users/nobody/')).toBe(404)
    expect(await status('/system/system/')).toBe(404)
    expect(await cloud.status('DELETE', '/remote.php/dav/addressbooks/users/')).toBe(403)
  })
})

function withFilterOfAll(): string {
  return '<card:addressbook-query xmlns:d="DAV:" xmlns:card="urn:ietf:params:xml:ns:carddav"><d:prop><card:address-data/></d:prop></card:addressbook-query>'
}

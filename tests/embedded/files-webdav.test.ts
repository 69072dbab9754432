import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DECLARED, FilesCloud, readListing } from './files-support.js'

let cloud: FilesCloud
beforeEach(async () => {
  cloud = await FilesCloud.start({ maxUploadBytes: 1000 })
})
afterEach(() => cloud.nextcloud.stop())

describe('reading and writing files', () => {
  it('keeps bytes as they came, and goes by the name for the type', async () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    const put = await cloud.dav('PUT', 'all.png', { body: bytes, headers: { 'content-type': 'text/plain' } })
    expect([put.status, put.headers.get('etag')]).toEqual([201, put.headers.get('oc-etag')])
    const got = await cloud.dav('GET', 'all.png')
    expect(new Uint8Array(await got.arrayBuffer())).toEqual(bytes)
    expect([got.headers.get('content-type'), got.headers.get('etag')]).toEqual([
      'image/png',
      put.headers.get('etag'),
    ])
    const head = await cloud.dav('HEAD', 'all.png')
    expect([head.status, head.headers.get('content-length'), await head.text()]).toEqual([200, '256', ''])
  })

  it('answers ranges, also at the end, and refuses those beyond it', async () => {
    await cloud.dav('PUT', 'a.txt', { body: '0123456789' })
    const range = async (value: string, more: Record<string, string> = {}) => {
      const response = await cloud.dav('GET', 'a.txt', { headers: { range: value, ...more } })
      return [response.status, response.headers.get('content-range'), await response.text()]
    }
    expect(await range('bytes=2-4')).toEqual([206, 'bytes 2-4/10', '234'])
    expect(await range('bytes=8-')).toEqual([206, 'bytes 8-9/10', '89'])
    expect(await range('bytes=-3')).toEqual([206, 'bytes 7-9/10', '789'])
    expect(await range('bytes=-99')).toEqual([206, 'bytes 0-9/10', '0123456789'])
    expect((await range('bytes=10-'))[0]).toBe(416)
    expect((await range('bytes=5-2'))[0]).toBe(416)
    for (const ignored of ['bytes=-', 'bytes=0-1,3-4', 'lines=1-2', 'nonsense']) {
      expect((await range(ignored))[0]).toBe(200)
    }
    expect((await range('bytes=0-1', { 'if-range': '"other"' }))[0]).toBe(200)
    const etag = (await cloud.dav('HEAD', 'a.txt')).headers.get('etag') ?? ''
    expect((await range('bytes=0-1', { 'if-range': etag }))[0]).toBe(206)
  })

  it('heeds conditions on content and time', async () => {
    const etag = (await cloud.dav('PUT', 'a.txt', { body: 'one' })).headers.get('etag') ?? ''
    const get = (headers: Record<string, string>) => cloud.status('GET', 'a.txt', { headers })
    expect(await get({ 'if-none-match': etag })).toBe(304)
    expect(await get({ 'if-none-match': '"other"' })).toBe(200)
    const [later, earlier] = [60, -60].map((seconds) => new Date(Date.now() + seconds * 1000).toUTCString())
    expect(await get({ 'if-modified-since': later! })).toBe(304)
    expect(await get({ 'if-modified-since': earlier! })).toBe(200)
    expect(await get({ 'if-unmodified-since': earlier! })).toBe(412)
    expect(await get({ 'if-modified-since': 'never' })).toBe(200)
    const put = (headers: Record<string, string>) => cloud.status('PUT', 'a.txt', { headers, body: 'two' })
    expect(await put({ 'if-match': '"stale"' })).toBe(412)
    expect(await put({ 'if-none-match': '*' })).toBe(412)
    expect(await put({ 'if-match': etag })).toBe(204)
    expect(await cloud.status('PUT', 'new.txt', { headers: { 'if-match': '*' }, body: 'x' })).toBe(412)
    expect(await cloud.status('DELETE', 'a.txt', { headers: { 'if-match': etag } })).toBe(412)
  })

  it('takes the time that the client gives', async () => {
    const put = await cloud.dav('PUT', 'a.txt', { body: 'x', headers: { 'x-oc-mtime': '1000000000' } })
    expect(put.headers.get('x-oc-mtime')).toBe('accepted')
    expect((await cloud.dav('HEAD', 'a.txt')).headers.get('last-modified')).toBe(
      'Sun, 09 Sep 2001 01:46:40 GMT',
    )
    expect(await cloud.status('PUT', 'a.txt', { body: 'x', headers: { 'x-oc-mtime': 'soon' } })).toBe(400)
  })

  it('refuses what is too large, whether it says so or not', async () => {
    const large = new Uint8Array(1001)
    expect(await cloud.status('PUT', 'a', { body: large, headers: { 'content-length': '1001' } })).toBe(413)
    const stream = () =>
      new ReadableStream({
        start(controller) {
          for (let chunk = 0; chunk < 4; chunk++) controller.enqueue(new Uint8Array(251))
          controller.close()
        },
      })
    expect(await cloud.status('PUT', 'a', { body: stream() })).toBe(413)
    expect(await cloud.status('PUT', 'a', { body: large.subarray(1) })).toBe(201)
    const note = { title: 'x', content: 'x'.repeat(1001) }
    const headers = { 'content-type': 'application/json', 'content-length': '1100' }
    const path = '/index.php/apps/notes/api/v1/notes'
    expect(await cloud.status('POST', path, { headers, body: JSON.stringify(note) })).toBe(413)
  })

  it('refuses bad places for a file', async () => {
    await cloud.dav('MKCOL', 'dir')
    await cloud.dav('PUT', 'a.txt', { body: 'x' })
    const put = (path: string, headers = {}) => cloud.status('PUT', path, { body: 'x', headers })
    expect(await put('dir')).toBe(409)
    expect(await put('a.txt/b')).toBe(409)
    expect(await put('none/b')).toBe(404)
    expect(await put('')).toBe(409)
    expect(await put('b.txt', { 'content-range': 'bytes 0-0/1' })).toBe(400)
    for (const name of ['.HTACCESS', 'a%5Cb', '..%2fb', '.%2fb', 'x.part', '%20', 'a%0ab', 'x'.repeat(251)]) {
      expect([name, await put(name)]).toEqual([
        name,
        name.startsWith('..%2f') ? 404 : name === '.%2fb' ? 404 : 400,
      ])
    }
    expect(await put('x'.repeat(250))).toBe(201)
    expect(await put('a%FFb')).toBe(400)
  })
})

describe('folders', () => {
  it('are made, listed with sizes, and deleted with all in them', async () => {
    expect(await cloud.status('MKCOL', 'a')).toBe(201)
    expect(await cloud.status('MKCOL', 'a/b/')).toBe(201)
    await cloud.dav('PUT', 'a/b/c.md', { body: 'abc' })
    await cloud.dav('PUT', 'a/d.bin', { body: 'de' })
    const listed = await cloud.list(
      'a',
      '<oc:size/><d:getcontenttype/><nc:contained-file-count/><z:none/>',
      'infinity',
    )
    expect(listed).toEqual([
      {
        href: '/remote.php/dav/files/alice/a/',
        found: { size: '5', 'contained-file-count': '1' },
        missing: ['404 getcontenttype', '404 none'],
      },
      {
        href: '/remote.php/dav/files/alice/a/b/',
        found: { size: '3', 'contained-file-count': '1' },
        missing: ['404 getcontenttype', '404 none'],
      },
      {
        href: '/remote.php/dav/files/alice/a/b/c.md',
        found: { size: '3', getcontenttype: 'text/markdown' },
        missing: ['404 contained-file-count', '404 none'],
      },
      {
        href: '/remote.php/dav/files/alice/a/d.bin',
        found: { size: '2', getcontenttype: 'application/octet-stream' },
        missing: ['404 contained-file-count', '404 none'],
      },
    ])
    expect(await cloud.status('DELETE', 'a/')).toBe(204)
    expect(await cloud.tree()).toEqual([])
    const [home] = await cloud.list('', '<oc:size/>', '0')
    expect(home?.found).toEqual({ size: '0' })
  })

  it('change their etag with whatever changes below, and only theirs', async () => {
    await cloud.dav('MKCOL', 'a')
    await cloud.dav('MKCOL', 'a/b')
    await cloud.dav('MKCOL', 'other')
    const home = '/remote.php/dav/files/alice/'
    const etags = async (): Promise<Record<string, string | undefined>> => {
      const listed = await cloud.list('', '<d:getetag/>', 'infinity')
      return Object.fromEntries(listed.map(({ href, found }) => [href.slice(home.length), found['getetag']]))
    }
    const before = await etags()
    await cloud.dav('PUT', 'a/b/c.txt', { body: 'x' })
    const after = await etags()
    expect(Object.keys(before).filter((path) => before[path] !== after[path])).toEqual(['', 'a/', 'a/b/'])
  })

  it('are made with properties by an extended MKCOL, and by no other body', async () => {
    const mkcol = (path: string, properties: string, contentType = 'application/xml') =>
      cloud.status('MKCOL', path, {
        body: `<d:mkcol ${DECLARED}><d:set><d:prop>${properties}</d:prop></d:set></d:mkcol>`,
        headers: { 'content-type': contentType },
      })
    const collection = '<d:resourcetype><d:collection/></d:resourcetype>'
    expect(
      await mkcol('a', `${collection}<z:colour>red &amp; blue</z:colour><oc:favorite>1</oc:favorite>`),
    ).toBe(201)
    expect((await cloud.list('a', '<z:colour/><oc:favorite/>', '0'))[0]?.found).toEqual({
      colour: 'red & blue',
      favorite: '1',
    })
    expect(await mkcol('b', '<z:colour>red</z:colour>')).toBe(400)
    expect(await mkcol('b', '<d:resourcetype><d:collection/><z:x/></d:resourcetype>')).toBe(403)
    expect(await mkcol('b', `${collection}<d:getetag>x</d:getetag>`)).toBe(403)
    expect(
      await cloud.status('MKCOL', 'b', { body: 'hello', headers: { 'content-type': 'text/plain' } }),
    ).toBe(415)
    expect(await cloud.tree()).toEqual(['a/'])
  })

  it('the home itself cannot be moved, replaced or deleted', async () => {
    await cloud.dav('MKCOL', 'a')
    expect(await cloud.status('DELETE', '')).toBe(403)
    const destination = '/remote.php/dav/files/alice/a/home'
    expect(await cloud.status('MOVE', '', { headers: { destination } })).toBe(403)
    expect(
      await cloud.status('MOVE', 'a', { headers: { destination: '/remote.php/dav/files/alice/' } }),
    ).toBe(403)
    expect(await cloud.status('MKCOL', '')).toBe(405)
  })
})

describe('MOVE and COPY', () => {
  const to = (path: string, more = {}) => ({
    headers: { destination: `/remote.php/dav/files/alice/${path}`, ...more },
  })

  beforeEach(async () => {
    await cloud.dav('MKCOL', 'a')
    await cloud.dav('PUT', 'a/x.txt', { body: 'x' })
    await cloud.dav('MKCOL', 'b')
    await cloud.dav('PUT', 'b/y.txt', { body: 'y' })
  })

  it('take a destination as path and as URL, and replace only what they may', async () => {
    expect(await cloud.status('COPY', 'a', to('c'))).toBe(201)
    expect(await cloud.status('MOVE', 'c/x.txt', to('c/%C3%BC%23.txt'))).toBe(201)
    const url = { headers: { destination: 'http://elsewhere.test/remote.php/dav/files/alice/c/z.txt' } }
    expect(await cloud.status('COPY', 'b/y.txt', url)).toBe(201)
    expect(await cloud.status('COPY', 'b', to('c', { overwrite: 'F' }))).toBe(412)
    expect(await cloud.tree()).toEqual(['a/', 'a/x.txt', 'b/', 'b/y.txt', 'c/', 'c/z.txt', 'c/ü#.txt'])
    expect(await cloud.status('COPY', 'b', to('c'))).toBe(204)
    expect(await cloud.status('MOVE', 'a', to('c/', { overwrite: 't' }))).toBe(204)
    expect(await cloud.tree()).toEqual(['b/', 'b/y.txt', 'c/', 'c/x.txt'])
  })

  it('keep the id when moved, give another when copied, and count sizes right', async () => {
    const facts = async (path: string) => (await cloud.list(path, '<oc:fileid/><oc:size/>', '0'))[0]?.found
    const before = await facts('a/x.txt')
    await cloud.dav('MOVE', 'a/x.txt', to('b/x.txt'))
    expect(await facts('b/x.txt')).toEqual(before)
    expect([(await facts('a'))?.['size'], (await facts('b'))?.['size']]).toEqual(['0', '2'])
    await cloud.dav('COPY', 'b/x.txt', to('a/x.txt'))
    expect((await facts('a/x.txt'))?.['fileid']).not.toBe(before?.['fileid'])
    expect((await facts(''))?.['size']).toBe('3')
  })

  it('copy a folder alone with depth 0', async () => {
    expect(await cloud.status('COPY', 'a', to('c', { depth: '0' }))).toBe(201)
    expect(await cloud.tree()).toEqual(['a/', 'a/x.txt', 'b/', 'b/y.txt', 'c/'])
  })

  it('refuse to go into or onto themselves, to nowhere, and to bad names', async () => {
    const before = await cloud.tree()
    const move = (path: string, destination: string, more = {}) =>
      cloud.status('MOVE', path, to(destination, more))
    expect(await move('a', 'a')).toBe(403)
    expect(await move('a', 'a/b')).toBe(409)
    expect(await move('a/x.txt', 'a')).toBe(409)
    expect(await move('a', 'none/b')).toBe(409)
    expect(await move('a', 'b/y.txt/c')).toBe(415)
    expect(await move('a', '.htaccess')).toBe(400)
    expect(await move('a', '..%2fbob')).toBe(409)
    expect(await move('none', 'c')).toBe(404)
    expect(await move('a', 'c', { overwrite: 'maybe' })).toBe(400)
    expect(await cloud.status('MOVE', 'a')).toBe(400)
    expect(await cloud.status('MOVE', 'a', { headers: { destination: '/elsewhere' } })).toBe(403)
    expect(
      await cloud.status('COPY', 'a', { headers: { destination: '/remote.php/dav/calendars/alice/a' } }),
    ).toBe(403)
    expect(await cloud.tree()).toEqual(before)
  })

  it('do not make paths that are too long', async () => {
    const name = 'n'.repeat(250)
    let path = 'a'
    for (let level = 0; level < 10; level++) {
      path += `/${name}`
      expect(await cloud.status('MKCOL', path)).toBe(201)
    }
    await cloud.dav('COPY', 'a', to('c'))
    expect(await cloud.status('MOVE', 'c', to(`${path}/c`))).toBe(400)
    expect(await cloud.status('MOVE', 'b', to(`${path}/b`))).toBe(201)
  })
})

describe('properties', () => {
  it('are set, kept with copies, and removed; live ones are refused as a whole', async () => {
    await cloud.dav('PUT', 'a.txt', { body: 'x' })
    const patch = async (set: string, remove = '') =>
      readListing(
        await cloud.dav('PROPPATCH', 'a.txt', {
          body: `<d:propertyupdate ${DECLARED}><d:set><d:prop>${set}</d:prop></d:set><d:remove><d:prop>${remove}</d:prop></d:remove></d:propertyupdate>`,
        }),
      )
    const [first] = await patch(
      '<oc:favorite>1</oc:favorite><d:lastmodified>1000000000</d:lastmodified><z:own>mine</z:own>',
    )
    expect(Object.keys(first?.found ?? {})).toEqual(['favorite', 'lastmodified', 'own'])
    const asked = '<oc:favorite/><d:getlastmodified/><z:own/>'
    const facts = { favorite: '1', getlastmodified: 'Sun, 09 Sep 2001 01:46:40 GMT', own: 'mine' }
    expect((await cloud.list('a.txt', asked, '0'))[0]?.found).toEqual(facts)
    const [second] = await patch('<d:getetag>"x"</d:getetag><oc:favorite>0</oc:favorite>', '<z:own/>')
    expect(second?.missing).toEqual(['403 getetag', '424 favorite', '424 own'])
    expect((await cloud.list('a.txt', asked, '0'))[0]?.found).toEqual(facts)
    await cloud.dav('COPY', 'a.txt', { headers: { destination: '/remote.php/dav/files/alice/b.txt' } })
    expect((await cloud.list('b.txt', '<z:own/>', '0'))[0]?.found).toEqual({ own: 'mine' })
    await patch('', '<z:own/>')
    expect((await cloud.list('a.txt', '<z:own/>', '0'))[0]?.missing).toEqual(['404 own'])
    const [third] = await patch('<oc:favorite>perhaps</oc:favorite>')
    expect(third?.missing).toEqual(['403 favorite'])
  })

  it('are named, and all listed without a body', async () => {
    await cloud.dav('PUT', 'a.txt', { body: 'xy' })
    const [named] = await readListing(
      await cloud.dav('PROPFIND', 'a.txt', { body: `<d:propfind ${DECLARED}><d:propname/></d:propfind>` }),
    )
    const names = ['getlastmodified', 'getcontentlength', 'resourcetype', 'getetag', 'getcontenttype']
    expect(Object.entries(named?.found ?? {})).toEqual(names.map((name) => [name, '']))
    const [all] = await cloud.list('a.txt', '', '0')
    expect(Object.keys(all?.found ?? {})).toEqual(names)
    expect(await cloud.status('PROPFIND', 'a.txt', { body: '<d:other xmlns:d="DAV:"/>' })).toBe(400)
  })

  it('find favourites by REPORT', async () => {
    await cloud.dav('MKCOL', 'dir')
    for (const path of ['dir/a.txt', 'b.txt']) await cloud.dav('PUT', path, { body: 'x' })
    const favorite = `<d:propertyupdate ${DECLARED}><d:set><d:prop><oc:favorite>1</oc:favorite></d:prop></d:set></d:propertyupdate>`
    await cloud.dav('PROPPATCH', 'dir/a.txt', { body: favorite })
    const report = (rule: string) =>
      cloud.dav('REPORT', '', {
        body: `<oc:filter-files ${DECLARED}><d:prop><oc:favorite/></d:prop><oc:filter-rules>${rule}</oc:filter-rules></oc:filter-files>`,
      })
    const found = await readListing(await report('<oc:favorite>1</oc:favorite>'))
    expect(found.map(({ href }) => href)).toEqual(['/remote.php/dav/files/alice/dir/a.txt'])
    expect((await report('')).status).toBe(400)
    expect(await cloud.status('REPORT', '', { body: '<d:sync-collection xmlns:d="DAV:"/>' })).toBe(415)
  })
})

describe('SEARCH', () => {
  async function search(where: string, more = '', scope = '/files/alice'): Promise<string[]> {
    const body =
      `<d:searchrequest ${DECLARED}><d:basicsearch><d:select><d:prop><d:displayname/></d:prop></d:select>` +
      `<d:from><d:scope><d:href>${scope}</d:href><d:depth>infinity</d:depth></d:scope></d:from>` +
      `<d:where>${where}</d:where>${more}</d:basicsearch></d:searchrequest>`
    const response = await cloud.dav('SEARCH', '/remote.php/dav/', { body })
    return response.status === 207
      ? (await readListing(response)).map(({ found }) => found['displayname'] ?? '')
      : [String(response.status)]
  }
  const test = (operator: string, property: string, literal: string) =>
    `<d:${operator}><d:prop><${property}/></d:prop><d:literal>${literal}</d:literal></d:${operator}>`

  beforeEach(async () => {
    await cloud.dav('MKCOL', 'dir')
    for (const [path, size] of [
      ['one.txt', 1],
      ['Two.TXT', 2],
      ['dir/three.md', 3],
      ['dir/%C3%BC.png', 4],
    ] as const) {
      await cloud.dav('PUT', path, { body: 'x'.repeat(size) })
    }
  })

  it('compares names, sizes and types, and combines', async () => {
    expect(await search(test('like', 'd:displayname', '%.txt'))).toEqual(['one.txt', 'Two.TXT'])
    expect(await search(test('like', 'd:displayname', 't_o%'))).toEqual(['Two.TXT'])
    expect(await search(test('contains', 'd:displayname', 'HRE'))).toEqual(['three.md'])
    expect(await search(test('eq', 'd:displayname', 'ü.png'))).toEqual(['ü.png'])
    expect(await search(test('like', 'd:getcontenttype', 'image/%'))).toEqual(['ü.png'])
    const [large, small] = [test('gt', 'oc:size', '2'), test('lte', 'oc:size', '1')]
    expect(await search(`<d:and>${large}<d:not><d:is-collection/></d:not></d:and>`)).toEqual([
      'three.md',
      'ü.png',
    ])
    expect(await search(`<d:or>${small}${test('gte', 'd:getcontentlength', '4')}</d:or>`)).toEqual([
      'dir',
      'one.txt',
      'ü.png',
    ])
    expect(await search(test('lt', 'd:getlastmodified', '2001-01-01T00:00:00Z'))).toEqual([])
    expect(await search(test('gt', 'd:getlastmodified', '2001-01-01T00:00:00Z'))).toHaveLength(5)
  })

  it('is bound to its scope, and sorted and limited as asked', async () => {
    expect(await search('', '', '/files/alice/dir')).toEqual(['three.md', 'ü.png'])
    const byName = '<d:orderby><d:order><d:prop><oc:size/></d:prop><d:descending/></d:order></d:orderby>'
    const limit = (rest: string) => `<d:limit><d:nresults>2</d:nresults>${rest}</d:limit>`
    expect(await search('', byName + limit(''))).toEqual(['dir', 'ü.png'])
    expect(await search('', byName + limit('<nc:firstresult>2</nc:firstresult>'))).toEqual([
      'three.md',
      'Two.TXT',
    ])
  })

  it("refuses what it does not know, and others' files", async () => {
    expect(await search(test('like', 'd:getetag', '%'))).toEqual(['400'])
    expect(await search(test('almost', 'd:displayname', '%'))).toEqual(['400'])
    expect(await search('<d:not/>')).toEqual(['400'])
    expect(await search('', '<d:limit><d:nresults>many</d:nresults></d:limit>')).toEqual(['400'])
    expect(await search('', '', '/files/bob')).toEqual(['404'])
    expect(await search('', '', '/calendars/alice')).toEqual(['404'])
    expect(await cloud.status('SEARCH', '/remote.php/dav/')).toBe(400)
  })

  it('does not choke on patterns that are costly to match', async () => {
    await cloud.dav('PUT', 'a'.repeat(250), { body: '' })
    expect(await search(test('like', 'd:displayname', `${'%a'.repeat(100)}%b`))).toEqual([])
  })
})

describe("other users' files", () => {
  it('show nothing but that the home exists, and take nothing', async () => {
    await cloud.dav('PUT', 'secret.txt', { user: 'bob', body: 'secret' })
    const bob = '/remote.php/dav/files/bob/'
    const headers = { destination: `${bob}stolen.txt` }
    await cloud.dav('PUT', 'a.txt', { body: 'x' })
    expect(await cloud.list(bob, '')).toEqual([
      { href: bob, found: { resourcetype: 'collection' }, missing: [] },
    ])
    const status = async (method: string, path: string, sent = {}) => [
      method,
      await cloud.status(method, path, sent),
    ]
    expect(await status('GET', `${bob}secret.txt`)).toEqual(['GET', 404])
    expect(await status('PROPFIND', `${bob}secret.txt`)).toEqual(['PROPFIND', 404])
    expect(await status('PUT', `${bob}secret.txt`, { body: 'x' })).toEqual(['PUT', 403])
    expect(await status('PUT', `${bob}a/b.txt`, { body: 'x' })).toEqual(['PUT', 404])
    expect(await status('MKCOL', `${bob}dir`)).toEqual(['MKCOL', 403])
    for (const method of ['DELETE', 'PROPPATCH', 'MOVE', 'COPY']) {
      expect(await status(method, `${bob}secret.txt`, { headers })).toEqual([method, 404])
      expect(await status(method, bob, { headers })).toEqual([method, 403])
    }
    expect(await status('MOVE', 'a.txt', { headers })).toEqual(['MOVE', 403])
    expect(await status('COPY', 'a.txt', { headers: { destination: `${bob}dir/x` } })).toEqual(['COPY', 409])
    expect(await status('PROPFIND', '/remote.php/dav/files/nobody/')).toEqual(['PROPFIND', 404])
    expect(await status('PROPFIND', '/remote.php/dav/files/', { headers: { depth: '1' } })).toEqual([
      'PROPFIND',
      405,
    ])
    expect(await (await cloud.dav('GET', 'secret.txt', { user: 'bob' })).text()).toBe('secret')
    const listed = await cloud.list('', '<d:displayname/>', 'infinity', 'bob')
    expect(listed.map(({ found }) => found['displayname'])).toEqual(['bob', 'secret.txt'])
  })
})

describe('/remote.php/webdav', () => {
  it("is the caller's own tree, with its own hrefs and destinations", async () => {
    const base = '/remote.php/webdav'
    expect(await cloud.status('MKCOL', `${base}/dir`)).toBe(201)
    expect(await cloud.status('PUT', `${base}/dir/a.txt`, { body: 'a' })).toBe(201)
    expect((await cloud.list(`${base}/`, '<d:displayname/>', 'infinity')).map(({ href }) => href)).toEqual([
      `${base}/`,
      `${base}/dir/`,
      `${base}/dir/a.txt`,
    ])
    const headers = { destination: `http://cloud.test${base}/b.txt` }
    expect(await cloud.status('MOVE', `${base}/dir/a.txt`, { headers })).toBe(201)
    expect(await cloud.text('b.txt')).toBe('a')
    expect(await cloud.status('GET', `${base}/b.txt`, { user: 'bob' })).toBe(404)
    const other = { destination: '/remote.php/dav/files/alice/c.txt' }
    expect(await cloud.status('COPY', `${base}/b.txt`, { headers: other })).toBe(403)
  })
})

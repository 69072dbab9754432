import { connect } from 'node:net'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { descendants, fileTreeOf, pathOf } from '../../src/nextcloud/embedded/file-tree.js'
import { PROFILE_NAMES } from '../../src/nextcloud/embedded/profiles.js'
import { basic } from './core-visitor.js'
import { FilesCloud } from './files-support.js'

/** Stands in a name and in a content of bob's; no answer to alice may hold it. */
const SECRET = 'bobs-secret-7f3a'
const SEED = 20_261_123

const KNOWN = [
  'OPTIONS',
  'GET',
  'HEAD',
  'PUT',
  'DELETE',
  'MKCOL',
  'MOVE',
  'COPY',
  'PROPFIND',
  'PROPPATCH',
  'REPORT',
]
const METHODS = [...KNOWN, 'SEARCH', 'LOCK', 'POST', 'PATCH', 'BREW']
const BASES = [
  '/remote.php/dav/files/alice/',
  '/remote.php/webdav/',
  '/remote.php/dav/files/bob/',
  '/remote.php/dav/',
]

const name = fc.oneof(
  fc.constantFrom(
    'dir',
    'a.txt',
    'Notes',
    'alice',
    'bob',
    'files',
    `${SECRET}.txt`,
    'constructor',
    '__proto__',
  ),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '..%2f',
    '%2f',
    '%5c',
    '\\',
    '%00',
    '%0a',
    '%ff',
    '%',
    '%zz',
    '%25%32%65',
  ),
  fc.constantFrom(
    '',
    ' ',
    '%20',
    'ü',
    '%C3%BC',
    '👍',
    '%F0%9F%91',
    'x'.repeat(4096),
    '%41'.repeat(100),
    '?',
    '#',
    ':',
    ';a',
  ),
  fc.string({ maxLength: 12 }).map(encodeURIComponent),
)
const oddPath = fc
  .tuple(fc.constantFrom(...BASES), fc.array(name, { maxLength: 5 }))
  .map(([base, names]) => base + names.join('/'))
/** Places in alice's tree as each case finds it. */
const plainPath = fc
  .tuple(
    fc.constantFrom('/remote.php/dav/files/alice/', '/remote.php/webdav/'),
    fc.constantFrom('', 'a.txt', 'dir', 'dir/', 'dir/a.txt', 'new', 'dir/new', 'none/new', 'a.txt/new'),
  )
  .map((parts) => parts.join(''))
const path = fc.oneof({ weight: 3, arbitrary: plainPath }, { weight: 2, arbitrary: oddPath })

const latin1 = fc.string({
  unit: fc.integer({ min: 0x20, max: 0xff }).map((code) => String.fromCharCode(code)),
  maxLength: 20,
})
const oneOf = (...values: string[]): fc.Arbitrary<string> => fc.oneof(fc.constantFrom(...values), latin1)
const HEADERS: Readonly<Record<string, fc.Arbitrary<string>>> = {
  depth: oneOf('0', '1', 'infinity', '-1', '2'),
  overwrite: oneOf('T', 'F', 't', ''),
  range: oneOf(
    'bytes=0-',
    'bytes=-1',
    'bytes=5-2',
    'bytes=99999999999999999999-',
    'bytes=0-0,1-1',
    'bytes=-0',
  ),
  'if-match': oneOf('*', '"x"', 'W/"x"', '"', ',,,'),
  'if-none-match': oneOf('*', '"x"', ''),
  'if-modified-since': oneOf('Sun, 09 Sep 2001 01:46:40 GMT', 'never', '-1'),
  'if-unmodified-since': oneOf('Sun, 09 Sep 2001 01:46:40 GMT', 'never'),
  'if-range': oneOf('"x"', 'Sun, 09 Sep 2001 01:46:40 GMT'),
  if: oneOf('(<opaquelocktoken:x>)', '(["x"])', '(Not <DAV:no-lock>)'),
  'x-oc-mtime': oneOf('1', '-1', '1e9', '999999999999', '99999999999999', ''),
  'content-type': oneOf('application/xml', 'text/xml', 'text/plain', ''),
  'content-length': fc.constantFrom('0', '5', '99999999999'),
  'content-range': oneOf('bytes 0-1/2'),
  brief: oneOf('t', 'f'),
  prefer: oneOf('return=minimal'),
}
const oddHeader = fc
  .constantFrom(...Object.keys(HEADERS))
  .chain((header) => (HEADERS[header] ?? latin1).map((value): [string, string] => [header, value]))
const destination = fc.oneof(
  { weight: 5, arbitrary: plainPath },
  { weight: 2, arbitrary: path },
  { weight: 2, arbitrary: path.map((each) => `http://cloud.test${each}`) },
  { weight: 1, arbitrary: oneOf('', '/', '//', 'http://', '*') },
)
const headers = fc
  .tuple(destination, fc.array(oddHeader, { maxLength: 2 }))
  .map(([to, others]): Record<string, string> => ({ destination: to, ...Object.fromEntries(others) }))

const XML = [
  ...[
    'propfind',
    'propertyupdate',
    'mkcol',
    'searchrequest',
    'set',
    'remove',
    'prop',
    'propname',
    'allprop',
    'include',
  ],
  ...[
    'basicsearch',
    'select',
    'from',
    'scope',
    'href',
    'depth',
    'where',
    'and',
    'or',
    'not',
    'like',
    'eq',
    'gt',
    'lt',
  ],
  ...[
    'literal',
    'orderby',
    'order',
    'ascending',
    'limit',
    'nresults',
    'displayname',
    'getetag',
    'getlastmodified',
  ],
  ...['resourcetype', 'collection', 'getcontentlength', 'is-collection', 'x', 'constructor'],
].map((local) => `d:${local}`)
const TAGS = [
  ...XML,
  'oc:filter-files',
  'oc:filter-rules',
  'oc:favorite',
  'oc:size',
  'nc:firstresult',
  'z:own',
]
const TEXTS = [
  '',
  '0',
  '1',
  '-1',
  '%',
  '%.txt',
  '/files/alice',
  '/files/bob',
  '/files/alice/../bob',
  '&amp;',
  '1e999',
  '%ff',
]
const DECLARED =
  'xmlns:d="DAV:" xmlns:oc="http://owncloud.org/ns" xmlns:nc="http://nextcloud.org/ns" xmlns:z="urn:z"'
const { element } = fc.letrec<{ element: string; content: string }>((tie) => ({
  content: fc.oneof(
    { maxDepth: 5 },
    fc.constantFrom(...TEXTS),
    fc.array(tie('element'), { maxLength: 3 }).map((all) => all.join('')),
  ),
  element: fc
    .tuple(fc.constantFrom(...TAGS), tie('content'))
    .map(([tag, content]) => `<${tag}>${content}</${tag}>`),
}))
const document = fc
  .tuple(fc.constantFrom(...TAGS), fc.array(element, { maxLength: 4 }))
  .map(([tag, children]) => `<?xml version="1.0"?><${tag} ${DECLARED}>${children.join('')}</${tag}>`)
/** Documents that get far: the right one for a method, with parts that are right or not. */
const comparison = fc
  .tuple(
    fc.constantFrom('like', 'contains', 'eq', 'gt', 'lte', 'x'),
    fc.constantFrom('d:displayname', 'd:getcontentlength', 'd:getlastmodified', 'oc:favorite', 'd:getetag'),
    fc.constantFrom(...TEXTS),
  )
  .map(([operator, property, text]) => {
    return `<d:${operator}><d:prop><${property}/></d:prop><d:literal>${text}</d:literal></d:${operator}>`
  })
const where = fc.oneof(
  comparison,
  fc.tuple(comparison, comparison).map((both) => `<d:or>${both.join('')}</d:or>`),
  element,
)
const inProp = fc.array(element, { maxLength: 3 }).map((all) => `<d:prop>${all.join('')}</d:prop>`)
const FITTING: Readonly<Record<string, fc.Arbitrary<string>>> = {
  SEARCH: fc
    .tuple(where, fc.constantFrom(...TEXTS, '/files/alice/dir'), inProp)
    .map(
      ([condition, href, prop]) =>
        `<d:searchrequest ${DECLARED}><d:basicsearch><d:select>${prop}</d:select><d:from><d:scope><d:href>${href}</d:href>` +
        `</d:scope></d:from><d:where>${condition}</d:where></d:basicsearch></d:searchrequest>`,
    ),
  PROPPATCH: inProp.map((prop) => `<d:propertyupdate ${DECLARED}><d:set>${prop}</d:set></d:propertyupdate>`),
  PROPFIND: inProp.map((prop) => `<d:propfind ${DECLARED}>${prop}</d:propfind>`),
  MKCOL: inProp.map((prop) => {
    const type = '<d:prop><d:resourcetype><d:collection/></d:resourcetype></d:prop>'
    return `<d:mkcol ${DECLARED}><d:set>${type}</d:set><d:set>${prop}</d:set></d:mkcol>`
  }),
  REPORT: fc
    .tuple(inProp, fc.constantFrom(...TEXTS))
    .map(
      ([prop, text]) =>
        `<oc:filter-files ${DECLARED}>${prop}<oc:filter-rules><oc:favorite>${text}</oc:favorite></oc:filter-rules></oc:filter-files>`,
    ),
}
const body = fc.oneof(
  document,
  document.chain((text) => fc.nat(text.length).map((length) => text.slice(0, length))),
  fc.constantFrom(
    '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    '<',
    '<a>'.repeat(2000),
    '<a b="',
    '\0',
    '<a xmlns:d=""/>',
  ),
  fc.string({ maxLength: 50 }),
  fc.constant('x'.repeat(1_100_000)),
)

const request = fc.constantFrom(...METHODS).chain((method) =>
  fc.record({
    method: fc.constant(method),
    path: method === 'SEARCH' ? fc.oneof(fc.constant('/remote.php/dav/'), path) : path,
    headers,
    body: fc.option(fc.oneof(FITTING[method] ?? body, body), { nil: undefined, freq: 4 }),
  }),
)
type FuzzRequest = typeof request extends fc.Arbitrary<infer Value> ? Value : never

const clouds = new Map<string, FilesCloud>()
beforeAll(async () => {
  for (const profile of PROFILE_NAMES) {
    const cloud = await FilesCloud.start({ profile, maxUploadBytes: 1_000_000 })
    await cloud.dav('PUT', `${SECRET}.txt`, { user: 'bob', body: `content of ${SECRET}` })
    await cloud.dav('MKCOL', 'dir', { user: 'bob' })
    clouds.set(profile, cloud)
  }
})
afterAll(async () => {
  for (const { nextcloud } of clouds.values()) await nextcloud.stop()
})

/** Small and known before each case, so that cases do not depend on those before and trees do not grow. */
function resetAlice({ nextcloud: { context } }: FilesCloud): void {
  context.store.fileTrees.delete('alice')
  const tree = fileTreeOf(context, 'alice')
  const folder = tree.makeFolder(tree.root, 'dir', 0)
  tree.write(tree.root, 'a.txt', Buffer.from('text'), 0)
  tree.write(folder, 'a.txt', Buffer.from('text'), 0)
}

function filesOf({ nextcloud: { context } }: FilesCloud, user: string): string[] {
  return Array.from(descendants(fileTreeOf(context, user).root), (node) => pathOf(node).join('/'))
}

async function send(cloud: FilesCloud, { method, path: target, headers: sent, body: text }: FuzzRequest) {
  const hasBody = text !== undefined && method !== 'GET' && method !== 'HEAD'
  const response = await cloud.dav(method, target, {
    headers: Object.fromEntries(Object.entries(sent).map(([header, value]) => [header, latin1Only(value)])),
    ...(hasBody ? { body: text } : {}),
  })
  const headerText = Array.from(response.headers, (header) => header.join(': ')).join('\n')
  return { status: response.status, text: `${headerText}\n${await response.text()}` }
}

/** What a header can hold. */
function latin1Only(value: string): string {
  return value.replace(/[^\x20-\xff]/g, '?').trim()
}

/** Recorded: 501 for methods that nothing handles, 500 for NUL in a path (not on profile strict). */
function isTolerable(profile: string, status: number, method: string, target: string): boolean {
  if (status < 500) return true
  if (status === 501) return !KNOWN.includes(method) || !/^\/remote\.php\/(?:dav\/files|webdav)/.test(target)
  return status === 500 && profile !== 'strict' && target.includes('%00')
}

describe.each(PROFILE_NAMES)('on profile %s', (profile) => {
  it('no request makes it fail, or gets or changes files of another user', async () => {
    const cloud = clouds.get(profile)!
    const before = filesOf(cloud, 'bob')
    await fc.assert(
      fc.asyncProperty(fc.array(request, { minLength: 1, maxLength: 4 }), async (requests) => {
        resetAlice(cloud)
        for (const each of requests) {
          const { status, text } = await send(cloud, each)
          const target = `${each.path} ${each.headers['destination'] ?? ''}`
          if (!isTolerable(profile, status, each.method, target)) throw new Error(`status ${status}`)
          // What the request names may come back in an error; the content may not.
          if (text.includes(`content of ${SECRET}`)) throw new Error("bob's content")
          if (text.includes(SECRET) && !JSON.stringify(each).includes(SECRET))
            throw new Error("bob's file name")
        }
      }),
      { numRuns: 1_000, seed: SEED },
    )
    expect(filesOf(cloud, 'bob')).toEqual(before)
    const content = fileTreeOf(cloud.nextcloud.context, 'bob').at([`${SECRET}.txt`])
    expect(content?.kind === 'file' ? content.content.toString() : '').toBe(`content of ${SECRET}`)
  })

  it('no way of writing a path leads to another user or to a failure, over a raw socket', async () => {
    const cloud = clouds.get(profile)!
    resetAlice(cloud)
    const file = `${SECRET}.txt`
    const paths = [
      ...[
        '..',
        '%2e%2e',
        '.%2e',
        '%2E%2E',
        '..%2f',
        '..%5c',
        '..\\',
        '%252e%252e',
        '..;',
        '.../..',
        '\u0001..',
        '..%00',
      ],
    ].flatMap((climb) => [
      `/remote.php/dav/files/alice/${climb}/bob/${file}`,
      `/remote.php/dav/files/alice/x/${climb}/${climb}/bob/${file}`,
      `/remote.php/webdav/${climb}/bob/${file}`,
      `/remote.php/dav/files/alice/${climb}bob/${file}`,
    ])
    const others = [
      `//remote.php/dav/files/bob/${file}`,
      `/remote.php//dav///files//bob//${file}`,
      `/index.php/../remote.php/dav/files/bob/${file}`,
      `/remote.php/dav/files/alice%2f..%2fbob%2f${file}`,
      `/remote.php/dav/files/ALICE/../bob/${file}`,
      `http://elsewhere.test/remote.php/dav/files/bob/${file}`,
      `/remote.php/dav/files/alice/${'a'.repeat(4096)}`,
      `/remote.php/dav/files/alice/${'a/'.repeat(4096)}`,
      '/remote.php/dav/files/alice/%',
      '/remote.php/dav/files/alice/%c3%28',
      '/remote.php/dav/files/alice/a%00b.txt',
      '/remote.php/dav/files/alice/a?b#c',
      '/remote.php/dav/files/alice/\u00fc',
      '*',
      '?',
      'remote.php/dav/',
    ]
    for (const target of [...paths, ...others]) {
      for (const method of ['GET', 'PROPFIND', 'DELETE', 'PUT', 'COPY']) {
        const answer = await raw(cloud, method, target)
        const status = Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1] ?? 0)
        expect([target, method, isTolerable(profile, status, method, target) ? 'fine' : status]).toEqual([
          target,
          method,
          'fine',
        ])
        expect([target, method, answer.includes(`content of ${SECRET}`)]).toEqual([target, method, false])
      }
    }
    expect(filesOf(cloud, 'bob')).toEqual(['', SECRET + '.txt', 'dir'])
  })
})

/** One request as it is written here, byte by byte; the whole answer. */
async function raw({ nextcloud }: FilesCloud, method: string, target: string): Promise<string> {
  const { userId, password } = nextcloud.users.alice
  const { authorization } = basic(userId, password)
  const socket = connect(Number(new URL(nextcloud.baseUrl).port), '127.0.0.1')
  socket.end(
    `${method} ${target} HTTP/1.1\r\nHost: cloud.test\r\nAuthorization: ${authorization ?? ''}\r\n` +
      'Destination: /remote.php/dav/files/bob/../bob/stolen.txt\r\nConnection: close\r\nContent-Length: 1\r\n\r\nx',
    'latin1',
  )
  let answer = ''
  for await (const chunk of socket) answer += String(chunk)
  return answer
}

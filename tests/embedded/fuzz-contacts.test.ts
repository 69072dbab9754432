import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOOKS, CardDavCloud, vcard, withNamespaces } from './carddav-support.js'

const SECRET = 'Confidential Person'
const BOBS_BOOKS = BOOKS.replace('alice', 'bob')

let cloud: CardDavCloud
beforeEach(async () => {
  cloud = await CardDavCloud.start()
  await cloud.put('/contacts/ann.vcf', vcard('ann', 'FN:Ann', 'EMAIL;TYPE=HOME:ann@example.com'))
  await cloud.send('PUT', `${BOBS_BOOKS}/contacts/secret.vcf`, {
    user: 'bob',
    body: vcard('secret', `FN:${SECRET}`),
  })
})
afterEach(() => cloud.nextcloud.stop())

/** Whatever alice sends: no failure of the server, and nothing of bob's in the answer or after it. */
async function isHarmless(method: string, path: string, body?: string, headers: Record<string, string> = {}) {
  const hasBody = body !== undefined && method !== 'GET' && method !== 'HEAD'
  const answer = await cloud.send(method, path, { headers, ...(hasBody ? { body } : {}) })
  expect(answer.status, answer.text).toBeLessThan(500)
  expect(answer.text).not.toContain(SECRET)
  return answer
}

async function bobStillHasHis() {
  const { status, text } = await cloud.send('GET', `${BOBS_BOOKS}/contacts/secret.vcf`, { user: 'bob' })
  expect([status, text]).toEqual([200, expect.stringContaining(SECRET)])
}

/** Text with what parsers trip over in it. */
const hostile = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 30 }),
  fc.string({ unit: 'grapheme', maxLength: 30 }),
  fc.constantFrom(
    '',
    '\0',
    '\r\n',
    '\r',
    '\\',
    '\\n',
    ';',
    ':',
    '"',
    ',',
    '=',
    '__proto__',
    'constructor',
    '\ud800',
  ),
)

const contentLine = fc.oneof(
  fc
    .record({
      group: fc.constantFrom('', 'item1.', '.', 'a.b.'),
      name: fc.oneof(
        fc.constantFrom(
          'FN',
          'N',
          'UID',
          'VERSION',
          'BDAY',
          'REV',
          'TEL',
          'ORG',
          'GEO',
          'PHOTO',
          'TZ',
          'X-A',
          'ADR',
        ),
        hostile,
      ),
      parameters: fc.array(
        fc.oneof(
          fc.constantFrom(';TYPE=HOME', ';VALUE=text', ';VALUE=date', ';ENCODING=b', ';X', ';TYPE="', ';=x'),
          hostile,
        ),
        { maxLength: 3 },
      ),
      value: fc.oneof(
        hostile,
        fc.constantFrom('19900101', '--0102', '20200101T000000Z', '3.0', '4.0', '1;2;3'),
      ),
    })
    .map(({ group, name, parameters, value }) => `${group}${name}${parameters.join('')}:${value}`),
  fc.constantFrom(
    'BEGIN:VCARD',
    'END:VCARD',
    'BEGIN:VCALENDAR',
    'BEGIN:__proto__',
    ' folded',
    '\tfolded',
    '',
  ),
  hostile,
)

const malformedCard = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(contentLine, { maxLength: 8 }).map((lines) => vcard('fuzz', 'FN:Fuzz', ...lines)),
  },
  { weight: 1, arbitrary: fc.array(contentLine, { maxLength: 8 }).map((lines) => lines.join('\r\n')) },
  { weight: 1, arbitrary: fc.jsonValue().map((value) => JSON.stringify(['vcard', value, []])) },
)

const element = fc.constantFrom(
  'd:prop',
  'd:getetag',
  'd:allprop',
  'd:propname',
  'd:href',
  'd:sync-token',
  'd:sync-level',
  'd:limit',
  'd:nresults',
  'd:set',
  'd:remove',
  'd:resourcetype',
  'd:displayname',
  'd:property-search',
  'd:match',
  'card:filter',
  'card:prop-filter',
  'card:param-filter',
  'card:text-match',
  'card:is-not-defined',
  'card:address-data',
  'card:prop',
  'card:limit',
  'card:nresults',
  'card:addressbook',
  'constructor',
)
const attribute = fc.oneof(
  fc.tuple(
    fc.constantFrom('name', 'test', 'collation', 'match-type', 'negate-condition', 'content-type'),
    fc.constantFrom(
      'FN',
      'EMAIL',
      'anyof',
      'allof',
      'i;octet',
      'i;unicode-casemap',
      'contains',
      'equals',
      'yes',
      '',
    ),
  ),
  fc.tuple(fc.constant('name'), hostile),
)
const text = fc.oneof(
  hostile,
  fc.constantFrom(
    '1',
    '-1',
    '1e99',
    'http://sabre.io/ns/sync/1',
    'http://sabre.io/ns/sync/999999999999999',
    `${BOBS_BOOKS}/contacts/secret.vcf`,
    `${BOOKS}/../bob/contacts/secret.vcf`,
    `${BOOKS}/%2e%2e/bob/contacts/secret.vcf`,
    `${BOOKS}/contacts/..%2f..%2fbob%2fcontacts%2fsecret.vcf`,
    `http://evil.example${BOBS_BOOKS}/contacts/secret.vcf`,
    '/remote.php/dav/%',
  ),
)

const { body: xmlBody } = fc.letrec<{ body: string }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 5, withCrossShrink: true },
    text.map(escaped),
    fc
      .record({
        name: element,
        attributes: fc.uniqueArray(attribute, { maxLength: 3, selector: ([name]) => name }),
        children: fc.array(tie('body'), { maxLength: 4 }),
      })
      .map(
        ({ name, attributes, children }) =>
          `<${name}${attributes.map(([key, value]) => ` ${key}="${escaped(value)}"`).join('')}>${children.join('')}</${name}>`,
      ),
  ),
}))

function escaped(value: string): string {
  return value
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '')
    .replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`)
}

const document = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'card:addressbook-query',
        'card:addressbook-multiget',
        'd:sync-collection',
        'd:principal-property-search',
        'd:propfind',
        'd:propertyupdate',
        'd:mkcol',
        'd:expand-property',
      ),
      fc.array(xmlBody, { maxLength: 5 }),
    )
    .map(([name, children]) => withNamespaces(`<${name}>${children.join('')}</${name}>`)),
  hostile,
  hostile.map((noise) => `<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e "${noise}">]><x>&e;</x>`),
)

const segment = fc.oneof(
  fc.constantFrom('addressbooks', 'principals', 'users', 'alice', 'bob', 'contacts', 'secret.vcf', 'ann.vcf'),
  fc.constantFrom(
    '..',
    '.',
    '%2e%2e',
    '%2E.',
    '%2f',
    '%2F..%2f',
    '%00',
    '%',
    '%zz',
    '%c0%ae',
    '%ff',
    ';',
    '%0d%0a',
  ),
  fc.constantFrom('z-server-generated--system', 'z-app-generated--contactsinteraction--recent', '__proto__'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).map((name) => encodeURIComponent(name)),
)
const path = fc
  .tuple(
    fc.constantFrom(
      '',
      '/addressbooks/users/alice',
      '/addressbooks/users/alice/contacts',
      '/addressbooks/users/bob',
      '/addressbooks/users/bob/contacts',
      '/principals/users',
    ),
    fc.array(segment, { maxLength: 6 }),
  )
  .map(([start, segments]) => `/remote.php/dav${start}${segments.map((each) => `/${each}`).join('')}`)
const depth = fc.constantFrom('0', '1', 'infinity', '-1', 'x')

describe('whatever alice sends to principals and address books', () => {
  it('malformed vCards are refused or kept, and then readable', async () => {
    await fc.assert(
      fc.asyncProperty(malformedCard, async (card) => {
        const path = `${BOOKS}/contacts/fuzz.vcf`
        const put = await isHarmless('PUT', path, card)
        expect([201, 204, 400, 415]).toContain(put.status)
        if (put.status >= 400) return
        expect((await isHarmless('GET', path)).text).toMatch(/^BEGIN:VCARD/i)
        const query = '<card:addressbook-query><d:prop><card:address-data/></d:prop></card:addressbook-query>'
        expect(await cloud.report('/contacts/', query)).toHaveLength(3)
      }),
      { numRuns: 500 },
    )
    await bobStillHasHis()
  })

  it('odd documents are answered on every resource', async () => {
    const target = fc.constantFrom(
      `${BOOKS}/`,
      `${BOOKS}/contacts/`,
      `${BOOKS}/contacts/ann.vcf`,
      `${BOOKS}/fresh/`,
      '/remote.php/dav/principals/users/',
      '/remote.php/dav/',
    )
    const method = fc.constantFrom('REPORT', 'PROPFIND', 'PROPPATCH', 'MKCOL')
    await fc.assert(
      fc.asyncProperty(method, target, document, depth, async (verb, address, body, value) => {
        fc.pre(verb === 'PROPFIND' || !/\/(?:dav|principals\/users)\/$/.test(address) || verb === 'REPORT')
        fc.pre(verb !== 'REPORT' || address !== '/remote.php/dav/')
        await isHarmless(verb, address, body, { depth: value })
      }),
      { numRuns: 900 },
    )
    await bobStillHasHis()
  })

  it('no path leads to what is not hers', async () => {
    const method = fc.constantFrom('GET', 'HEAD', 'PROPFIND', 'PUT', 'DELETE')
    await fc.assert(
      fc.asyncProperty(method, path, depth, async (verb, address, value) => {
        const { pathname } = new URL(address, 'http://cloud.test')
        fc.pre(
          /^\/remote\.php\/dav\/(?:addressbooks|principals)(?:\/|$)/.test(pathname) || verb === 'PROPFIND',
        )
        fc.pre(!pathname.includes('/principals') || verb === 'PROPFIND')
        await isHarmless(verb, address, vcard('path', 'FN:Path'), { depth: value })
      }),
      { numRuns: 600 },
    )
    await bobStillHasHis()
  })

  it('no copy or move leads out of her books', async () => {
    const method = fc.constantFrom('COPY', 'MOVE')
    await fc.assert(
      fc.asyncProperty(
        method,
        path,
        fc.oneof(
          path,
          hostile.map((noise) => encodeURIComponent(noise.replace(/[\ud800-\udfff]/gu, ''))),
        ),
        async (verb, from, to) => {
          fc.pre(
            new URL(from, 'http://cloud.test').pathname.startsWith('/remote.php/dav/addressbooks/users/'),
          )
          await isHarmless(verb, from, undefined, { destination: to })
        },
      ),
      { numRuns: 300 },
    )
    await bobStillHasHis()
    const { text: bobs } = await cloud.send('PROPFIND', `${BOBS_BOOKS}/contacts/`, {
      user: 'bob',
      headers: { depth: '1' },
    })
    expect(bobs.match(/<d:response>/g)).toHaveLength(3)
  })
})

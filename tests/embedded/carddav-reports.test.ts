import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { BOOKS, CardDavCloud, entriesOf, syncTokenOf, vcard, withNamespaces } from './carddav-support.js'

let cloud: CardDavCloud
beforeEach(async () => {
  cloud = await CardDavCloud.start()
  await cloud.makeBook('work')
  await cloud.put(
    '/work/ann.vcf',
    vcard('ann', 'FN:Ann Example', 'EMAIL;TYPE=HOME,INTERNET:ann@home.example', 'ORG:Acme\\, Inc.;Sales'),
  )
  await cloud.put('/work/ben.vcf', vcard('ben', 'FN:Ben ÄRGER', 'item1.EMAIL;TYPE="work":ben@acme.example'))
  await cloud.put('/work/cleo.vcf', vcard('cleo', 'FN:Cleo', 'NICKNAME:annie'))
})
afterEach(() => cloud.nextcloud.stop())

function names(entries: readonly { readonly href: string }[]): readonly string[] {
  return entries.map(({ href }) => href.replace(/^.*\/(.+)\.vcf$/, '$1'))
}

async function query(filter: string, more = ''): Promise<readonly string[]> {
  return names(
    await cloud.report(
      '/work/',
      `<card:addressbook-query><d:prop><d:getetag/></d:prop>${filter}${more}</card:addressbook-query>`,
    ),
  )
}

function filter(test: string, ...filters: string[]): string {
  return `<card:filter test="${test}">${filters.join('')}</card:filter>`
}

function property(name: string, content = '', test = 'anyof'): string {
  return `<card:prop-filter name="${name}" test="${test}">${content}</card:prop-filter>`
}

function text(wanted: string, attributes = ''): string {
  return `<card:text-match ${attributes}>${wanted}</card:text-match>`
}

describe('addressbook-query', () => {
  it.each([
    ['a part of a value, letter case ignored', filter('anyof', property('fn', text('ann'))), ['ann']],
    ['letters beyond ASCII', filter('anyof', property('FN', text('ärger'))), ['ben']],
    ['ASCII case only', filter('anyof', property('FN', text('ärger', 'collation="i;ascii-casemap"'))), []],
    ['exact octets', filter('anyof', property('FN', text('cleo', 'collation="i;octet"'))), []],
    ['the whole value', filter('anyof', property('FN', text('ann', 'match-type="equals"'))), []],
    ['the beginning', filter('anyof', property('FN', text('be', 'match-type="starts-with"'))), ['ben']],
    ['the end', filter('anyof', property('FN', text('eo', 'match-type="ends-with"'))), ['cleo']],
    ['an escaped value', filter('anyof', property('ORG', text('acme, inc.'))), ['ann']],
    [
      'what does not match',
      filter('anyof', property('FN', text('ann', 'negate-condition="yes"'))),
      ['ben', 'cleo'],
    ],
    ['that a property is there', filter('anyof', property('EMAIL')), ['ann', 'ben']],
    ['that a property is not there', filter('anyof', property('EMAIL', '<card:is-not-defined/>')), ['cleo']],
    [
      'any property',
      filter('anyof', property('FN', text('ann')), property('NICKNAME', text('ann'))),
      ['ann', 'cleo'],
    ],
    ['all properties', filter('allof', property('EMAIL'), property('ORG')), ['ann']],
    ['all texts', filter('anyof', property('FN', text('b') + text('ä'), 'allof')), ['ben']],
    [
      'a parameter',
      filter(
        'anyof',
        property('EMAIL', `<card:param-filter name="TYPE">${text('work')}</card:param-filter>`),
      ),
      ['ben'],
    ],
    [
      'one of the values of a parameter',
      filter(
        'anyof',
        property('EMAIL', `<card:param-filter name="type">${text('internet')}</card:param-filter>`),
      ),
      ['ann'],
    ],
    ['that a parameter is there', filter('anyof', property('EMAIL', '<card:param-filter name="PREF"/>')), []],
    [
      'that a parameter is not there',
      filter(
        'anyof',
        property('FN', '<card:param-filter name="TYPE"><card:is-not-defined/></card:param-filter>'),
      ),
      ['ann', 'ben', 'cleo'],
    ],
    ['nothing', filter('anyof'), ['ann', 'ben', 'cleo']],
  ])('asks for %s', async (_what, asked, found) => {
    expect(await query(asked)).toEqual(found)
  })

  it('answers no more than are wanted, and the parts of cards that are', async () => {
    expect(await query('', '<card:limit><card:nresults>2</card:nresults></card:limit>')).toEqual([
      'ann',
      'ben',
    ])
    const [entry] = await cloud.report(
      '/work/',
      '<card:addressbook-query><d:prop><card:address-data><card:prop name="email"/></card:address-data></d:prop></card:addressbook-query>',
    )
    expect(entry?.found['address-data']).toBe(
      vcard('ann', 'FN:Ann Example', 'EMAIL;TYPE=HOME,INTERNET:ann@home.example'),
    )
  })

  it('is for books and cards only', async () => {
    const all = withNamespaces(
      '<card:addressbook-query><d:prop><d:getetag/></d:prop></card:addressbook-query>',
    )
    const ask = (path: string, depth: string) =>
      cloud.send('REPORT', BOOKS + path, { body: all, headers: { depth } })
    expect(names(entriesOf((await ask('/work/ann.vcf', '0')).text))).toEqual(['ann'])
    expect(entriesOf((await ask('/', '1')).text)).toEqual([])
    expect((await ask('/work/', '0')).status).toBe(415)
    expect((await ask('/none/', '1')).status).toBe(404)
  })

  it.each([
    ['a collation', filter('anyof', property('FN', text('x', 'collation="i;klingon"')))],
    ['a match type', filter('anyof', property('FN', text('x', 'match-type="sounds-like"')))],
    ['a test', filter('some', property('FN'))],
    ['a filter without a name', filter('anyof', property(''))],
  ])('refuses %s that it does not know', async (_what, asked) => {
    const body = withNamespaces(`<card:addressbook-query>${asked}</card:addressbook-query>`)
    expect(await cloud.status('REPORT', `${BOOKS}/work/`, { body, headers: { depth: '1' } })).toBe(400)
  })
})

describe('addressbook-multiget', () => {
  it("finds own cards, and says of others' and missing ones that they are not there", async () => {
    const bobs = BOOKS.replace('alice', 'bob')
    await cloud.send('PUT', `${bobs}/contacts/b.vcf`, { user: 'bob', body: vcard('b', 'FN:Secret') })
    const hrefs = [
      `${BOOKS}/work/ann.vcf`,
      `${BOOKS}/work/none.vcf`,
      `${bobs}/contacts/b.vcf`,
      `${BOOKS}/none/x`,
    ]
    const entries = await cloud.report(
      '/work/',
      `<card:addressbook-multiget><d:prop><card:address-data/></d:prop>${hrefs.map((href) => `<d:href>${href}</d:href>`).join('')}</card:addressbook-multiget>`,
    )
    expect(entries.map(({ href, status }) => [href, status?.slice(9, 12)])).toEqual(
      hrefs.map((href, index) => [href, index === 0 ? undefined : '404']),
    )
    expect(entries[0]?.found['address-data']).toContain('FN:Ann Example')
  })

  it('refuses addresses outside the DAV server', async () => {
    const body = withNamespaces(
      '<card:addressbook-multiget><d:href>/etc/passwd</d:href></card:addressbook-multiget>',
    )
    expect(await cloud.status('REPORT', `${BOOKS}/work/`, { body })).toBe(403)
  })
})

describe('sync-collection (RFC 6578)', () => {
  async function sync(token: string, more = '') {
    const body = withNamespaces(
      `<d:sync-collection><d:sync-token>${token}</d:sync-token><d:sync-level>1</d:sync-level>${more}<d:prop><d:getetag/></d:prop></d:sync-collection>`,
    )
    const { status, text } = await cloud.send('REPORT', `${BOOKS}/work/`, { body })
    if (status !== 207) return { status, names: [], gone: [], token: '', text }
    const entries = entriesOf(text)
    return {
      status,
      names: names(entries.filter((entry) => entry.status === undefined)),
      gone: names(entries.filter((entry) => entry.status !== undefined)),
      token: syncTokenOf(text),
      text,
    }
  }

  it('tells everything at first, then what has changed', async () => {
    const first = await sync('')
    expect(first).toMatchObject({ names: ['ann', 'ben', 'cleo'], gone: [] })
    expect(await sync(first.token)).toMatchObject({ names: [], gone: [], token: first.token })
    await cloud.put('/work/ben.vcf', vcard('ben', 'FN:Ben'))
    await cloud.send('DELETE', `${BOOKS}/work/ann.vcf`)
    const second = await sync(first.token)
    expect(second).toMatchObject({ names: ['ben'], gone: ['ann'] })
    expect(second.text).toContain('<d:status>HTTP/1.1 404 Not Found</d:status>')
    await cloud.put('/work/ann.vcf', vcard('ann', 'FN:Ann again'))
    expect(await sync(second.token)).toMatchObject({ names: ['ann'], gone: [] })
    expect(await sync('')).toMatchObject({ names: ['cleo', 'ben', 'ann'], gone: [] })
  })

  it('goes on where a limit cut it', async () => {
    const limit = '<d:limit><d:nresults>2</d:nresults></d:limit>'
    const first = await sync('', limit)
    expect(first).toMatchObject({ names: ['ann', 'ben'] })
    expect(first.text).toContain('HTTP/1.1 507')
    const second = await sync(first.token, limit)
    expect(second).toMatchObject({ names: ['cleo'], gone: [] })
    expect(second.text).not.toContain('HTTP/1.1 507')
  })

  it('refuses tokens that it did not give, and levels beyond one', async () => {
    for (const token of ['x', 'http://sabre.io/ns/sync/99', 'http://sabre.io/ns/sync/-1']) {
      const refused = await sync(token)
      expect([refused.status, token]).toEqual([403, token])
      expect(refused.text).toContain('<d:valid-sync-token/>')
    }
    const body = withNamespaces(
      '<d:sync-collection><d:sync-token/><d:sync-level>infinite</d:sync-level></d:sync-collection>',
    )
    expect(await cloud.status('REPORT', `${BOOKS}/work/`, { body })).toBe(403)
    expect(await cloud.status('REPORT', `${BOOKS}/`, { body })).toBe(415)
  })
})

import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { DAVClient, DAVNamespaceShort, type DAVAddressBook, type DAVVCard } from 'tsdav'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

/** A client that knows the server's address only. */
async function tsdav(user: 'alice' | 'bob' = 'alice'): Promise<DAVClient> {
  const { userId, password } = nextcloud.users[user]
  const client = new DAVClient({
    serverUrl: nextcloud.baseUrl,
    credentials: { username: userId, password },
    authMethod: 'Basic',
    defaultAccountType: 'carddav',
  })
  await client.login()
  return client
}

async function book(client: DAVClient, name: string): Promise<DAVAddressBook> {
  const books = await client.fetchAddressBooks()
  const found = books.find(({ displayName }) => displayName === name)
  if (found === undefined) throw new Error(`no address book ${name}`)
  return found
}

function vcard(uid: string, name: string): string {
  return ['BEGIN:VCARD', 'VERSION:3.0', `UID:${uid}`, `FN:${name}`, 'END:VCARD', ''].join('\r\n')
}

describe('tsdav', () => {
  it('discovers home and books from the well-known address', async () => {
    const client = await tsdav()
    const root = `${nextcloud.baseUrl}/remote.php/dav`
    expect(client.account).toMatchObject({
      rootUrl: `${root}/`,
      principalUrl: `${root}/principals/users/alice/`,
      homeUrl: `${root}/addressbooks/users/alice/`,
    })
    const books = await client.fetchAddressBooks()
    expect(books.map(({ displayName, ctag }) => [displayName, String(ctag)])).toEqual([
      ['Contacts', '2'],
      ['Accounts', '5'],
      ['Recently contacted', 'http://sabre.io/ns/sync/0'],
    ])
    expect(books[0]?.reports).toEqual(
      expect.arrayContaining(['syncCollection', 'addressbookMultiget', 'addressbookQuery']),
    )
  })

  it('works with an access token', async () => {
    const { tokens } = await mintTokens({
      issuer: nextcloud.baseUrl,
      tokenFormat: 'opaque',
      user: nextcloud.users.alice,
      userAgent: createHttpUserAgent(),
    })
    const client = new DAVClient({
      serverUrl: nextcloud.baseUrl,
      credentials: { accessToken: tokens.access_token },
      authMethod: 'Bearer',
      defaultAccountType: 'carddav',
    })
    await client.login()
    expect(await client.fetchAddressBooks()).toHaveLength(3)
  })

  it('creates, reads, changes, finds and deletes a card', async () => {
    const client = await tsdav()
    const addressBook = await book(client, 'Contacts')
    const created = await client.createVCard({
      addressBook,
      filename: 'ann.vcf',
      vCardString: vcard('ann', 'Ann Example'),
    })
    expect(created.status).toBe(201)
    const cards = await client.fetchVCards({ addressBook })
    const ann = cards.find(({ url }) => url.endsWith('/ann.vcf'))
    expect(ann).toMatchObject({ etag: created.headers.get('etag'), data: vcard('ann', 'Ann Example').trim() })
    const changed = { url: ann?.url ?? '', etag: ann?.etag ?? '', data: vcard('ann', 'Ann Other') }
    const update = await client.updateVCard({ vCard: changed })
    expect(update.status).toBe(204)
    expect((await client.updateVCard({ vCard: changed })).status).toBe(412)
    const found = await client.addressBookQuery({
      url: addressBook.url,
      depth: '1',
      props: { [`${DAVNamespaceShort.DAV}:getetag`]: {} },
      filters: {
        'prop-filter': {
          _attributes: { name: 'FN' },
          'text-match': { _attributes: { 'match-type': 'ends-with' }, _text: 'other' },
        },
      },
    })
    expect(found.map(({ href, props }) => [href, props?.['getetag'] as unknown])).toEqual([
      ['/remote.php/dav/addressbooks/users/alice/contacts/ann.vcf', update.headers.get('etag')],
    ])
    expect((await client.deleteVCard({ vCard: changed })).status).toBe(412)
    const fresh = { ...changed, etag: update.headers.get('etag') ?? '' }
    expect((await client.deleteVCard({ vCard: fresh })).status).toBe(204)
  })

  it('keeps a copy in step', async () => {
    const client = await tsdav()
    const addressBook = await book(client, 'Contacts')
    const objects = await client.fetchVCards({ addressBook })
    const write = (name: string) =>
      client.createVCard({ addressBook, filename: `${name}.vcf`, vCardString: vcard(name, name) })
    await write('ann')
    await write('ben')
    const sync = (collection: DAVAddressBook, known: readonly DAVVCard[]) =>
      client.smartCollectionSyncDetailed({
        collection: {
          ...collection,
          objects: [...known],
          objectMultiGet: (request) => client.addressBookMultiGet(request),
        },
        method: 'webdav',
      })
    const first = await sync(addressBook, objects)
    expect(first.objects.created.map(({ url }) => url.split('/').at(-1)).sort()).toEqual([
      'ann.vcf',
      'ben.vcf',
    ])
    const [example] = objects
    if (example === undefined) throw new Error('the default book has no example')
    expect((await client.deleteVCard({ vCard: { url: example.url, etag: example.etag ?? '' } })).status).toBe(
      204,
    )
    const second = await sync(
      { ...addressBook, ...(first.syncToken === undefined ? {} : { syncToken: first.syncToken }) },
      objects,
    )
    expect(second.objects.deleted.map(({ url }) => url)).toEqual([example.url])
    expect(second.syncToken).not.toBe(first.syncToken)
  })

  it("does not see another user's cards", async () => {
    const alice = await tsdav()
    const addressBook = await book(alice, 'Contacts')
    await alice.createVCard({ addressBook, filename: 'ann.vcf', vCardString: vcard('ann', 'Ann') })
    const bob = await tsdav('bob')
    const [answer] = await bob.propfind({ url: addressBook.url, props: {}, depth: '1' })
    expect(answer?.status).toBe(404)
    expect(await bob.fetchVCards({ addressBook: await book(bob, 'Contacts') })).toHaveLength(1)
  })
})

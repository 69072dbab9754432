import { join } from 'node:path'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import type { Mode } from '../../src/servers/server.js'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'
import { TestSession, type ToolReply } from './support/mcp-http.js'
import { temporaryFolder } from './support/reference.js'

const PREFIX = 'nc_contacts_'

interface Listed {
  readonly vcard_id: string
  readonly getetag: string
  readonly contact: Record<string, unknown>
  readonly addressdata: string
}

/** A session with a reference server on an embedded Nextcloud; every answer is held to the tool's output schema. */
class Contacts {
  readonly nextcloud: EmbeddedNextcloud
  readonly #session: TestSession
  readonly #schemas: ReadonlyMap<string, Record<string, unknown>>
  readonly #ajv = new Ajv2020()

  private constructor(
    nextcloud: EmbeddedNextcloud,
    session: TestSession,
    schemas: ReadonlyMap<string, Record<string, unknown>>,
  ) {
    this.nextcloud = nextcloud
    this.#session = session
    this.#schemas = schemas
  }

  static async open(mode: Mode): Promise<Contacts> {
    const nextcloud = await startEmbeddedNextcloud()
    onTestFinished(() => nextcloud.stop())
    const { alice } = nextcloud.users
    const server = await startReferenceServer({
      mode,
      env: {
        NEXTCLOUD_HOST: nextcloud.internalUrl,
        ...(mode === 'basic'
          ? { NEXTCLOUD_USERNAME: alice.userId, NEXTCLOUD_PASSWORD: alice.password }
          : { NEXTCLOUD_OIDC_CLIENT_STORAGE: join(await temporaryFolder(), 'client.json') }),
      },
      mutants: [],
    })
    onTestFinished(() => server.stop())
    const minted =
      mode === 'basic'
        ? undefined
        : await mintTokens({
            scope: ALL_SCOPES.join(' '),
            issuer: nextcloud.baseUrl,
            tokenFormat: 'opaque',
            user: alice,
            userAgent: createHttpUserAgent(),
            resource: server.url,
          })
    const session = await TestSession.open(server.url, minted?.tokens.access_token)
    const { message } = await session.request('tools/list')
    const tools = message.result?.['tools'] as { name: string; outputSchema: Record<string, unknown> }[]
    return new Contacts(nextcloud, session, new Map(tools.map((tool) => [tool.name, tool.outputSchema])))
  }

  reply(tool: string, input: unknown = {}): Promise<ToolReply> {
    return this.#session.call(PREFIX + tool, input)
  }

  async call(tool: string, input: unknown = {}): Promise<Record<string, unknown>> {
    const reply = await this.reply(tool, input)
    expect(reply.isError, reply.content[0]?.text).toBeUndefined()
    expect(reply.content).toHaveLength(1)
    expect(JSON.parse(reply.content[0]?.text ?? '')).toEqual(reply.structuredContent)
    const schema = this.#schemas.get(PREFIX + tool) ?? {}
    expect(this.#ajv.validate(schema, reply.structuredContent), this.#ajv.errorsText()).toBe(true)
    return reply.structuredContent ?? {}
  }

  async failure(tool: string, input: unknown): Promise<string> {
    const reply = await this.reply(tool, input)
    expect(reply.isError).toBe(true)
    return reply.content[0]?.text ?? ''
  }

  async list(addressbook: string): Promise<readonly Listed[]> {
    return (await this.call('list_contacts', { addressbook }))['contacts'] as Listed[]
  }

  /** Stores a card that no tool wrote. */
  async put(path: string, vcard: string): Promise<void> {
    const { userId, password } = this.nextcloud.users.alice
    const response = await fetch(
      `${this.nextcloud.baseUrl}/remote.php/dav/addressbooks/users/${userId}/${path}`,
      {
        method: 'PUT',
        body: vcard,
        headers: { authorization: `Basic ${Buffer.from(`${userId}:${password}`).toString('base64')}` },
      },
    )
    expect(response.status).toBe(201)
  }
}

const FOREIGN = [
  'BEGIN:VCARD',
  'VERSION:4.0',
  'UID:foreign/1',
  'FN:Old Name',
  'item1.EMAIL;TYPE=HOME:old@example.com',
  'EMAIL;TYPE=WORK:work@example.com',
  'BDAY;VALUE=text:circa 1800',
  'X-CUSTOM;A=b:kept; as\\, is',
  'END:VCARD',
  '',
].join('\r\n')

describe.each(['basic', 'oauth'] as const)('the contacts tools in %s mode', (mode) => {
  it('make, fill and delete an address book', async () => {
    const contacts = await Contacts.open(mode)
    const book = { name: 'tools', display_name: 'Tools & <more>' }
    expect(await contacts.call('create_addressbook', book)).toMatchObject({ success: true, ...book })
    expect(await contacts.call('list_addressbooks')).toMatchObject({
      addressbooks: expect.arrayContaining([
        { name: 'contacts', display_name: 'Contacts', getctag: '2' },
        { ...book, getctag: '1' },
      ]),
      total_count: 4,
    })
    const created = await contacts.call('create_contact', {
      addressbook: 'tools',
      uid: 'ann',
      contact_data: { fn: 'Ann Example', email: 'ann@example.com', tel: '+1 555' },
    })
    expect(created).toMatchObject({ success: true, uid: 'ann', status_code: 201 })
    expect(created['href']).toBe('/remote.php/dav/addressbooks/users/alice/tools/ann.vcf')
    expect(await contacts.list('tools')).toMatchObject([
      {
        vcard_id: 'ann',
        getetag: created['etag'],
        contact: { fullname: 'Ann Example', email: ['ann@example.com'], tel: ['+1 555'], birthday: null },
        addressdata: expect.stringContaining('\r\nN:Example;Ann;;;\r\n'),
      },
    ])
    const target = { addressbook: 'tools', uid: 'ann' }
    const change = { ...target, contact_data: { nickname: 'Annie', bday: '1990-02-03' } }
    const updated = await contacts.call('update_contact', { ...change, etag: created['etag'] })
    expect(updated['etag']).not.toBe(created['etag'])
    expect((await contacts.list('tools'))[0]).toMatchObject({
      getetag: updated['etag'],
      contact: {
        fullname: 'Ann Example',
        nickname: 'Annie',
        birthday: '1990-02-03',
        email: ['ann@example.com'],
      },
    })
    expect(await contacts.failure('update_contact', { ...change, etag: created['etag'] })).toContain(
      'modified by someone else',
    )
    expect(await contacts.call('delete_contact', target)).toMatchObject({ uid: 'ann', status_code: 204 })
    expect(await contacts.list('tools')).toEqual([])
    expect(await contacts.call('delete_addressbook', { name: 'tools' })).toMatchObject({ status_code: 204 })
    expect(await contacts.failure('list_contacts', { addressbook: 'tools' })).toContain('not found')
  })
})

describe('the contacts tools', () => {
  it('change only what is asked for, also in a card that others wrote', async () => {
    const contacts = await Contacts.open('basic')
    await contacts.put('contacts/other-name.vcf', FOREIGN)
    const target = { addressbook: 'contacts', uid: 'foreign/1' }
    const stored = (await contacts.list('contacts')).find(({ vcard_id }) => vcard_id === target.uid)
    expect(stored?.contact).toMatchObject({ fullname: 'Old Name', birthday: 'circa 1800' })
    for (const etag of ['', stored?.getetag.replaceAll('"', '')]) {
      const email = etag === '' ? 'old@example.com' : 'new@example.com'
      await contacts.call('update_contact', { ...target, contact_data: { email }, etag })
    }
    const after = (await contacts.list('contacts')).find(({ vcard_id }) => vcard_id === target.uid)
    expect(after?.addressdata).toBe(FOREIGN.replace('old@example.com', 'new@example.com'))
    await contacts.call('delete_contact', target)
    expect(await contacts.failure('delete_contact', target)).toBe(
      'Contact foreign/1 not found in address book contacts',
    )
  })

  it('keep contacts under UIDs that are no file names', async () => {
    const contacts = await Contacts.open('basic')
    for (const uid of [
      '../../bob/contacts/x',
      'a/b',
      '..',
      '100%',
      'a%2Fb',
      'q?x=1#y',
      'ü 📝',
      '\\',
      'urn:uuid:1',
    ]) {
      const target = { addressbook: 'contacts', uid }
      await contacts.call('create_contact', { ...target, contact_data: { fn: uid } })
      expect(await contacts.failure('create_contact', { ...target, contact_data: { fn: uid } })).toContain(
        'already exists',
      )
      await contacts.call('update_contact', { ...target, contact_data: { note: `of ${uid}` } })
      const [found, ...others] = (await contacts.list('contacts')).filter(({ vcard_id }) => vcard_id === uid)
      expect([found?.contact['note'], others]).toEqual([`of ${uid}`, []])
      await contacts.call('delete_contact', target)
    }
  })

  it('say what is missing, there already or not allowed', async () => {
    const contacts = await Contacts.open('basic')
    const contact_data = { fn: 'x', email: 'x@example.com' }
    const missing = { addressbook: 'none', uid: 'x' }
    expect(await contacts.failure('list_contacts', { addressbook: 'none' })).toBe(
      'Address book none not found',
    )
    expect(await contacts.failure('delete_addressbook', { name: 'none' })).toBe('Address book none not found')
    for (const [tool, input] of [
      ['create_contact', { ...missing, contact_data }],
      ['update_contact', { ...missing, contact_data }],
      ['delete_contact', missing],
    ] as const) {
      expect(await contacts.failure(tool, input), tool).toBe('Address book none not found')
    }
    expect(
      await contacts.failure('update_contact', { addressbook: 'contacts', uid: 'x', contact_data }),
    ).toBe('Contact x not found in address book contacts')
    expect(await contacts.failure('create_addressbook', { name: 'contacts', display_name: 'x' })).toBe(
      'Address book contacts already exists',
    )
    const system = { addressbook: 'z-server-generated--system', uid: 'x', contact_data }
    expect(await contacts.failure('create_contact', system)).toContain('Access denied')
    expect(await contacts.failure('delete_addressbook', { name: system.addressbook })).toContain(
      'Access denied',
    )
  })

  it('refuse arguments that lead elsewhere or make no contact', async () => {
    const contacts = await Contacts.open('basic')
    const contact_data = { fn: 'x' }
    for (const [tool, input] of [
      ['delete_addressbook', { name: '..' }],
      ['delete_addressbook', { name: '.' }],
      ['delete_addressbook', { name: '../bob' }],
      ['delete_addressbook', { name: '' }],
      ['list_contacts', { addressbook: 'contacts/../../bob/contacts' }],
      ['create_contact', { addressbook: 'contacts', uid: '', contact_data }],
      ['create_contact', { addressbook: 'contacts', uid: 'a\0b', contact_data }],
      ['create_contact', { addressbook: 'contacts', uid: 'x', contact_data: { email: 'x' } }],
      [
        'create_contact',
        { addressbook: 'contacts', uid: 'x', contact_data: { fn: 'x', bday: '1990-13-01' } },
      ],
      ['create_contact', { addressbook: 'contacts', uid: 'x', contact_data: { fn: 'x', phone: '1' } }],
      ['update_contact', { addressbook: 'contacts', uid: 'x', contact_data: { fn: null } }],
    ] as const) {
      expect(await contacts.failure(tool, input), JSON.stringify(input)).toContain('Invalid arguments')
    }
    expect(await contacts.list('contacts')).toHaveLength(1)
  })
})

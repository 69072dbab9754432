import { describe, expect, it } from 'vitest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { TestSession } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer } from './support/reference.js'

const TOOL_NAMES = [
  'nc_notes_create_note',
  'nc_notes_get_note',
  'nc_notes_update_note',
  'nc_notes_append_content',
  'nc_notes_search_notes',
  'nc_notes_delete_note',
  'nc_notes_get_attachment',
]

interface ListedTool {
  readonly name: string
  readonly description: string
  readonly inputSchema: Record<string, unknown>
  readonly outputSchema: Record<string, unknown>
}

async function listTools(session: TestSession): Promise<ListedTool[]> {
  const { message } = await session.request('tools/list')
  return message.result?.['tools'] as ListedTool[]
}

describe('the tool list', () => {
  it('is the same in both modes, with valid schemas', async () => {
    const nextcloud = await fakeNextcloud()
    const basic = await listTools(await TestSession.open((await basicServer(nextcloud)).url))
    const { url } = await oauthServer(nextcloud)
    const oauth = await listTools(
      await TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url })),
    )
    expect(basic.map(({ name }) => name)).toEqual(expect.arrayContaining(TOOL_NAMES))
    expect(oauth).toEqual(basic)
    const ajv = new Ajv2020()
    for (const tool of basic) {
      expect(ajv.validateSchema(tool.inputSchema), tool.name).toBe(true)
      expect(ajv.validateSchema(tool.outputSchema), tool.name).toBe(true)
      expect(tool.description).not.toBe('')
    }
  })
})

describe('the notes tools', () => {
  it('create, read, update, append, search and delete', async () => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    const ajv = new Ajv2020()
    const schemas = new Map((await listTools(session)).map(({ name, outputSchema }) => [name, outputSchema]))
    const call = async (name: string, input: unknown): Promise<Record<string, unknown>> => {
      const reply = await session.call(name, input)
      expect(reply.isError, reply.content[0]?.text).toBeUndefined()
      expect(JSON.parse(reply.content[0]?.text ?? '')).toEqual(reply.structuredContent)
      expect(ajv.validate(schemas.get(name) ?? {}, reply.structuredContent), ajv.errorsText()).toBe(true)
      return reply.structuredContent ?? {}
    }
    const title = 'Grocery list 👩‍👩‍👧'
    const created = await call('nc_notes_create_note', { title, content: 'milk', category: 'Home/Food' })
    const note_id = created['id']
    expect(await call('nc_notes_get_note', { note_id })).toMatchObject({
      id: note_id,
      title,
      content: 'milk',
      category: 'Home/Food',
    })
    const update = { note_id, etag: created['etag'], title: null, content: 'bread', category: null }
    const updated = await call('nc_notes_update_note', update)
    expect(updated).toMatchObject({ success: true, title, category: 'Home/Food' })
    await call('nc_notes_append_content', { note_id, content: 'eggs' })
    expect(await call('nc_notes_get_note', { note_id })).toMatchObject({ content: 'bread\n---\neggs' })
    expect(await call('nc_notes_search_notes', { query: 'GROCERY x' })).toMatchObject({
      total_found: 1,
      results: [{ id: note_id, score: 3 }],
    })
    expect(await call('nc_notes_search_notes', { query: '' })).toMatchObject({ results: [] })
    expect(
      await call('nc_notes_get_attachment', { note_id, attachment_filename: 'picture.bin' }),
    ).toMatchObject({ data: 'AP8B' })
    expect(nextcloud.requests.at(-1)?.path).toContain('/files/alice/Notes/Home/Food/.attachments.')
    expect(await call('nc_notes_delete_note', { note_id })).toMatchObject({
      deleted_id: note_id,
      status_code: 200,
    })
    expect(nextcloud.notes.size).toBe(0)
  })

  it('append to an empty note without a separator', async () => {
    const session = await TestSession.open((await basicServer(await fakeNextcloud())).url)
    const { structuredContent } = await session.call('nc_notes_create_note', {
      title: 't',
      content: '',
      category: '',
    })
    const note_id = structuredContent?.['id']
    await session.call('nc_notes_append_content', { note_id, content: 'first' })
    expect((await session.call('nc_notes_get_note', { note_id })).structuredContent).toMatchObject({
      content: 'first',
    })
  })

  it('search all chunks', async () => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    for (let id = 1; id <= 120; id++) {
      nextcloud.notes.set(id, {
        id,
        owner: 'alice',
        title: `needle ${String(id)}`,
        content: '',
        category: '',
        version: 1,
      })
    }
    const { structuredContent } = await session.call('nc_notes_search_notes', { query: 'needle' })
    expect(structuredContent).toMatchObject({ total_found: 120 })
  })

  it('refuse a stale etag and leave the note alone', async () => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    const { structuredContent } = await session.call('nc_notes_create_note', {
      title: 't',
      content: 'c',
      category: '',
    })
    const update = {
      note_id: structuredContent?.['id'],
      etag: 'etag-0',
      title: null,
      content: 'lost',
      category: null,
    }
    const reply = await session.call('nc_notes_update_note', update)
    expect(reply.isError).toBe(true)
    expect(reply.content[0]?.text).toContain('has been modified by someone else')
    expect([...nextcloud.notes.values()][0]?.content).toBe('c')
  })

  it('say that a missing note is not found', async () => {
    const session = await TestSession.open((await basicServer(await fakeNextcloud())).url)
    const inputs = {
      nc_notes_get_note: {},
      nc_notes_update_note: { etag: 'x', title: 't', content: null, category: null },
      nc_notes_append_content: { content: 'x' },
      nc_notes_delete_note: {},
    }
    for (const [name, input] of Object.entries(inputs)) {
      const reply = await session.call(name, { note_id: 999_999, ...input })
      expect(reply).toMatchObject({ isError: true, content: [{ text: 'Note 999999 not found' }] })
    }
    const attachment = await session.call('nc_notes_get_attachment', {
      note_id: 999_999,
      attachment_filename: 'a.txt',
    })
    expect(attachment.content[0]?.text).toBe('Attachment a.txt not found for note 999999')
  })

  it.each(['../../bob/files/x', 'a/b', '..', '', 'a\\b'])(
    'do not read an attachment named %j',
    async (name) => {
      const nextcloud = await fakeNextcloud()
      const session = await TestSession.open((await basicServer(nextcloud)).url)
      await session.call('nc_notes_create_note', { title: 't', content: '', category: '' })
      const reply = await session.call('nc_notes_get_attachment', { note_id: 1, attachment_filename: name })
      expect([reply.isError, nextcloud.count('/remote.php')]).toEqual([true, 0])
    },
  )

  it.each([
    [{}, /note_id.*missing/],
    [{ note_id: null }, /note_id/],
    [{ note_id: 'one' }, /note_id/],
    [{ note_id: 1.5 }, /note_id/],
    [{ note_id: 1, colour: 'red' }, /colour/],
  ])('name the argument that is wrong in %j, and ask nothing of Nextcloud', async (input, text) => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    const reply = await session.call('nc_notes_get_note', input)
    expect([reply.isError, nextcloud.requests.length]).toEqual([true, 0])
    expect(reply.content[0]?.text).toMatch(text)
  })

  it.each([
    [403, 'Access denied to note 1'],
    [
      401,
      'Nextcloud refused the configured credentials (HTTP 401): check NEXTCLOUD_USERNAME and NEXTCLOUD_PASSWORD',
    ],
    [429, 'rate limited'],
    [503, 'unavailable'],
    [500, 'Failed to retrieve note 1'],
    [302, 'redirected'],
    [200, 'no JSON'],
  ])('word status %i of Nextcloud, without its page', async (status, text) => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    nextcloud.interfere = () =>
      new Response('<html>page</html>', { status, headers: { Location: 'https://other.example/' } })
    const reply = await session.call('nc_notes_get_note', { note_id: 1 })
    expect(reply.isError).toBe(true)
    expect(reply.content[0]?.text).toContain(text)
    expect(reply.content[0]?.text).not.toContain('html')
    expect(nextcloud.requests.length).toBe(1)
  })

  it('say that Nextcloud is not reachable, and work again when it is', async () => {
    const nextcloud = await fakeNextcloud()
    const server = await basicServer(nextcloud, [], { NEXTCLOUD_HOST: 'http://127.0.0.1:9' })
    const session = await TestSession.open(server.url)
    const reply = await session.call('nc_notes_get_note', { note_id: 1 })
    expect(reply).toMatchObject({ isError: true, content: [{ text: 'Nextcloud is not reachable' }] })
    expect((await session.request('tools/list')).status).toBe(200)
  })
})

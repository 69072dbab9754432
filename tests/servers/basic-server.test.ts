import { describe, expect, it } from 'vitest'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { Sessions } from '../../src/servers/sessions.js'
import type { Caller } from '../../src/servers/caller.js'
import { NextcloudClient } from '../../src/servers/nextcloud-client.js'
import { INITIALIZE, rawStatus, send, TestSession } from './support/mcp-http.js'
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
    expect(basic.map(({ name }) => name)).toEqual(TOOL_NAMES)
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

describe('resources and prompts', () => {
  it('are listed and read', async () => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    const { message } = await session.request('resources/list')
    expect((message.result?.['resources'] as { uri: string }[]).map(({ uri }) => uri)).toEqual([
      'nc://capabilities',
      'notes://settings',
    ])
    const templates = await session.request('resources/templates/list')
    expect(templates.message.result).toMatchObject({
      resourceTemplates: [{ uriTemplate: 'nc://Notes/{note_id}' }],
    })
    expect((await session.request('prompts/list')).message.result).toEqual({ prompts: [] })
    await session.call('nc_notes_create_note', { title: 't', content: 'c', category: '' })
    for (const [uri, part] of [
      ['nc://capabilities', 'capabilities'],
      ['notes://settings', 'notesPath'],
      ['nc://Notes/1', '"content":"c"'],
    ]) {
      const { message: read } = await session.request('resources/read', { uri })
      expect(JSON.stringify(read.result)).toContain(part?.replaceAll('"', '\\"'))
    }
  })

  it('that do not exist are not found', async () => {
    const session = await TestSession.open((await basicServer(await fakeNextcloud())).url)
    for (const uri of ['nc://Notes/999', 'nc://Notes/abc', 'nc://nothing']) {
      expect((await session.request('resources/read', { uri })).message.error?.code).toBe(-32_002)
    }
    expect((await session.request('prompts/get', { name: 'x' })).message.error?.code).toBe(-32_602)
  })
})

describe('the protocol', () => {
  it.each(['2025-06-18', '2025-11-25'])('is spoken in revision %s', async (protocolVersion) => {
    const { url } = await basicServer(await fakeNextcloud())
    const { message } = await send(url, { ...INITIALIZE, params: { ...INITIALIZE.params, protocolVersion } })
    expect(message.result).toMatchObject({
      protocolVersion,
      serverInfo: {
        name: 'nc-mcp-conformance reference server',
        version: expect.stringMatching(/^\d/) as string,
      },
      capabilities: { tools: {}, resources: {}, prompts: {} },
    })
  })

  it('answers wrong requests as JSON-RPC and Streamable HTTP ask', async () => {
    const { url } = await basicServer(await fakeNextcloud())
    const session = await TestSession.open(url)
    const version = { headers: { 'MCP-Protocol-Version': '1999-01-01' } }
    expect((await session.request('tools/list', {}, version)).status).toBe(400)
    expect((await session.request('tools/list', { cursor: 'invented' })).message.error?.code).toBe(-32_602)
    expect((await session.request('tools/call', { name: 'nothing' })).message.error?.code).toBe(-32_602)
    expect((await session.request('no/such/method')).message.error?.code).toBe(-32_601)
    const inSession = { session: session.id }
    expect((await send(url, '{"jsonrpc":', inSession)).message.error?.code).toBe(-32_700)
    expect((await send(url, { id: 7 }, inSession)).message).toMatchObject({ id: 7, error: { code: -32_600 } })
    expect((await send(url, [INITIALIZE], inSession)).message.error?.message).toContain('Batches')
    expect((await send(url, INITIALIZE, { headers: { 'Content-Type': 'text/plain' } })).status).toBe(415)
    const notification = await send(url, { jsonrpc: '2.0', method: 'notifications/unknown' }, inSession)
    expect([notification.status, notification.text]).toEqual([202, ''])
    expect((await send(url, undefined, { ...inSession, method: 'PUT' })).status).toBe(405)
    expect((await send(url.replace('/mcp', '/other'), INITIALIZE)).status).toBe(404)
  })

  it('ends a session by DELETE, and answers unknown and missing ids', async () => {
    const { url } = await basicServer(await fakeNextcloud())
    const session = await TestSession.open(url)
    expect(session.id).toMatch(/^[\x21-\x7e]{22,}$/)
    expect((await send(url, undefined, { method: 'DELETE', session: session.id })).status).toBe(200)
    expect((await session.request('tools/list')).status).toBe(404)
    expect((await session.request('tools/list', {}, { session: 'unknown' })).status).toBe(404)
    expect((await session.request('tools/list', {}, { session: undefined })).status).toBe(400)
    expect((await send(url, undefined, { method: 'GET' })).status).toBe(400)
  })

  it('keeps a bounded number of sessions and ends idle ones', async () => {
    let nowMs = 0
    const limits = { maxSessions: 2, idleMs: 1_000, nowMs: () => nowMs }
    const sessions = new Sessions({ mode: 'basic', mutants: new Set(), log: () => undefined }, limits)
    const nextcloud = new NextcloudClient({
      baseUrl: '',
      credentials: () => Promise.resolve({ scheme: 'none' }),
      mutants: new Set(),
      lifecycle: { die: () => undefined },
    })
    const caller: Caller = { principal: 'alice', nextcloud }
    const post = async (body: unknown, session?: string): Promise<Response> => {
      const headers = new Headers({
        'Content-Type': 'application/json',
        Accept: 'application/json, text/event-stream',
      })
      if (session !== undefined) headers.set('Mcp-Session-Id', session)
      return sessions.handle(new Request('http://127.0.0.1/mcp', { method: 'POST', headers }), body, caller)
    }
    const open = async (): Promise<string> => (await post(INITIALIZE)).headers.get('Mcp-Session-Id') ?? ''
    const ping = async (id: string): Promise<number> =>
      (await post({ jsonrpc: '2.0', id: 1, method: 'ping' }, id)).status
    const [first, second] = [await open(), await open()]
    expect(await ping(first)).toBe(200)
    const third = await open()
    expect([sessions.size, await ping(first), await ping(second), await ping(third)]).toEqual([
      2, 200, 404, 200,
    ])
    nowMs = 999
    await ping(third)
    nowMs = 1_500
    sessions.endIdle()
    expect([sessions.size, await ping(first), await ping(third)]).toEqual([1, 404, 200])
    sessions.close()
    expect(sessions.size).toBe(0)
  })
})

describe('Host and Origin', () => {
  it.each(['https://evil.example', 'null', 'http://127.0.0.1.evil.example', 'http://localhost:1'])(
    'are checked: the origin %s is refused for every method',
    async (origin) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await basicServer(nextcloud)
      const oauth = await oauthServer(nextcloud)
      for (const endpoint of [url, oauth.url]) {
        for (const method of ['POST', 'GET', 'DELETE', 'OPTIONS']) {
          const body = method === 'POST' ? INITIALIZE : undefined
          const reply = await send(endpoint, body, { method, headers: { Origin: origin } })
          expect([reply.status, reply.headers.get('Access-Control-Allow-Origin')]).toEqual([403, null])
        }
      }
    },
  )

  it('are accepted as loopback names with the port, and as the configured public URL', async () => {
    const { url } = await basicServer(await fakeNextcloud(), [], {
      NEXTCLOUD_MCP_SERVER_URL: 'https://mcp.example/mcp',
    })
    const { port } = new URL(url)
    const status = (host: string, ...origin: string[]): Promise<number | undefined> =>
      rawStatus(url, ['Host', host, ...origin.flatMap((value) => ['Origin', value])])
    for (const origin of ['localhost', '127.0.0.1', '[::1]'].map((name) => `http://${name}:${port}`)) {
      expect(await status(new URL(origin).host, origin), origin).toBe(200)
    }
    expect(await status('mcp.example', 'https://mcp.example')).toBe(200)
    for (const host of ['evil.example', `evil.example:${port}`, 'localhost']) {
      expect(await status(host), host).toBe(403)
    }
  })
})

describe('configuration and credentials', () => {
  it.each([
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: '' }],
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: 'no url' }],
    ['NEXTCLOUD_HOST', { NEXTCLOUD_HOST: 'http://alice:s3cret@127.0.0.1' }],
    ['NEXTCLOUD_PASSWORD', { NEXTCLOUD_PASSWORD: '' }],
    ['NEXTCLOUD_USERNAME', { NEXTCLOUD_USERNAME: '' }],
  ])('stops the start naming %s: %j', async (name, change) => {
    const env = {
      NEXTCLOUD_HOST: 'http://127.0.0.1',
      NEXTCLOUD_USERNAME: 'alice',
      NEXTCLOUD_PASSWORD: 's3cret',
      ...change,
    }
    const start = startReferenceServer({ mode: 'basic', env })
    await expect(start).rejects.toMatchObject({
      code: 'NCMC_USAGE',
      message: expect.stringContaining(name) as string,
    })
    await expect(startReferenceServer({ mode: 'basic', env })).rejects.not.toMatchObject({
      message: expect.stringContaining('s3cret') as string,
    })
  })

  it('of the MCP client are ignored', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await basicServer(nextcloud)
    const session = await TestSession.open(url, 'a-token-of-the-client')
    await session.call('nc_notes_create_note', { title: 't', content: '', category: '' })
    expect([...nextcloud.notes.values()][0]?.owner).toBe('alice')
    expect(nextcloud.requests.at(-1)?.authorization).toMatch(/^Basic /)
  })

  it('work again after the password was put right', async () => {
    const nextcloud = await fakeNextcloud()
    const server = await basicServer(nextcloud, [], { NEXTCLOUD_PASSWORD: 'new-password' })
    const session = await TestSession.open(server.url)
    const refused = await session.call('nc_notes_search_notes', { query: 'x' })
    expect(refused.content[0]?.text).toContain('credentials')
    expect(nextcloud.requests.length).toBe(1)
    nextcloud.passwords.set('alice', 'new-password')
    expect((await session.call('nc_notes_search_notes', { query: 'x' })).isError).toBeUndefined()
  })

  it('report a taken port', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await basicServer(nextcloud)
    const env = { NEXTCLOUD_HOST: nextcloud.url, NEXTCLOUD_USERNAME: 'alice', NEXTCLOUD_PASSWORD: 'x' }
    const start = startReferenceServer({ mode: 'basic', env, port: Number(new URL(url).port) })
    await expect(start).rejects.toMatchObject({ code: 'NCMC_PORT_IN_USE' })
  })
})

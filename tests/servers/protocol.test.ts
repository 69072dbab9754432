import { describe, expect, it } from 'vitest'
import { Sessions } from '../../src/servers/sessions.js'
import type { Caller } from '../../src/servers/caller.js'
import { NextcloudClient } from '../../src/servers/nextcloud-client.js'
import { INITIALIZE, send, TestSession } from './support/mcp-http.js'
import { basicServer, fakeNextcloud } from './support/reference.js'

describe('resources and prompts', () => {
  it('are listed and read', async () => {
    const nextcloud = await fakeNextcloud()
    const session = await TestSession.open((await basicServer(nextcloud)).url)
    const { message } = await session.request('resources/list')
    expect((message.result?.['resources'] as { uri: string }[]).map(({ uri }) => uri)).toEqual(
      expect.arrayContaining(['nc://capabilities', 'notes://settings']),
    )
    const templates = await session.request('resources/templates/list')
    const listed = templates.message.result?.['resourceTemplates'] as { uriTemplate: string }[]
    expect(listed.map(({ uriTemplate }) => uriTemplate)).toEqual(
      expect.arrayContaining([
        'nc://Notes/{note_id}',
        'nc://Notes/{note_id}/attachments/{attachment_filename}',
      ]),
    )
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
    const caller: Caller = { principal: 'alice', scopes: 'unrestricted', nextcloud }
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

import { join } from 'node:path'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { mintTokens } from '../../src/oauth/tokens.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import type { Mode, RunningServer, ServerEnv } from '../../src/servers/server.js'
import { ALL_SCOPES } from '../../src/servers/scopes.js'
import { startReferenceServer } from '../../src/servers/start.js'
import { createHttpUserAgent } from '../../src/user-agent/http.js'
import { network } from '../setup/network-guard.js'
import { INITIALIZE, send, TestSession } from './support/mcp-http.js'
import { temporaryFolder } from './support/reference.js'

async function embedded(): Promise<EmbeddedNextcloud> {
  const nextcloud = await startEmbeddedNextcloud()
  onTestFinished(() => nextcloud.stop())
  return nextcloud
}

async function server(
  mode: Mode,
  nextcloud: EmbeddedNextcloud,
  mutants: readonly ServerMutant[] = [],
  env: Partial<ServerEnv> = {},
): Promise<RunningServer> {
  const { alice } = nextcloud.users
  const credentials = { NEXTCLOUD_USERNAME: alice.userId, NEXTCLOUD_PASSWORD: alice.password }
  const storage = { NEXTCLOUD_OIDC_CLIENT_STORAGE: join(await temporaryFolder(), 'client.json') }
  const running = await startReferenceServer({
    mode,
    env: { NEXTCLOUD_HOST: nextcloud.internalUrl, ...(mode === 'basic' ? credentials : storage), ...env },
    mutants,
  })
  onTestFinished(() => running.stop())
  return running
}

async function mint(
  nextcloud: EmbeddedNextcloud,
  tokenFormat: 'opaque' | 'jwt',
  resource: string | undefined,
  user: 'alice' | 'bob' = 'alice',
): Promise<string> {
  const { tokens } = await mintTokens({
    scope: ALL_SCOPES.join(' '),
    issuer: nextcloud.baseUrl,
    tokenFormat,
    user: nextcloud.users[user],
    userAgent: createHttpUserAgent(),
    ...(resource === undefined ? {} : { resource }),
  })
  return tokens.access_token
}

/** All notes tools once; returns the answers without what differs between runs. */
async function roundTrip(url: string, token?: string): Promise<unknown[]> {
  const session = await TestSession.open(url, token)
  const created = await session.call('nc_notes_create_note', {
    title: 'Round trip',
    content: 'one',
    category: 'A/B',
  })
  const note_id = created.structuredContent?.['id']
  const etag = created.structuredContent?.['etag']
  const change = { note_id, etag, title: null, content: 'two', category: null }
  const answers = [
    created,
    await session.call('nc_notes_update_note', change),
    await session.call('nc_notes_update_note', change),
    await session.call('nc_notes_append_content', { note_id, content: 'three' }),
    await session.call('nc_notes_get_note', { note_id }),
    await session.call('nc_notes_search_notes', { query: 'round trip' }),
    await session.call('nc_notes_get_attachment', { note_id, attachment_filename: 'none.txt' }),
    await session.call('nc_notes_delete_note', { note_id }),
    await session.call('nc_notes_get_note', { note_id }),
    await session.call('nc_notes_get_note', { note_id: 999_999 }),
  ]
  for (const uri of ['nc://capabilities', 'notes://settings']) {
    expect((await session.request('resources/read', { uri })).message.error).toBeUndefined()
  }
  return answers.map(({ isError, content, structuredContent }) =>
    isError === true
      ? content[0]?.text.replaceAll(String(note_id), 'ID')
      : {
          ...structuredContent,
          id: 0,
          etag: '',
          timestamp: '',
          modified: 0,
          deleted_id: 0,
          message: '',
          results: 0,
        },
  )
}

describe('on the embedded Nextcloud', () => {
  it('both modes work alike, with opaque and JWT tokens of a real flow', async () => {
    const nextcloud = await embedded()
    const basic = await roundTrip((await server('basic', nextcloud)).url)
    expect(basic).toMatchObject([
      { title: 'Round trip', category: 'A/B' },
      { success: true, category: 'A/B' },
      expect.stringContaining('modified by someone else'),
      { success: true },
      { content: 'two\n---\nthree' },
      { total_found: 1 },
      expect.stringMatching(/attachment/i),
      { status_code: 200 },
      'Note ID not found',
      'Note 999999 not found',
    ])
    const { url } = await server('oauth', nextcloud)
    for (const format of ['opaque', 'jwt'] as const) {
      expect(await roundTrip(url, await mint(nextcloud, format, url)), format).toEqual(basic)
    }
  })

  it('tokens for nobody or for another resource are refused', async () => {
    const nextcloud = await embedded()
    const { url } = await server('oauth', nextcloud)
    for (const format of ['opaque', 'jwt'] as const) {
      expect((await send(url, INITIALIZE, { token: await mint(nextcloud, format, url) })).status).toBe(200)
      for (const resource of [undefined, 'http://other.example/mcp']) {
        const token = await mint(nextcloud, format, resource)
        expect((await send(url, INITIALIZE, { token })).status, `${format} ${String(resource)}`).toBe(401)
      }
    }
  })

  it('an expired opaque token is refused, and accepted by the mutant only', async () => {
    const nextcloud = await embedded()
    const model = await server('oauth', nextcloud)
    const mutant = await server('oauth', nextcloud, ['s-expired-accepted'])
    const [forModel, forMutant] = [
      await mint(nextcloud, 'opaque', model.url),
      await mint(nextcloud, 'opaque', mutant.url),
    ]
    // Past the real life of an opaque token (1,800 s), within that of its client (3,600 s).
    nextcloud.clock.shift(2_000)
    expect((await send(model.url, INITIALIZE, { token: forModel })).status).toBe(401)
    expect((await send(mutant.url, INITIALIZE, { token: forMutant })).status).toBe(200)
  })

  it('a forged JWT that userinfo would honour is refused, and accepted by the mutant only', async () => {
    const nextcloud = await embedded()
    const model = await server('oauth', nextcloud)
    const mutant = await server('oauth', nextcloud, ['s-fallback-overrides-failure'])
    for (const [url, status] of [
      [model.url, 401],
      [mutant.url, 200],
    ] as const) {
      const claims = {
        iss: 'http://other.example',
        sub: 'alice',
        aud: url,
        client_id: 'x',
        exp: Date.now() / 1000 + 60,
      }
      const token = await nextcloud.twin.signJwt({ header: { alg: 'RS256', typ: 'at+jwt' }, claims })
      nextcloud.twin.honourToken(token, 'alice')
      expect((await send(url, INITIALIZE, { token })).status).toBe(status)
    }
  })

  it('an outage is 503 for tokens and a tool error in basic mode, and passes', async () => {
    const nextcloud = await embedded()
    const oauth = await server('oauth', nextcloud)
    const basic = await TestSession.open((await server('basic', nextcloud)).url)
    const token = await mint(nextcloud, 'opaque', oauth.url)
    for (const kind of [
      'refuse',
      'status-500',
      'status-502-html',
      'status-200-html',
      'status-200-empty-object',
    ] as const) {
      const lift = nextcloud.twin.inject({ scope: 'all', kind })
      expect((await send(oauth.url, INITIALIZE, { token })).status, kind).toBe(503)
      expect((await basic.call('nc_notes_get_note', { note_id: 1 })).isError, kind).toBe(true)
      lift()
    }
    await nextcloud.twin.suspend()
    expect((await send(oauth.url, INITIALIZE, { token })).status).toBe(503)
    const unreachable = await basic.call('nc_notes_get_note', { note_id: 1 })
    expect(unreachable.content[0]?.text).toBe('Nextcloud is not reachable')
    await nextcloud.twin.resume()
    expect((await send(oauth.url, INITIALIZE, { token })).status).toBe(200)
    expect((await basic.call('nc_notes_search_notes', { query: 'x' })).isError).toBeUndefined()
  })

  it('a wrong password gives tool errors until it is put right', async () => {
    const nextcloud = await embedded()
    const { url } = await server('basic', nextcloud, [], { NEXTCLOUD_PASSWORD: 'not-yet-the-password' })
    const session = await TestSession.open(url)
    const refused = await session.call('nc_notes_search_notes', { query: 'x' })
    expect(refused.content[0]?.text).toContain('credentials')
    await nextcloud.admin.setUserPassword('alice', 'not-yet-the-password')
    expect((await session.call('nc_notes_search_notes', { query: 'x' })).isError).toBeUndefined()
  })

  it("the SDK's client is content", async () => {
    // It cancels bodies of answers, which never ends for the copies that msw makes.
    network.close()
    const nextcloud = await embedded()
    const { url } = await server('basic', nextcloud)
    const client = new Client({ name: 'test', version: '1' })
    const transport = new StreamableHTTPClientTransport(new URL(url))
    await client.connect(transport)
    onTestFinished(() => client.close())
    expect((await client.listTools()).tools.length).toBeGreaterThanOrEqual(7)
    const input = { title: 'from the SDK', content: '', category: '' }
    const result = await client.callTool({ name: 'nc_notes_create_note', arguments: input })
    expect(result.structuredContent).toMatchObject({ title: 'from the SDK' })
    expect((await client.listPrompts()).prompts).toEqual([])
    await transport.terminateSession()
  })
})

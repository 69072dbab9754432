import { describe, expect, it } from 'vitest'
import { ALL_SCOPES, IDENTITY_SCOPES } from '../../src/servers/scopes.js'
import { listedTools } from '../../src/servers/tools/catalogue.js'
import { INITIALIZE, send, TestSession, type McpReply } from './support/mcp-http.js'
import { basicServer, fakeNextcloud, oauthServer } from './support/reference.js'
import type { FakeNextcloud } from './support/fake-nextcloud.js'

const NOTE = { title: 't', content: 'c', category: '' }

/** What a list method of the session shows, by this member of its entries. */
async function listed(session: TestSession, method: string, list: string, member: string): Promise<string[]> {
  const { message } = await session.request(method)
  return (message.result?.[list] as Record<string, string>[]).map((entry) => entry[member] ?? '')
}

const toolsOf = (session: TestSession): Promise<string[]> => listed(session, 'tools/list', 'tools', 'name')

async function sessionWith(nextcloud: FakeNextcloud, url: string, scope: string): Promise<TestSession> {
  return TestSession.open(url, nextcloud.issue({ sub: 'alice', resource: url, scope }))
}

function challengeOf({ headers }: McpReply): string {
  return headers.get('WWW-Authenticate') ?? ''
}

describe('the scopes of a token', () => {
  it('are declared for every tool: reading where it changes nothing, else writing', () => {
    const tools = listedTools({ mode: 'oauth', mutants: new Set() })
    for (const { scope, annotations, name } of tools) {
      expect(ALL_SCOPES, name).toContain(scope)
      expect(scope.endsWith('.read'), name).toBe(annotations.readOnlyHint)
    }
    expect(new Set(tools.map(({ scope }) => scope)).size).toBe(ALL_SCOPES.length - IDENTITY_SCOPES.length)
  })

  it('decide which tools and resources are listed', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const reader = await sessionWith(nextcloud, url, 'openid notes.read')
    const tools = await toolsOf(reader)
    expect(tools).toContain('nc_notes_get_note')
    expect(tools).not.toContain('nc_notes_create_note')
    expect(tools.every((name) => name.startsWith('nc_notes_'))).toBe(true)
    expect(await listed(reader, 'resources/list', 'resources', 'uri')).toEqual([
      'nc://capabilities',
      'notes://settings',
    ])
    const templates = await listed(reader, 'resources/templates/list', 'resourceTemplates', 'uriTemplate')
    expect(templates.every((template) => template.startsWith('nc://Notes/'))).toBe(true)
    expect(await toolsOf(await sessionWith(nextcloud, url, ''))).toEqual([])
    expect(await toolsOf(await sessionWith(nextcloud, url, ALL_SCOPES.join(' ')))).toEqual(
      await toolsOf(await TestSession.open((await basicServer(nextcloud)).url)),
    )
  })

  it('decide which tools can be called: 403 names what is needed beside what is there', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const reader = await sessionWith(nextcloud, url, 'openid notes.read other.scope')
    expect((await reader.call('nc_notes_search_notes', { query: 'x' })).isError).toBeUndefined()
    nextcloud.requests.length = 0
    const reply = await reader.request('tools/call', { name: 'nc_notes_create_note', arguments: NOTE })
    expect([reply.status, reply.message.error?.code]).toEqual([403, -32_003])
    expect(reply.message.id).toEqual(expect.any(String))
    expect(challengeOf(reply)).toBe(
      'Bearer error="insufficient_scope", error_description="The scope notes.write is needed", ' +
        `resource_metadata="${new URL(url).origin}/.well-known/oauth-protected-resource/mcp", ` +
        'scope="openid notes.read notes.write"',
    )
    expect(nextcloud.requests).toEqual([])
  })

  it.each([
    'nc://Notes/1',
    'nc://Notes/1/attachments/a.png',
    'notes://settings',
    'nc://Deck/boards/1/stacks',
  ])('decide whether %s can be read', async (uri) => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const bare = await sessionWith(nextcloud, url, 'openid')
    nextcloud.requests.length = 0
    expect((await bare.request('resources/read', { uri })).status).toBe(403)
    expect(nextcloud.requests).toEqual([])
  })

  it('are those of the request, not those of the session', async () => {
    const nextcloud = await fakeNextcloud()
    const { url } = await oauthServer(nextcloud)
    const session = await sessionWith(nextcloud, url, ALL_SCOPES.join(' '))
    const token = nextcloud.issue({ sub: 'alice', resource: url, scope: 'openid' })
    const call = { name: 'nc_notes_create_note', arguments: NOTE }
    expect((await session.request('tools/call', call, { token })).status).toBe(403)
    expect((await session.request('tools/call', call)).status).toBe(200)
  })

  it.each([undefined, '', 'notes.readable', 'NOTES.READ'])(
    'are told by a JWT: %s grants nothing',
    async (scope) => {
      const nextcloud = await fakeNextcloud()
      const { url } = await oauthServer(nextcloud)
      const session = await TestSession.open(url, await nextcloud.jwt({ sub: 'alice', aud: url, scope }))
      expect(await toolsOf(session)).toEqual([])
      const good = await nextcloud.jwt({ sub: 'alice', aud: url, scope: 'notes.read' })
      expect(await toolsOf(await TestSession.open(url, good))).toContain('nc_notes_get_note')
    },
  )

  it('are not asked for where the operator accepts tokens that nobody can tell the scopes of', async () => {
    const nextcloud = await fakeNextcloud()
    nextcloud.hasIntrospection = false
    const { url } = await oauthServer(nextcloud, [], { NEXTCLOUD_OIDC_UNBOUND_TOKENS: 'accept' })
    expect(challengeOf(await send(url, INITIALIZE))).toContain(`scope="${IDENTITY_SCOPES.join(' ')}"`)
    for (const token of [
      nextcloud.issue({ sub: 'alice', resource: '' }),
      await nextcloud.jwt({ sub: 'alice', aud: url, scope: undefined }),
    ]) {
      expect(await toolsOf(await TestSession.open(url, token))).toContain('nc_notes_create_note')
    }
  })
})

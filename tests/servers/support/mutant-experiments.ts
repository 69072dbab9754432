import type { ServerMutant } from '../../../src/servers/mutants.js'
import type { FakeNextcloud } from './fake-nextcloud.js'
import { INITIALIZE, send, TestSession } from './mcp-http.js'
import { startReferenceServer } from '../../../src/servers/start.js'
import { basicServer, fakeNextcloud, oauthServer } from './reference.js'

/** What one experiment saw: first with the model citizen, then with the mutant. */
export type Experiment = (nextcloud: FakeNextcloud, mutants: readonly ServerMutant[]) => Promise<unknown>

const NOTE = { title: 't', content: 'c', category: 'Home' }

async function basicSession(
  nextcloud: FakeNextcloud,
  mutants: readonly ServerMutant[],
): Promise<TestSession> {
  return TestSession.open((await basicServer(nextcloud, mutants)).url)
}

async function twoUsers(nextcloud: FakeNextcloud, mutants: readonly ServerMutant[]) {
  const { url } = await oauthServer(nextcloud, mutants)
  const aliceToken = nextcloud.issue({ sub: 'alice', resource: url })
  const bobToken = nextcloud.issue({ sub: 'bob', resource: url })
  const alice = await TestSession.open(url, aliceToken)
  const bob = await TestSession.open(url, bobToken)
  return { url, alice, bob, bobToken }
}

const owners = (nextcloud: FakeNextcloud): string[] => [...nextcloud.notes.values()].map(({ owner }) => owner)

async function documentAt(url: string, path: string): Promise<Record<string, unknown>> {
  const response = await fetch(new URL(path, url))
  return response.ok ? ((await response.json()) as Record<string, unknown>) : {}
}

const WELL_KNOWN = '/.well-known/oauth-protected-resource'

/** Each mutant with what the model citizen shows and what the mutant shows instead. */
export const experiments: [ServerMutant, Experiment, unknown, unknown][] = [
  [
    's-open-without-token',
    async (nextcloud, mutants) =>
      (await send((await oauthServer(nextcloud, mutants)).url, INITIALIZE)).status,
    401,
    200,
  ],
  [
    's-no-resource-metadata',
    async (nextcloud, mutants) => {
      const reply = await send((await oauthServer(nextcloud, mutants)).url, INITIALIZE)
      return reply.headers.get('WWW-Authenticate')?.includes('resource_metadata=')
    },
    true,
    false,
  ],
  [
    's-prm-suffix-appended',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const paths = [`${WELL_KNOWN}/mcp`, WELL_KNOWN, `/mcp${WELL_KNOWN}`]
      const challenge = (await send(url, INITIALIZE)).headers.get('WWW-Authenticate')
      const announced = /resource_metadata="([^"]+)"/.exec(challenge ?? '')?.[1] ?? ''
      const found = await Promise.all(paths.map(async (path) => 'resource' in (await documentAt(url, path))))
      return [...found, 'resource' in (await documentAt(url, announced))]
    },
    [true, true, false, true],
    [false, false, true, true],
  ],
  [
    's-prm-resource-root',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const { resource } = await documentAt(url, `${WELL_KNOWN}/mcp`)
      return resource === url ? 'endpoint' : resource === new URL(url).origin ? 'origin' : resource
    },
    'endpoint',
    'origin',
  ],
  [
    's-no-error-code',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const reply = await send(url, INITIALIZE, { token: 'x'.repeat(72) })
      return reply.headers.get('WWW-Authenticate')?.includes('error=')
    },
    true,
    false,
  ],
  [
    's-prm-missing-on-bad-token',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const replies = [await send(url, INITIALIZE), await send(url, INITIALIZE, { token: 'x'.repeat(72) })]
      return replies.map(({ headers }) => headers.get('WWW-Authenticate')?.includes('resource_metadata='))
    },
    [true, true],
    [true, false],
  ],
  [
    's-no-scope-hint',
    async (nextcloud, mutants) => {
      const reply = await send((await oauthServer(nextcloud, mutants)).url, INITIALIZE)
      return reply.headers.get('WWW-Authenticate')?.includes('scope=')
    },
    true,
    false,
  ],
  [
    's-prm-internal-issuer',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const { authorization_servers: servers } = await documentAt(url, `${WELL_KNOWN}/mcp`)
      return (servers as string[]).includes(nextcloud.url)
    },
    true,
    false,
  ],
  [
    's-prm-offline-access',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const { scopes_supported: scopes } = await documentAt(url, `${WELL_KNOWN}/mcp`)
      return (scopes as string[]).includes('offline_access')
    },
    false,
    true,
  ],
  [
    's-prm-bearer-query',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      return (await documentAt(url, `${WELL_KNOWN}/mcp`))['bearer_methods_supported']
    },
    ['header'],
    ['header', 'query'],
  ],
  [
    's-query-token',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const token = nextcloud.issue({ sub: 'alice', resource: url })
      return (await send(`${url}?access_token=${token}`, INITIALIZE)).status
    },
    401,
    200,
  ],
  [
    's-500-on-malformed',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      return (await send(url, INITIALIZE, { headers: { Authorization: 'Bearer' } })).status
    },
    400,
    500,
  ],
  [
    's-scheme-case-sensitive',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const token = nextcloud.issue({ sub: 'alice', resource: url })
      return (await send(url, INITIALIZE, { headers: { Authorization: `bearer ${token}` } })).status
    },
    200,
    401,
  ],
  [
    's-basic-passthrough',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const pair = Buffer.from('alice:alice-secret-pässword').toString('base64')
      return (await send(url, INITIALIZE, { headers: { Authorization: `Basic ${pair}` } })).status
    },
    401,
    200,
  ],
  [
    's-auth-only-initialize',
    async (nextcloud, mutants) => {
      const { alice } = await twoUsers(nextcloud, mutants)
      return (await alice.request('tools/list', {}, { token: undefined })).status
    },
    401,
    200,
  ],
  [
    's-auth-follows-redirect',
    async (nextcloud, mutants) => {
      const elsewhere = await fakeNextcloud()
      const { alice } = await twoUsers(nextcloud, mutants)
      const headers = { Location: `${elsewhere.url}/taken` }
      nextcloud.interfere = (path) =>
        path.includes('/notes') ? new Response('', { status: 302, headers }) : undefined
      await alice.call('nc_notes_search_notes', { query: 'x' })
      return elsewhere.requests.map(({ authorization }) => authorization?.split(' ')[0])
    },
    [],
    ['Bearer'],
  ],
  [
    's-forwards-before-verify',
    async (nextcloud, mutants) => {
      await send((await oauthServer(nextcloud, mutants)).url, INITIALIZE, { token: 'x'.repeat(72) })
      return nextcloud.count('/ocs/')
    },
    0,
    1,
  ],
  [
    's-scope-only-on-tools',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const token = nextcloud.issue({ sub: 'alice', resource: url, scope: 'openid' })
      const session = await TestSession.open(url, token)
      const call = { name: 'nc_notes_create_note', arguments: NOTE }
      return [
        (await session.request('tools/call', call)).status,
        (await session.request('resources/read', { uri: 'notes://settings' })).status,
      ]
    },
    [403, 403],
    [403, 200],
  ],
  [
    's-scope-unchecked',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      const token = nextcloud.issue({ sub: 'alice', resource: url, scope: 'openid notes.read' })
      const session = await TestSession.open(url, token)
      const params = { name: 'nc_notes_create_note', arguments: NOTE }
      return [(await session.request('tools/call', params)).status, owners(nextcloud)]
    },
    [403, []],
    [200, ['alice']],
  ],
  [
    's-fail-open',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      nextcloud.interfere = () => new Response('', { status: 500 })
      return (await send(url, INITIALIZE, { token: 'x'.repeat(72) })).status
    },
    503,
    200,
  ],
  [
    's-token-in-error',
    async (nextcloud, mutants) => {
      const { url } = await oauthServer(nextcloud, mutants)
      return (await send(url, INITIALIZE, { token: 'x'.repeat(72) })).text.includes('x'.repeat(16))
    },
    false,
    true,
  ],
  [
    's-session-identity',
    async (nextcloud, mutants) => {
      const { alice, bobToken } = await twoUsers(nextcloud, mutants)
      const reply = await alice.request(
        'tools/call',
        { name: 'nc_notes_create_note', arguments: NOTE },
        { token: bobToken },
      )
      return [reply.status, owners(nextcloud)]
    },
    [404, []],
    [200, ['alice']],
  ],
  [
    's-shared-client',
    async (nextcloud, mutants) => {
      const { alice, bob } = await twoUsers(nextcloud, mutants)
      await alice.call('nc_notes_create_note', NOTE)
      await bob.call('nc_notes_create_note', NOTE)
      return owners(nextcloud)
    },
    ['alice', 'bob'],
    ['alice', 'alice'],
  ],
  [
    's-global-current-user',
    async (nextcloud, mutants) => {
      const { alice, bob } = await twoUsers(nextcloud, mutants)
      const calls = Array.from({ length: 10 }, () =>
        [alice, bob].map((session, index) =>
          session.call('nc_notes_create_note', { ...NOTE, title: ['alice', 'bob'][index] }),
        ),
      )
      await Promise.all(calls.flat())
      return [...nextcloud.notes.values()].every(({ owner, title }) => owner === title)
    },
    true,
    false,
  ],
  [
    's-oauth-drops-tool',
    async (nextcloud, mutants) => {
      const { alice } = await twoUsers(nextcloud, mutants)
      const lists = await Promise.all(
        [alice, await basicSession(nextcloud, mutants)].map((session) => session.request('tools/list')),
      )
      const [inOauth = 0, inBasic = 0] = lists.map(
        ({ message }) => (message.result?.['tools'] as unknown[]).length,
      )
      return inBasic - inOauth
    },
    0,
    1,
  ],
  [
    's-oauth-extra-required-argument',
    async (nextcloud, mutants) => {
      const { alice } = await twoUsers(nextcloud, mutants)
      const lists = await Promise.all(
        [alice, await basicSession(nextcloud, mutants)].map((session) => session.request('tools/list')),
      )
      return lists.map(({ message }) => {
        const tools = message.result?.['tools'] as { name: string; inputSchema: { required: string[] } }[]
        return tools.find(({ name }) => name === 'nc_notes_search_notes')?.inputSchema.required
      })
    },
    [['query'], ['query']],
    [['query', 'user_id'], ['query']],
  ],
  [
    's-oauth-different-shape',
    async (nextcloud, mutants) => {
      const { alice } = await twoUsers(nextcloud, mutants)
      await alice.call('nc_notes_create_note', NOTE)
      const { content } = await alice.call('nc_notes_delete_note', { note_id: 1 })
      return content.length
    },
    1,
    2,
  ],
  [
    's-oauth-no-resources',
    async (nextcloud, mutants) => {
      const { alice } = await twoUsers(nextcloud, mutants)
      const sessions = [alice, await basicSession(nextcloud, mutants)]
      const lists = await Promise.all(sessions.map((session) => session.request('resources/list')))
      return lists.map(({ message }) => (message.result?.['resources'] as unknown[]).length > 0)
    },
    [true, true],
    [false, true],
  ],
  [
    's-basic-demands-token',
    async (nextcloud, mutants) =>
      (await send((await basicServer(nextcloud, mutants)).url, INITIALIZE)).status,
    200,
    401,
  ],
  [
    's-prm-in-basic',
    async (nextcloud, mutants) =>
      'resource' in (await documentAt((await basicServer(nextcloud, mutants)).url, `${WELL_KNOWN}/mcp`)),
    false,
    true,
  ],
  [
    's-basic-forwards-authorization',
    async (nextcloud, mutants) => {
      const { url } = await basicServer(nextcloud, mutants)
      const session = await TestSession.open(url, 'a-token-of-the-client')
      await session.call('nc_notes_search_notes', { query: 'x' })
      return nextcloud.requests.at(-1)?.authorization?.split(' ')[0]
    },
    'Basic',
    'Bearer',
  ],
  [
    's-starts-half-configured',
    async (nextcloud, mutants) => {
      const env = { NEXTCLOUD_HOST: nextcloud.url, NEXTCLOUD_USERNAME: 'alice' }
      return startReferenceServer({ mode: 'basic', env, mutants }).then(
        async (server) => {
          await server.stop()
          return 'starts'
        },
        (error: unknown) => String(error),
      )
    },
    'UsageError: NEXTCLOUD_PASSWORD is not set',
    'starts',
  ],
  [
    's-origin-unchecked',
    async (nextcloud, mutants) => {
      const headers = { Origin: 'https://evil.example' }
      return (await send((await basicServer(nextcloud, mutants)).url, INITIALIZE, { headers })).status
    },
    403,
    200,
  ],
  [
    's-basic-wrong-user',
    async (nextcloud, mutants) => {
      const server = await basicServer(nextcloud, mutants, {
        NCMC_MUTANT_USERNAME: 'bob',
        NCMC_MUTANT_PASSWORD: nextcloud.passwords.get('bob') ?? '',
      })
      await (await TestSession.open(server.url)).call('nc_notes_create_note', NOTE)
      return owners(nextcloud)
    },
    ['alice'],
    ['bob'],
  ],
  [
    's-password-in-error',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      nextcloud.passwords.set('alice', 'changed')
      const reply = await session.call('nc_notes_get_note', { note_id: 1 })
      return [reply.isError, JSON.stringify(reply).includes('alice-secret')]
    },
    [true, false],
    [true, true],
  ],
  [
    's-crash-on-401',
    async (nextcloud, mutants) => {
      const server = await basicServer(nextcloud, mutants)
      const session = await TestSession.open(server.url)
      nextcloud.passwords.set('alice', 'changed')
      await session.call('nc_notes_get_note', { note_id: 1 }).catch(() => undefined)
      const answers = await send(server.url, INITIALIZE).then(
        () => true,
        () => false,
      )
      return [server.hasExited(), answers]
    },
    [false, true],
    [true, false],
  ],
  [
    's-dies-when-nextcloud-down',
    async (nextcloud, mutants) => {
      const basic = await basicServer(nextcloud, mutants)
      const oauth = await oauthServer(nextcloud, mutants)
      const session = await TestSession.open(basic.url)
      await nextcloud.stop()
      await session.call('nc_notes_get_note', { note_id: 1 }).catch(() => undefined)
      await send(oauth.url, INITIALIZE, { token: 'x'.repeat(72) }).catch(() => undefined)
      return [basic.hasExited(), oauth.hasExited()]
    },
    [false, false],
    [true, true],
  ],
  [
    's-invalid-schema',
    async (nextcloud, mutants) => {
      const { message } = await (await basicSession(nextcloud, mutants)).request('tools/list')
      const tools = message.result?.['tools'] as { inputSchema: { required?: unknown } }[]
      return tools.filter(({ inputSchema: { required = [] } }) => !Array.isArray(required)).length
    },
    0,
    1,
  ],
  [
    's-update-drops-category',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      const { structuredContent } = await session.call('nc_notes_create_note', NOTE)
      const rest = { title: null, content: 'new', category: null }
      await session.call('nc_notes_update_note', { note_id: 1, etag: structuredContent?.['etag'], ...rest })
      return [...nextcloud.notes.values()].map(({ content, category }) => [content, category])
    },
    [['new', 'Home']],
    [['new', '']],
  ],
  [
    's-etag-ignored',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      await session.call('nc_notes_create_note', NOTE)
      const rest = { title: null, content: 'new', category: null }
      return (await session.call('nc_notes_update_note', { note_id: 1, etag: 'stale', ...rest })).isError
    },
    true,
    undefined,
  ],
  [
    's-missing-note-empty-success',
    async (nextcloud, mutants) =>
      (await (await basicSession(nextcloud, mutants)).call('nc_notes_get_note', { note_id: 5 })).isError,
    true,
    undefined,
  ],
  [
    's-output-off-schema',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      await session.call('nc_notes_create_note', NOTE)
      return (await session.call('nc_notes_get_note', { note_id: 1 })).structuredContent?.['id']
    },
    1,
    '1',
  ],
  [
    's-empty-query-errors',
    async (nextcloud, mutants) =>
      (await (await basicSession(nextcloud, mutants)).call('nc_notes_search_notes', { query: '' })).isError,
    undefined,
    true,
  ],
  [
    's-append-overwrites',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      await session.call('nc_notes_create_note', NOTE)
      await session.call('nc_notes_append_content', { note_id: 1, content: 'more' })
      return [...nextcloud.notes.values()].map(({ content }) => content)
    },
    ['c\n---\nmore'],
    ['more'],
  ],
  [
    's-missing-param-default',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      const reply = await session.call('nc_notes_create_note', { title: 't' })
      return [reply.isError, [...nextcloud.notes.values()].map(({ content }) => content)]
    },
    [true, []],
    [undefined, ['']],
  ],
  [
    's-unknown-tool-success',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      const { message } = await session.request('tools/call', { name: 'nothing', arguments: {} })
      return [message.error?.code, message.result]
    },
    [-32_602, undefined],
    [undefined, { content: [] }],
  ],
  [
    's-unicode-normalised',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      await session.call('nc_notes_create_note', { ...NOTE, title: 'e\u0301', content: 'u\u0308' })
      return [...nextcloud.notes.values()].map(({ title, content }) => [title, content])
    },
    [['e\u0301', 'u\u0308']],
    [['\u00e9', '\u00fc']],
  ],
  [
    's-truncates-large',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      await session.call('nc_notes_create_note', { ...NOTE, content: 'x'.repeat(70_000) })
      const { structuredContent } = await session.call('nc_notes_get_note', { note_id: 1 })
      return (structuredContent?.['content'] as string).length
    },
    70_000,
    65_536,
  ],
  [
    's-cursor-loops',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      const cursors: unknown[] = []
      for (let cursor: unknown; cursors.length < 3;) {
        const { message } = await session.request('tools/list', cursor === undefined ? {} : { cursor })
        cursor = message.result?.['nextCursor']
        cursors.push(cursor)
        if (cursor === undefined) break
      }
      return cursors
    },
    [undefined],
    ['second', 'first', 'second'],
  ],
  [
    's-response-id-swapped',
    async (nextcloud, mutants) => {
      const session = await basicSession(nextcloud, mutants)
      for (const title of ['one', 'two']) await session.call('nc_notes_create_note', { ...NOTE, title })
      const parallel = [1, 2].map((id) => session.call('nc_notes_get_note', { note_id: id }))
      const alone = async () => session.call('nc_notes_get_note', { note_id: 1 })
      return [...(await Promise.all(parallel)), await alone()].map(
        ({ structuredContent }) => structuredContent?.['title'],
      )
    },
    ['one', 'two', 'one'],
    ['two', 'one', 'one'],
  ],
  [
    's-initialize-result-invalid',
    async (nextcloud, mutants) => {
      const { initializeResult, ...session } = await basicSession(nextcloud, mutants)
      return [Object.keys(initializeResult).sort(), typeof session]
    },
    [['capabilities', 'protocolVersion', 'serverInfo'], 'object'],
    [['capabilities', 'protocolVersion'], 'object'],
  ],
]

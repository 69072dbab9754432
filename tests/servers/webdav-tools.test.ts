import { beforeEach, describe, expect, it, onTestFinished } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { fileTreeOf, pathOf, descendants } from '../../src/nextcloud/embedded/file-tree.js'
import type { ServerMutant } from '../../src/servers/mutants.js'
import { startReferenceServer } from '../../src/servers/start.js'
import '../setup/network-guard.js'
import { TestSession, type ToolReply } from './support/mcp-http.js'

const USER = 'ann lee@home.test'

let nextcloud: EmbeddedNextcloud
let session: TestSession

async function open(mutants: readonly ServerMutant[] = []): Promise<TestSession> {
  const server = await startReferenceServer({
    mode: 'basic',
    env: { NEXTCLOUD_HOST: nextcloud.internalUrl, NEXTCLOUD_USERNAME: USER, NEXTCLOUD_PASSWORD: 'p' },
    mutants,
  })
  onTestFinished(() => server.stop())
  return TestSession.open(server.url)
}

beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud({
    maxUploadBytes: 10_000,
    users: [USER, 'bob'].map((userId) => ({ userId, password: 'p', displayName: userId, email: '' })),
  })
  onTestFinished(() => nextcloud.stop())
  session = await open()
})

const call = (name: string, input: unknown = {}): Promise<ToolReply> =>
  session.call(`nc_webdav_${name}`, input)

/** The result, which must be no error, told once as structure and once as text. */
async function ok(name: string, input: unknown = {}): Promise<Record<string, unknown>> {
  const { isError, content, structuredContent } = await call(name, input)
  expect([isError, content.length, content[0]?.text]).toEqual([undefined, 1, expect.any(String)])
  expect(JSON.parse(content[0]?.text ?? '')).toEqual(structuredContent)
  return structuredContent ?? {}
}

async function failure(name: string, input: unknown): Promise<string> {
  const { isError, content, structuredContent } = await call(name, input)
  expect([isError, structuredContent]).toEqual([true, undefined])
  expect(content[0]?.text).not.toMatch(/remote\.php|127\.0\.0\.1/)
  return content[0]?.text ?? ''
}

function tree(): string[] {
  return Array.from(descendants(fileTreeOf(nextcloud.context, USER).root), (node) =>
    pathOf(node).join('/'),
  ).slice(1)
}

const BYTES = Buffer.from(Uint8Array.from({ length: 256 }, (_, index) => index))

describe('the file tools', () => {
  it('make, write, list, read, move, copy and delete, for a user id with a space and an @', async () => {
    expect(await ok('create_directory', { path: '/Plans/' })).toEqual({ success: true, status_code: 201 })
    expect(await ok('create_directory', { path: 'Plans' })).toEqual({
      success: true,
      status_code: 405,
      message: 'Directory already exists',
    })
    const picture = {
      path: 'Plans/p.png',
      content: BYTES.toString('base64'),
      content_type: 'image/png;base64',
    }
    expect(await ok('write_file', picture)).toEqual({ success: true, status_code: 201 })
    expect(await ok('write_file', { path: 'Plans/ü.md', content: '# ü' })).toMatchObject({ status_code: 201 })
    expect(await ok('write_file', { path: 'Plans/ü.md', content: '# ö' })).toMatchObject({ status_code: 204 })
    const listed = await ok('list_directory', { path: 'Plans' })
    expect(listed).toMatchObject({
      path: 'Plans',
      total_count: 2,
      files: [
        { name: 'p.png', path: 'Plans/p.png', is_directory: false, size: 256, content_type: 'image/png' },
        {
          name: 'ü.md',
          path: 'Plans/ü.md',
          size: 4,
          content_type: 'text/markdown',
          etag: expect.any(String),
        },
      ],
    })
    expect((await ok('list_directory'))['files']).toMatchObject([
      { name: 'Plans', is_directory: true, size: null },
    ])
    expect(await ok('read_file', { path: 'Plans/p.png' })).toEqual({
      path: 'Plans/p.png',
      content: BYTES.toString('base64'),
      content_type: 'image/png',
      size: 256,
      encoding: 'base64',
    })
    expect(await ok('read_file', { path: 'Plans/ü.md' })).toEqual({
      path: 'Plans/ü.md',
      content: '# ö',
      content_type: 'text/markdown',
      size: 4,
    })
    expect(await ok('copy_resource', { source_path: 'Plans', destination_path: 'Copy' })).toMatchObject({
      status_code: 201,
    })
    expect(
      await ok('move_resource', { source_path: 'Copy/ü.md', destination_path: 'x #1.md' }),
    ).toMatchObject({ status_code: 201 })
    expect(await ok('delete_resource', { path: 'Copy' })).toEqual({ success: true, status_code: 204 })
    expect(tree()).toEqual(['Plans', 'Plans/p.png', 'Plans/ü.md', 'x #1.md'])
  })

  it.each([
    ['data.json', '{"a":"ü"}', undefined],
    ['data.xml', '<a>ü</a>', undefined],
    ['data.svg', '<svg/>', undefined],
    ['data.yaml', 'a: 1', undefined],
    ['data.txt', '\u0000 and \ufeff', undefined],
    ['empty.txt', '', undefined],
    ['data.bin', 'plain', 'base64'],
  ])('show %s in the encoding that fits', async (path, content, encoding) => {
    await ok('write_file', { path, content })
    const { content: read, encoding: told } = await ok('read_file', { path })
    expect(told).toBe(encoding)
    expect(encoding === undefined ? read : Buffer.from(String(read), 'base64').toString()).toBe(content)
  })

  it('give bytes that are no UTF-8 as Base64 whatever the name says', async () => {
    await ok('write_file', { path: 'a.txt', content: BYTES.toString('base64'), content_type: 'base64' })
    expect(await ok('read_file', { path: 'a.txt' })).toMatchObject({
      encoding: 'base64',
      content: BYTES.toString('base64'),
    })
  })

  it('mangle bytes under s-binary-mangled', async () => {
    await ok('write_file', { path: 'a.bin', content: BYTES.toString('base64'), content_type: 'base64' })
    session = await open(['s-binary-mangled'])
    expect(await ok('read_file', { path: 'a.bin' })).toMatchObject({ content: BYTES.toString('utf8') })
  })

  it('replace a destination only when told to', async () => {
    for (const path of ['a.txt', 'b.txt']) await ok('write_file', { path, content: path })
    const both = { source_path: 'a.txt', destination_path: 'b.txt' }
    expect(await failure('copy_resource', both)).toContain('already exists and overwrite is false: b.txt')
    expect(await failure('move_resource', both)).toContain('HTTP 412')
    expect(await ok('copy_resource', { ...both, overwrite: true })).toMatchObject({ status_code: 204 })
    expect((await ok('read_file', { path: 'b.txt' }))['content']).toBe('a.txt')
  })

  it('fail tellingly, and never call a failure a success', async () => {
    await ok('write_file', { path: 'a.txt', content: 'x' })
    await ok('create_directory', { path: 'dir' })
    expect(await failure('read_file', { path: 'none/b.txt' })).toBe('Not found: none/b.txt (HTTP 404)')
    expect(await failure('list_directory', { path: 'none' })).toBe('Not found: none (HTTP 404)')
    expect(await failure('delete_resource', { path: 'none' })).toBe('Not found: none (HTTP 404)')
    const both = { source_path: 'none', destination_path: 'b' }
    expect(await failure('move_resource', both)).toBe('Not found: none (HTTP 404)')
    expect(await failure('copy_resource', both)).toBe('Not found: none (HTTP 404)')
    expect(await failure('move_resource', { source_path: 'dir', destination_path: 'dir/b' })).toContain(
      'HTTP 409',
    )
    expect(await failure('write_file', { path: 'none/b', content: '' })).toContain(
      'folder above is not there',
    )
    expect(await failure('create_directory', { path: 'none/b' })).toContain('folder above is not there')
    expect(await failure('create_directory', { path: 'a.txt' })).toContain('is a file')
    expect(await failure('list_directory', { path: 'a.txt' })).toBe('Not a folder: a.txt')
    expect(await failure('read_file', { path: 'dir' })).toBe('Not a file: dir')
    expect(await failure('write_file', { path: '.htaccess', content: '' })).toContain('HTTP 400')
    expect(await failure('write_file', { path: 'b', content: 'x'.repeat(10_001) })).toContain('Too large')
    const base64 = { path: 'b', content: 'no base64!', content_type: 'image/png;base64' }
    expect(await failure('write_file', base64)).toContain('content: is no valid Base64')
    expect(await failure('write_file', { ...base64, content_type: 'a\r\nb' })).toContain(
      'content_type: is no media type',
    )
    expect(tree()).toEqual(['a.txt', 'dir'])
  })
})

describe('paths', () => {
  it.each(['a#b ?c&d+e', '100% %41', '漢 ü é', '👩‍👩‍👧', '...', 'a..b', '%zz', 'a;b=c', "it's (1)!*"])(
    'name the file %s and no other',
    async (name) => {
      await ok('write_file', { path: name, content: 'x' })
      expect(tree()).toEqual([name])
      expect((await ok('list_directory'))['files']).toMatchObject([{ name, path: name }])
      expect(await ok('read_file', { path: name })).toMatchObject({ path: name })
      await ok('delete_resource', { path: name })
    },
  )

  const TRICKS = [
    '../ann lee@home.test/a.txt',
    '..',
    'x/../../bob',
    '..%2fbob',
    '%2e%2e/bob',
    '%252e%252e%252fbob',
    '.',
    '..\\bob',
    'a\\b',
    'a\0b',
    '.%2e',
    '..%5cbob',
    '\ud800',
  ]

  it.each(TRICKS)('may not be %j, in any argument', async (path) => {
    await ok('write_file', { path: 'a.txt', content: 'x' })
    const sent = nextcloud.context.requests.length
    for (const [name, input, argument] of [
      ['list_directory', { path }, 'path'],
      ['read_file', { path }, 'path'],
      ['write_file', { path, content: 'y' }, 'path'],
      ['create_directory', { path }, 'path'],
      ['delete_resource', { path }, 'path'],
      ['move_resource', { source_path: path, destination_path: 'b' }, 'source_path'],
      ['move_resource', { source_path: 'a.txt', destination_path: path }, 'destination_path'],
      ['copy_resource', { source_path: 'a.txt', destination_path: path }, 'destination_path'],
    ] as const) {
      expect(await failure(name, input)).toMatch(`Invalid arguments for nc_webdav_${name}: ${argument}: `)
    }
    expect(nextcloud.context.requests.length).toBe(sent)
  })

  it('may not be empty but for a list', async () => {
    for (const path of ['', '/', '//']) {
      expect(await failure('delete_resource', { path })).toContain('path: must name a file or folder')
      expect(await ok('list_directory', { path })).toMatchObject({ path: '', total_count: 0 })
    }
  })

  it('are followed anywhere under s-path-traversal', async () => {
    await ok('write_file', { path: 'a.txt', content: 'x' })
    session = await open(['s-path-traversal'])
    expect(await ok('read_file', { path: `../${USER}/a.txt` })).toMatchObject({
      content: 'x',
    })
  })
})

describe('the resource of an attachment', () => {
  it('is text or bytes as they are', async () => {
    const { structuredContent } = await session.call('nc_notes_create_note', {
      title: 'A',
      content: '',
      category: 'C',
    })
    const id = String(structuredContent?.['id'])
    const folder = `Notes/C/.attachments.${id}`
    await ok('create_directory', { path: folder })
    await ok('write_file', { path: `${folder}/a b.txt`, content: 'text' })
    await ok('write_file', {
      path: `${folder}/p.png`,
      content: BYTES.toString('base64'),
      content_type: 'base64',
    })
    const read = async (name: string) => {
      const uri = `nc://Notes/${id}/attachments/${name}`
      const { message } = await session.request('resources/read', { uri })
      return message.error ?? (message.result?.['contents'] as unknown[])[0]
    }
    expect(await read('a%20b.txt')).toEqual({
      uri: `nc://Notes/${id}/attachments/a%20b.txt`,
      mimeType: 'text/plain',
      text: 'text',
    })
    expect(await read('p.png')).toMatchObject({ mimeType: 'image/png', blob: BYTES.toString('base64') })
    for (const name of ['none', '..%2fA.md', '%2e%2e', '%zz', 'a/b']) {
      expect(await read(name)).toMatchObject({ code: -32002 })
    }
  })
})

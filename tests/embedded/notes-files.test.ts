import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { FilesCloud } from './files-support.js'

interface Note {
  readonly id: number
  readonly title: string
  readonly content: string
  readonly category: string
  readonly favorite: boolean
  readonly modified: number
  readonly etag: string
  readonly internalPath: string
}

let cloud: FilesCloud
beforeEach(async () => {
  cloud = await FilesCloud.start()
})
afterEach(() => cloud.nextcloud.stop())

const API = '/index.php/apps/notes/api/v1'

async function api(method: string, path: string, json?: unknown): Promise<Response> {
  return cloud.dav(method, `${API}${path}`, {
    headers: { 'content-type': 'application/json' },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
}

async function create(json: unknown): Promise<Note> {
  return (await (await api('POST', '/notes', json)).json()) as Note
}

async function notes(): Promise<Note[]> {
  return (await (await api('GET', '/notes')).json()) as Note[]
}

const to = (path: string) => ({ headers: { destination: `/remote.php/dav/files/alice/${path}` } })

describe('a note made through the Notes API', () => {
  it('is a file with its text, in the folder of its category', async () => {
    const note = await create({ title: 'Plan', content: '# Plan\n日本', category: 'Work/2026' })
    expect(note.internalPath).toBe('/Notes/Work/2026/Plan.md')
    expect(await cloud.text('Notes/Work/2026/Plan.md')).toBe('# Plan\n日本')
    const [listed] = await cloud.list('Notes/Work/2026/Plan.md', '<oc:fileid/><d:getcontenttype/>', '0')
    expect(listed?.found).toEqual({ fileid: String(note.id), getcontenttype: 'text/markdown' })
  })

  it('has names in NFC whatever was sent; the answer to its change still shows what was sent', async () => {
    const sent = { title: 'Zu\u0308rich', category: 'cafe\u0301' }
    const created = await create({ ...sent, content: '' })
    expect(created).toMatchObject({ ...sent, internalPath: `/Notes/${sent.category}/${sent.title}.md` })
    const read = (await (await api('GET', `/notes/${created.id}`)).json()) as Note
    expect(read).toMatchObject({ title: 'Z\u00fcrich', category: 'caf\u00e9' })
    expect(read.internalPath).toBe('/Notes/caf\u00e9/Z\u00fcrich.md')
    expect(read.etag).not.toBe(created.etag)
    const changed = (await (await api('PUT', `/notes/${created.id}`, { title: 'E\u0301' })).json()) as Note
    expect(changed.title).toBe('E\u0301')
    expect((await notes())[0]?.title).toBe('\u00c9')
    const again = await create({ title: 'E\u0301', category: 'caf\u00e9', content: '' })
    expect(again.title).toBe('E\u0301 (2)')
    const plain = await create({ title: 'plain', category: '', content: '' })
    expect(((await (await api('GET', `/notes/${plain.id}`)).json()) as Note).etag).toBe(plain.etag)
  })

  it('is the same file over WebDAV in every form of its name', async () => {
    expect((await cloud.dav('PUT', 'Zu\u0308rich.txt', { body: 'one' })).status).toBe(201)
    expect((await cloud.dav('PUT', 'Z\u00fcrich.txt', { body: 'two' })).status).toBe(204)
    expect(await cloud.text('Zu\u0308rich.txt')).toBe('two')
    expect((await cloud.tree()).filter((path) => path.endsWith('.txt'))).toEqual(['Z\u00fcrich.txt'])
  })

  it('moves and goes with its folders, and takes its attachments along', async () => {
    const { id } = await create({ title: 'A', content: 'a', category: 'X/Y' })
    await cloud.dav('MKCOL', `Notes/X/Y/.attachments.${id}`)
    await cloud.dav('PUT', `Notes/X/Y/.attachments.${id}/p.png`, { body: 'png' })
    await api('PUT', `/notes/${id}`, { category: 'Z', title: 'B' })
    expect(await cloud.tree()).toEqual([
      'Notes/',
      'Notes/Z/',
      `Notes/Z/.attachments.${id}/`,
      `Notes/Z/.attachments.${id}/p.png`,
      'Notes/Z/B.md',
    ])
    expect((await api('DELETE', `/notes/${id}`)).status).toBe(200)
    expect(await cloud.tree()).toEqual(['Notes/'])
  })

  it('gets a number for a title whose file is there, be it a note or not', async () => {
    await cloud.dav('MKCOL', 'Notes')
    await cloud.dav('MKCOL', 'Notes/A.md')
    expect((await create({ title: 'A' })).title).toBe('A (2)')
    expect((await create({ title: 'A' })).title).toBe('A (3)')
    await create({ title: 'A (2)', category: 'Work' })
    const { id } = await create({ title: 'A (2)', category: 'Home' })
    const moved = (await (await api('PUT', `/notes/${id}`, { category: 'Work' })).json()) as Note
    expect(moved).toMatchObject({ title: 'A (3)', category: 'Work' })
  })

  it('is refused where there can be no folder for it', async () => {
    await cloud.dav('MKCOL', 'Notes')
    await cloud.dav('PUT', 'Notes/file', { body: 'x' })
    expect((await api('POST', '/notes', { title: 'A', category: 'file/below' })).status).toBe(403)
    expect((await api('POST', '/notes', { title: 'A', category: 'c/'.repeat(2_000) })).status).toBe(403)
    expect((await create({ title: '../A', category: '../.x/./..' })).internalPath).toBe('/Notes/x/A.md')
  })
})

describe('a file in the notes folder', () => {
  it('is a note when its name says that it is text', async () => {
    await cloud.dav('MKCOL', 'Notes')
    await cloud.dav('MKCOL', 'Notes/Sub')
    await cloud.dav('MKCOL', 'Notes/.hidden')
    for (const path of ['Sub/one.md', 'two.TXT', 'picture.png', '.hidden/three.md', 'no-suffix']) {
      await cloud.dav('PUT', `Notes/${path}`, { body: path })
    }
    await cloud.dav('PUT', 'outside.md', { body: 'x' })
    const facts = (await notes()).map(({ title, category, content }) => [title, category, content])
    expect(facts).toEqual([
      ['one', 'Sub', 'Sub/one.md'],
      ['two', '', 'two.TXT'],
    ])
  })

  it('keeps its suffix when the note is renamed', async () => {
    await cloud.dav('MKCOL', 'Notes')
    await cloud.dav('PUT', 'Notes/a.txt', { body: 'x' })
    const [note] = await notes()
    await api('PUT', `/notes/${note!.id}`, { title: 'b' })
    expect(await cloud.tree()).toEqual(['Notes/', 'Notes/b.txt'])
  })

  it('changes and loses its note by WebDAV, whose etag and place in the list change with it', async () => {
    const first = await create({ title: 'A', content: 'one' })
    const second = await create({ title: 'B', content: 'two' })
    const order = async () => (await notes()).map(({ id }) => id)
    expect(await order()).toEqual([first.id, second.id])
    cloud.nextcloud.clock.shift(10)
    await cloud.dav('PUT', 'Notes/A.md', { body: 'changed' })
    const changed = (await (await api('GET', `/notes/${first.id}`)).json()) as Note
    expect([changed.content, changed.modified - first.modified >= 10]).toEqual(['changed', true])
    expect(changed.etag).not.toBe(first.etag)
    expect((await api('PUT', `/notes/${first.id}`, { content: 'x' })).status).toBe(200)
    expect(await order()).toEqual([second.id, first.id])
    cloud.nextcloud.clock.shift(10)
    await cloud.dav('MKCOL', 'Notes/New')
    expect(await cloud.status('MOVE', 'Notes/B.md', to('Notes/New/C.md'))).toBe(201)
    const moved = (await (await api('GET', `/notes/${second.id}`)).json()) as Note
    expect(moved).toMatchObject({ title: 'C', category: 'New', modified: second.modified, content: 'two' })
    expect(moved.etag).not.toBe(second.etag)
    expect(await order()).toEqual([first.id, second.id])
    expect(await cloud.status('MOVE', 'Notes/New', to('elsewhere'))).toBe(201)
    expect((await api('GET', `/notes/${second.id}`)).status).toBe(404)
    await cloud.dav('DELETE', 'Notes/A.md')
    expect(await order()).toEqual([])
  })

  it('is a favourite on both sides', async () => {
    const { id } = await create({ title: 'A', favorite: true })
    const favorite = async () => (await cloud.list('Notes/A.md', '<oc:favorite/>', '0'))[0]?.found['favorite']
    expect(await favorite()).toBe('1')
    await api('PUT', `/notes/${id}`, { favorite: false })
    expect(await favorite()).toBe('0')
  })

  it('is read byte by byte when it is no UTF-8', async () => {
    await cloud.dav('MKCOL', 'Notes')
    await cloud.dav('PUT', 'Notes/latin.txt', { body: Uint8Array.from([0x66, 0xfc, 0x72]) })
    expect((await notes())[0]?.content).toBe('für')
  })
})

describe('the settings', () => {
  it('say where notes are and how their files end', async () => {
    await create({ title: 'Old', content: 'old' })
    await api('PUT', '/settings', { notesPath: 'Texts/../Mine', fileSuffix: '.txt' })
    expect(await notes()).toEqual([])
    expect((await create({ title: 'New' })).internalPath).toBe('/Texts/Mine/New.txt')
    await api('PUT', '/settings', { notesPath: 'Notes' })
    expect((await notes()).map(({ title }) => title)).toEqual(['Old'])
  })
})

describe('attachments', () => {
  const V14 = '/index.php/apps/notes/api/v1.4'

  it('are read by their path relative to the note, within the notes folder', async () => {
    const { id } = await create({ title: 'A', category: 'Work' })
    await cloud.dav('MKCOL', `Notes/Work/.attachments.${id}`)
    await cloud.dav('PUT', `Notes/Work/.attachments.${id}/p.png`, { body: 'png' })
    await cloud.dav('PUT', 'Notes/top.txt', { body: 'top' })
    await cloud.dav('PUT', 'outside.txt', { body: 'outside' })
    const read = async (path: string) => {
      const response = await cloud.dav('GET', `${V14}/attachment/${id}?path=${encodeURIComponent(path)}`)
      return [response.status, response.headers.get('content-type'), response.ok ? await response.text() : '']
    }
    expect(await read(`.attachments.${id}/p.png`)).toEqual([200, 'image/png', 'png'])
    expect(await read('../top.txt')).toEqual([200, 'text/plain', 'top'])
    expect((await read('../../../outside.txt'))[0]).toBe(404)
    expect((await read('none.png'))[0]).toBe(404)
    expect((await read(''))[0]).toBe(404)
    expect(await cloud.status('GET', `${V14}/attachment/${id}?path=A.md`, { user: 'bob' })).toBe(404)
  })

  it('are kept beside the note when they are uploaded', async () => {
    const { id } = await create({ title: 'A', category: 'Work' })
    const form = new FormData()
    form.set('file', new File(['bytes'], 'my picture.png'))
    const request = new Request('http://cloud.test/', { method: 'POST', body: form })
    const body = new Uint8Array(await request.arrayBuffer())
    const headers = { 'content-type': request.headers.get('content-type') ?? '' }
    const response = await cloud.dav('POST', `${V14}/attachment/${id}`, { body, headers })
    const { filename } = (await response.json()) as { filename: string }
    expect(filename).toMatch(/^[0-9a-f]{32}\.png$/)
    expect(await cloud.text(`Notes/Work/${filename}`)).toBe('bytes')
    expect(await cloud.status('POST', `${V14}/attachment/${id}`, { body: 'nothing' })).toBe(403)
  })
})

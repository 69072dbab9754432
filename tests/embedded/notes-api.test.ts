import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud, type EmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import { basic, ORIGIN } from './core-visitor.js'

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

let nextcloud: EmbeddedNextcloud
beforeEach(async () => {
  nextcloud = await startEmbeddedNextcloud()
})
afterEach(() => nextcloud.stop())

interface Call {
  readonly user?: 'alice' | 'bob'
  readonly json?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

async function call(method: string, path: string, { user = 'alice', json, headers }: Call = {}) {
  const { userId, password } = nextcloud.users[user]
  return nextcloud.app.request(`${ORIGIN}/apps/notes/api/v1${path}`, {
    method,
    headers: { ...basic(userId, password), 'content-type': 'application/json', ...headers },
    ...(json === undefined ? {} : { body: JSON.stringify(json) }),
  })
}

async function create(json: unknown, user: 'alice' | 'bob' = 'alice'): Promise<Note> {
  return (await (await call('POST', '/notes', { json, user })).json()) as Note
}

async function list(query: string): Promise<[Partial<Note>[], Headers]> {
  const response = await call('GET', `/notes${query}`)
  return [(await response.json()) as Partial<Note>[], response.headers]
}

describe('the Notes API', () => {
  it("keeps every user's notes from the others", async () => {
    const { id } = await create({ title: 'Private', content: 'secret' })
    for (const [method, json] of [
      ['GET', undefined],
      ['PUT', { content: 'mine' }],
      ['DELETE', undefined],
    ] as const) {
      expect((await call(method, `/notes/${id}`, { user: 'bob', json })).status).toBe(404)
    }
    expect(await (await call('GET', '/notes', { user: 'bob' })).json()).toEqual([])
    expect(await (await call('GET', `/notes/${id}`)).json()).toMatchObject({ content: 'secret' })
  })

  it('numbers a title that its category has already, also when a note is moved or renamed', async () => {
    const first = await create({ title: 'Plan', category: 'Work' })
    expect((await create({ title: 'Plan', category: 'Work' })).title).toBe('Plan (2)')
    expect((await create({ title: 'Plan', category: 'Work' })).title).toBe('Plan (3)')
    expect((await create({ title: 'Plan' })).title).toBe('Plan')
    expect((await create({ title: 'Plan', category: 'Work' }, 'bob')).title).toBe('Plan')
    const moved = (await (await call('PUT', `/notes/${first.id}`, { json: { category: '' } })).json()) as Note
    expect([moved.title, moved.internalPath]).toEqual(['Plan (2)', '/Notes/Plan (2).md'])
    const same = (await (
      await call('PUT', `/notes/${first.id}`, { json: { title: 'Plan (2)' } })
    ).json()) as Note
    expect(same.title).toBe('Plan (2)')
  })

  it.each([
    ['', 'New note'],
    ['a/b\\c:d*e?f"g<h>i|j', 'abcdefghij'],
    ['..hidden', 'hidden'],
    ['x'.repeat(150), 'x'.repeat(100)],
    ['  spaces  ', 'spaces'],
  ])('makes the title %j a file name', async (title, expected) => {
    expect((await create({ title })).title).toBe(expected)
  })

  it('refuses an update whose If-Match is not the etag, and shows the note as it is', async () => {
    const note = await create({ title: 'A', content: 'one' })
    const update = { json: { content: 'two' }, headers: { 'if-match': `"${note.etag}"` } }
    const updated = (await (await call('PUT', `/notes/${note.id}`, update)).json()) as Note
    expect(updated.etag).not.toBe(note.etag)
    const stale = await call('PUT', `/notes/${note.id}`, { ...update, json: { content: 'three' } })
    expect(stale.status).toBe(412)
    expect(await stale.json()).toEqual(updated)
  })

  it('changes only the fields that were sent', async () => {
    const note = await create({ title: 'A', content: 'text', category: 'C', favorite: true, modified: 1000 })
    expect(note.modified).toBe(1000)
    const json = { title: null, favorite: false }
    const updated = (await (await call('PUT', `/notes/${note.id}`, { json })).json()) as Note
    expect(updated).toMatchObject({
      title: 'A',
      content: 'text',
      category: 'C',
      favorite: false,
      modified: 1000,
    })
    const emptied = await call('PUT', `/notes/${note.id}`, { json: { content: '' } })
    expect(await emptied.json()).toMatchObject({ content: '' })
  })

  it('answers parameters of the wrong type with the 500 page', async () => {
    for (const json of [{ title: ['a'] }, { modified: 'soon' }, { favorite: {} }]) {
      expect((await call('POST', '/notes', { json })).status).toBe(500)
    }
  })

  it('keeps settings per user', async () => {
    await call('PUT', '/settings', { json: { fileSuffix: '.txt', unknown: 'x' } })
    const own = await (await call('GET', '/settings')).json()
    expect(own).toEqual({ notesPath: 'Notes', fileSuffix: '.txt', noteMode: 'rich' })
    expect(await (await call('GET', '/settings', { user: 'bob' })).json()).toMatchObject({
      fileSuffix: '.md',
    })
  })
})

describe('a list of notes', () => {
  beforeEach(async () => {
    for (const title of ['one', 'two', 'three', 'four', 'five']) {
      await create({ title, content: title, category: title === 'five' ? 'Other' : '' })
      nextcloud.clock.shift(10)
    }
  })

  it('comes in chunks; the last one names all other notes by id', async () => {
    const [first, firstHeaders] = await list('?chunkSize=2')
    expect(first.map(({ title }) => title)).toEqual(['one', 'two'])
    expect(firstHeaders.get('x-notes-chunk-pending')).toBe('3')
    const cursor = firstHeaders.get('x-notes-chunk-cursor') ?? ''
    const [second, secondHeaders] = await list(`?chunkSize=2&chunkCursor=${cursor}`)
    expect(second.map(({ title }) => title)).toEqual(['three', 'four'])
    const last = await list(`?chunkSize=2&chunkCursor=${secondHeaders.get('x-notes-chunk-cursor') ?? ''}`)
    expect(last[0].map(({ title }) => title)).toEqual(['five', undefined, undefined, undefined, undefined])
    expect(last[0].slice(1)).toEqual([...first, ...second].map(({ id }) => ({ id })))
    expect(last[1].has('x-notes-chunk-cursor')).toBe(false)
    expect(last[1].get('last-modified')).toBe(firstHeaders.get('last-modified'))
  })

  it('sorts by the last change and prunes what has not changed since', async () => {
    const [all] = await list('')
    await call('PUT', `/notes/${all[0]?.id ?? 0}`, { json: { favorite: true } })
    const [sorted] = await list('')
    expect(sorted.map(({ title }) => title)).toEqual(['two', 'three', 'four', 'five', 'one'])
    const since = Math.floor(nextcloud.clock.nowMs() / 1000) - 15
    const [pruned] = await list(`?pruneBefore=${since}&exclude=content,etag`)
    expect(pruned.map(({ title }) => title)).toEqual(['five', 'one', undefined, undefined, undefined])
    expect(pruned[0]).not.toHaveProperty('content')
    expect(pruned[0]).not.toHaveProperty('etag')
  })

  it('can be limited to a category, and is 304 when unchanged', async () => {
    const [other, headers] = await list('?category=Other')
    expect(other.map(({ title }) => title)).toEqual(['five'])
    const etag = headers.get('etag') ?? ''
    const again = await call('GET', '/notes?category=Other', { headers: { 'if-none-match': etag } })
    expect([again.status, await again.text()]).toEqual([304, ''])
    expect((await call('GET', '/notes', { headers: { 'if-none-match': etag } })).status).toBe(200)
  })
})

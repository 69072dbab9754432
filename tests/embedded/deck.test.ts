import { describe, expect, it } from 'vitest'
import { AppVisitor, type Json } from './app-visitor.js'
import { bearer } from './core-visitor.js'

interface Card extends Json {
  readonly id: number
  readonly stackId: number
  readonly order: number
  readonly labels: readonly Json[]
}
interface Stack extends Json {
  readonly id: number
  readonly cards?: readonly Card[]
}

const BOARDS = '/apps/deck/api/v1.0/boards'

function start(profile: 'oidc-2.0.9' | 'strict' = 'oidc-2.0.9'): Promise<AppVisitor> {
  return AppVisitor.start(BOARDS, { profile })
}

/** A board with two stacks and a card in the first. */
async function withCard(visitor: AppVisitor) {
  const { id: board } = await visitor.ok('POST', '', { title: 'B', color: 'ff0000' })
  const [todo, done] = [
    await visitor.ok('POST', `/${board}/stacks`, { title: 'To do', order: 0 }),
    await visitor.ok('POST', `/${board}/stacks`, { title: 'Done', order: 1 }),
  ].map(({ id }) => `/${board}/stacks/${id}`)
  const { id } = await visitor.ok('POST', `${todo}/cards`, { title: 'C', description: 'text' })
  return { board, todo: todo ?? '', done: done ?? '', id, card: `${todo}/cards/${id}` }
}

function idOf(path: string): number {
  return Number(path.slice(path.lastIndexOf('/') + 1))
}

describe('boards of Deck', () => {
  it('begin with one that has stacks, cards and labels', async () => {
    const visitor = await start()
    const [welcome] = await visitor.ok<{ id: number; title: string }[]>('GET', '')
    expect(welcome!.title).toBe('Welcome to Nextcloud Deck!')
    const stacks = await visitor.ok<Stack[]>('GET', `/${welcome!.id}/stacks`)
    expect(stacks.map(({ cards = [] }) => cards.length)).toEqual([1, 2, 1, 1])
    expect(stacks[0]?.cards?.[0]?.labels).toMatchObject([{ title: 'Read more inside' }])
    await visitor.ok('DELETE', `/${welcome!.id}`)
    expect(await visitor.ok('GET', '')).toEqual([])
  })

  it('are changed and deleted', async () => {
    const visitor = await start()
    const { board } = await withCard(visitor)
    expect(await visitor.ok('PUT', `/${board}`, { title: 'B2', color: '00ff00' })).toMatchObject({
      title: 'B2',
      color: '00ff00',
      archived: false,
    })
    await visitor.ok('DELETE', `/${board}`)
    expect((await visitor.call('GET', `/${board}`)).status).toBe(403)
    expect((await visitor.call('GET', `/${board}/stacks`)).status).toBe(403)
  })

  it('that are archived cannot be changed', async () => {
    const visitor = await start()
    const { board, todo, card } = await withCard(visitor)
    await visitor.ok('PUT', `/${board}`, { title: 'B', color: 'ff0000', archived: true })
    for (const [method, path, json] of [
      ['POST', `/${board}/stacks`, { title: 'S', order: 0 }],
      ['POST', `/${board}/labels`, { title: 'L', color: '000000' }],
      ['POST', `${todo}/cards`, { title: 'C' }],
      ['PUT', `${card}/archive`, {}],
      ['DELETE', card],
    ] as const) {
      const { status, body } = await visitor.call(method, path, { json })
      expect([status, body['message']], path).toEqual([403, expect.stringContaining('board is archived')])
    }
    expect((await visitor.call('GET', card)).status).toBe(200)
  })

  it.each([
    [{ color: 'ff0000' }, 'title must be provided and must be not empty'],
    [{ title: 'x'.repeat(101), color: 'ff0000' }, 'title cannot be longer than 100 characters '],
    [{ title: 'B' }, 'color must be provided and must be not empty'],
    [{ title: 'B', color: '#ff0000' }, 'color cannot be longer than 6 characters '],
  ])('are refused: %j', async (json, message) => {
    const visitor = await start()
    expect(await visitor.call('POST', '', { json })).toMatchObject({
      status: 400,
      body: { status: 400, message },
    })
  })

  it('are not sent again while unchanged', async () => {
    const visitor = await start()
    for (const path of ['', `/${(await withCard(visitor)).board}`]) {
      const etag = (await visitor.call('GET', path)).headers.get('etag') ?? ''
      const again = await visitor.call('GET', path, { headers: { 'if-none-match': etag } })
      expect([again.status, again.text]).toEqual([304, ''])
    }
  })
})

describe('labels of Deck', () => {
  it('have unique titles, and colours of six hexadecimal digits', async () => {
    const visitor = await start()
    const { board } = await withCard(visitor)
    const { id } = await visitor.ok('POST', `/${board}/labels`, { title: 'Bug', color: '31CC7C' })
    for (const [method, path, json] of [
      ['POST', `/${board}/labels`, { title: 'Bug', color: '000000' }],
      ['PUT', `/${board}/labels/${id}`, { title: 'Later', color: '000000' }],
      ['POST', `/${board}/labels`, { title: 'Red', color: 'red' }],
    ] as const) {
      expect((await visitor.call(method, path, { json })).status, JSON.stringify(json)).toBe(400)
    }
    expect(
      await visitor.ok('PUT', `/${board}/labels/${id}`, { title: 'Bug', color: 'ffffff' }),
    ).toMatchObject({
      title: 'Bug',
      color: 'ffffff',
    })
  })

  it('stand on cards until they are taken off or deleted', async () => {
    const visitor = await start()
    const { board, card } = await withCard(visitor)
    const [bug, idea] = [
      (await visitor.ok('POST', `/${board}/labels`, { title: 'Bug', color: '31CC7C' })).id,
      (await visitor.ok('POST', `/${board}/labels`, { title: 'Idea', color: '31CC7C' })).id,
    ]
    for (const labelId of [bug, idea, bug]) await visitor.ok('PUT', `${card}/assignLabel`, { labelId })
    const titles = async (): Promise<unknown[]> =>
      (await visitor.ok<Card>('GET', card)).labels.map(({ title }) => title)
    expect(await titles()).toEqual(['Bug', 'Idea'])
    await visitor.ok('PUT', `${card}/removeLabel`, { labelId: bug })
    expect(await titles()).toEqual(['Idea'])
    await visitor.ok('DELETE', `/${board}/labels/${idea}`)
    expect(await titles()).toEqual([])
    const other = await withCard(visitor)
    const foreign = (await visitor.ok('POST', `/${other.board}/labels`, { title: 'X', color: '000000' })).id
    expect((await visitor.call('PUT', `${card}/assignLabel`, { json: { labelId: foreign } })).status).toBe(
      403,
    )
  })
})

describe('stacks of Deck', () => {
  it('come in their order, with cards that are not archived', async () => {
    const visitor = await start()
    const { board, todo, done, card } = await withCard(visitor)
    await visitor.ok('PUT', done, { title: 'Done', order: -1 })
    const stacks = await visitor.ok<Stack[]>('GET', `/${board}/stacks`)
    expect(stacks.map(({ id }) => id)).toEqual([idOf(done), idOf(todo)])
    expect(stacks[1]?.cards).toMatchObject([{ title: 'C' }])
    await visitor.ok('PUT', `${card}/archive`, {})
    expect((await visitor.ok<Stack>('GET', todo)).cards).toBeUndefined()
    expect(await visitor.ok<Stack[]>('GET', `/${board}/stacks/archived`)).toMatchObject([
      {},
      { cards: [{ title: 'C', archived: true }] },
    ])
    await visitor.ok('DELETE', todo)
    expect((await visitor.call('GET', todo)).status).toBe(403)
  })
})

describe('cards of Deck', () => {
  it('lose what an update does not name', async () => {
    const visitor = await start()
    const { card } = await withCard(visitor)
    const full = {
      title: 'C2',
      type: 'plain',
      owner: 'alice',
      description: 'd',
      duedate: '2030-01-02T03:04:05+02:00',
      done: '2024-01-01T00:00:00Z',
    }
    expect(await visitor.ok('PUT', card, full)).toMatchObject({
      ...full,
      owner: { uid: 'alice' },
      duedate: '2030-01-02T01:04:05+00:00',
      done: '2024-01-01T00:00:00+00:00',
    })
    await visitor.ok('PUT', card, { title: 'C3', type: 'plain', owner: 'alice' })
    expect(await visitor.ok('GET', card)).toMatchObject({
      title: 'C3',
      description: '',
      duedate: null,
      done: null,
    })
    for (const json of [{ title: 'C' }, { title: 'C', type: 'plain' }, { ...full, duedate: 'soon' }]) {
      expect((await visitor.call('PUT', card, { json })).status, JSON.stringify(json)).toBe(400)
    }
  })

  it('move to the stack of the path, by update or reorder; the stack in the body is ignored', async () => {
    const visitor = await start()
    const { id, card, todo, done } = await withCard(visitor)
    await visitor.ok('PUT', `${card}/reorder`, { order: 0, stackId: idOf(done) })
    expect(await visitor.ok<Card>('GET', card)).toMatchObject({ stackId: idOf(todo) })
    await visitor.ok('PUT', `${done}/cards/${id}/reorder`, { order: 0 })
    expect(await visitor.ok<Card>('GET', card)).toMatchObject({ stackId: idOf(done) })
    await visitor.ok('PUT', card, { title: 'C', type: 'plain', owner: 'alice' })
    expect(await visitor.ok<Card>('GET', card)).toMatchObject({ stackId: idOf(todo) })
  })

  it('make room for one that is put between them', async () => {
    const visitor = await start()
    const { todo, id } = await withCard(visitor)
    const others: number[] = []
    for (const [order, title] of ['a', 'b', 'c'].entries()) {
      others.push((await visitor.ok('POST', `${todo}/cards`, { title, order })).id)
    }
    const [a = 0, b = 0, c = 0] = others
    const moved = await visitor.ok<Card[]>('PUT', `${todo}/cards/${id}/reorder`, { order: 1 })
    expect(moved.map((each) => [each.id, each.order])).toEqual([
      [a, 0],
      [id, 1],
      [b, 2],
      [c, 3],
    ])
  })

  it('that are archived stay where they are until they are unarchived', async () => {
    const visitor = await start()
    const { card, done, id } = await withCard(visitor)
    await visitor.ok('PUT', `${card}/archive`, {})
    expect((await visitor.call('PUT', `${done}/cards/${id}/reorder`, { json: { order: 0 } })).status).toBe(
      403,
    )
    await visitor.ok('PUT', `${card}/unarchive`, {})
    await visitor.ok('PUT', `${done}/cards/${id}/reorder`, { order: 0 })
  })

  it('are assigned once, to those who are on the board', async () => {
    const visitor = await start()
    const { card } = await withCard(visitor)
    const assign = async (what: string, userId: string): Promise<number> =>
      (await visitor.call('PUT', `${card}/${what}`, { json: { userId } })).status
    expect(await assign('assignUser', 'alice')).toBe(200)
    expect(await visitor.ok('GET', card)).toMatchObject({
      assignedUsers: [{ participant: { uid: 'alice' } }],
    })
    expect(await assign('assignUser', 'alice')).toBe(400)
    expect(await assign('assignUser', 'bob')).toBe(400)
    expect(await assign('unassignUser', 'alice')).toBe(200)
    expect(await assign('unassignUser', 'alice')).toBe(404)
  })

  it.each([
    [-1, 3],
    [0, 2],
    [1, 1],
    [2, 0],
  ])('due in %i days are overdue at level %i', async (days, overdue) => {
    const visitor = await AppVisitor.start(BOARDS, { realNowMs: () => Date.UTC(2026, 0, 10, 12) })
    const { todo } = await withCard(visitor)
    const duedate = new Date(visitor.nextcloud.clock.nowMs() + days * 86_400_000).toISOString()
    expect(await visitor.ok('POST', `${todo}/cards`, { title: 'D', duedate })).toMatchObject({ overdue })
  })
})

describe('Deck', () => {
  it("keeps every user's boards from the others", async () => {
    const visitor = await start()
    const { board, todo, done, card, id } = await withCard(visitor)
    const { id: labelId } = await visitor.ok('POST', `/${board}/labels`, { title: 'Hush', color: '000000' })
    const own = await (async () => {
      const { id: bobs } = await visitor.ok('POST', '', { title: 'Bob', color: '000000' }, 'bob')
      const stack = await visitor.ok('POST', `/${bobs}/stacks`, { title: 'S', order: 0 }, 'bob')
      return `/${bobs}/stacks/${stack.id}`
    })()
    for (const [method, path, json] of [
      ['GET', `/${board}`],
      ['PUT', `/${board}`, { title: 'Mine', color: '000000' }],
      ['DELETE', `/${board}`],
      ['GET', `/${board}/stacks`],
      ['GET', `/${board}/stacks/archived`],
      ['POST', `/${board}/stacks`, { title: 'Mine', order: 0 }],
      ['GET', todo],
      ['PUT', todo, { title: 'Mine', order: 0 }],
      ['DELETE', todo],
      ['GET', card],
      // Through a board and a stack of one's own.
      ['GET', `${own}/cards/${id}`],
      ['PUT', `${own}/cards/${id}`, { title: 'Mine', type: 'plain', owner: 'bob' }],
      ['PUT', `${own}/cards/${id}/reorder`, { order: 0 }],
      ['PUT', `${card}/archive`, {}],
      ['DELETE', `${own}/cards/${id}`],
      ['GET', `/${board}/labels/${labelId}`],
      ['DELETE', `/${board}/labels/${labelId}`],
      ['PUT', `${card}/assignLabel`, { labelId }],
      ['PUT', `${card}/assignUser`, { userId: 'bob' }],
    ] as const) {
      const answer = await visitor.call(method, path, { user: 'bob', json })
      expect(answer.status, `${method} ${path}`).toBe(403)
      expect(answer.body, `${method} ${path}`).toEqual({ status: 403, message: 'Permission denied' })
    }
    expect(JSON.stringify(await visitor.ok('GET', '', undefined, 'bob'))).not.toContain('alice')
    expect(await visitor.ok('GET', card)).toMatchObject({ title: 'C', stackId: idOf(todo) })
    expect(done).not.toBe('')
  })

  it.each([
    ['oidc-2.0.9', 500],
    ['strict', 400],
  ] as const)('on profile %s answers ids that are no numbers with %i', async (profile, status) => {
    const visitor = await start(profile)
    const { board, todo } = await withCard(visitor)
    for (const path of [
      '/abc',
      '/1.5',
      '/1e3',
      `/${board}/stacks/x`,
      `${todo}/cards/x`,
      `/${board}/labels/x`,
    ]) {
      expect((await visitor.call('GET', path)).status, path).toBe(status)
    }
    expect((await visitor.call('GET', '/-1')).status).toBe(403)
  })

  it('wants OCS-APIRequest with bearer tokens, and serves API v1.1 and paths with index.php', async () => {
    const visitor = await start()
    const { twin, app } = visitor.nextcloud
    twin.honourToken('alices-token', 'alice')
    const statusOf = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await app.request(`http://cloud.test${path}`, { headers })).status
    const token = bearer('alices-token')
    for (const path of ['/apps/deck/api/v1.0/boards', '/index.php/apps/deck/api/v1.1/boards']) {
      expect(await statusOf(path, token)).toBe(401)
      expect(await statusOf(path, { ...token, 'ocs-apirequest': 'true' })).toBe(200)
      expect(await statusOf(path, { 'ocs-apirequest': 'true' })).toBe(401)
    }
    expect(await statusOf('/apps/deck/api/v2.0/boards', { ...token, 'ocs-apirequest': 'true' })).toBe(404)
  })
})

import { describe, expect, it } from 'vitest'
import { AppVisitor, type Json } from './app-visitor.js'
import { bearer } from './core-visitor.js'

const V1 = '/index.php/apps/tables/api/1'
const V2 = '/ocs/v2.php/apps/tables/api/2'

interface WithId extends Json {
  readonly id: number
}
interface Ocs<Data> {
  readonly ocs: { readonly meta: Json; readonly data: Data }
}

function start(profile: 'oidc-2.0.9' | 'strict' = 'oidc-2.0.9'): Promise<AppVisitor> {
  return AppVisitor.start('', { profile })
}

async function withTable(visitor: AppVisitor, ...columns: Json[]): Promise<[number, number[]]> {
  const { id } = await visitor.ok('POST', `${V1}/tables`, { title: 'T' })
  const ids: number[] = []
  for (const column of columns) ids.push((await visitor.ok('POST', `${V1}/tables/${id}/columns`, column)).id)
  return [id, ids]
}

async function kept(visitor: AppVisitor, column: Json, value: unknown): Promise<unknown> {
  const [tableId, [columnId = 0]] = await withTable(visitor, { title: 'C', ...column })
  await visitor.ok('POST', `${V1}/tables/${tableId}/rows`, { data: { [columnId]: value } })
  const [row] = await visitor.ok<{ data: { value: unknown }[] }[]>('GET', `${V1}/tables/${tableId}/rows`)
  return row?.data[0]?.value
}

describe('tables', () => {
  it('are welcomed with one whose rows can be read, and not again while the user has any', async () => {
    const visitor = await start()
    const [welcome, ...others] = await visitor.ok<WithId[]>('GET', `${V1}/tables`)
    expect(others).toEqual([])
    const rows = await visitor.ok<{ data: unknown[] }[]>('GET', `${V1}/tables/${welcome!.id}/rows`)
    expect(rows.map(({ data }) => data.length)).toEqual([4, 4, 4, 4, 4, 4, 4])
    const own = await visitor.ok('POST', `${V1}/tables`, { title: 'Own' })
    await visitor.ok('DELETE', `${V1}/tables/${welcome!.id}`)
    expect(await visitor.ok<WithId[]>('GET', `${V1}/tables`)).toEqual([own])
    await visitor.ok('DELETE', `${V1}/tables/${own.id}`)
    expect(await visitor.ok<WithId[]>('GET', `${V1}/tables`)).toMatchObject([{ title: welcome!['title'] }])
  })

  it('are made, changed and deleted alike over both APIs', async () => {
    const visitor = await start()
    const made = (await visitor.ok<Ocs<WithId>>('POST', `${V2}/tables`, { title: 'A', emoji: '🙂' })).ocs.data
    expect(made).toMatchObject({ title: 'A', emoji: '🙂', rowsCount: 0, archived: false })
    const path = `/tables/${made.id}`
    expect(await visitor.ok('GET', V1 + path)).toEqual(made)
    const changed = await visitor.ok('PUT', V1 + path, { title: 'B' })
    expect(changed).toMatchObject({ title: 'B', emoji: '🙂' })
    expect((await visitor.ok<Ocs<WithId>>('PUT', V2 + path, { emoji: '🙁' })).ocs.data).toMatchObject({
      title: 'B',
      emoji: '🙁',
    })
    expect((await visitor.ok<Ocs<Json>>('GET', `${V2}/tables/scheme/${made.id}`)).ocs.data).toEqual(
      await visitor.ok('GET', `${V1}${path}/scheme`),
    )
    await visitor.ok('DELETE', V2 + path)
    expect((await visitor.call('GET', V1 + path)).status).toBe(404)
  })

  it('need a title', async () => {
    const visitor = await start()
    for (const json of [{}, { title: '' }, { title: ' ' }, { title: 'x'.repeat(201) }]) {
      expect((await visitor.call('POST', `${V1}/tables`, { json })).status).toBe(400)
      expect((await visitor.call('POST', `${V2}/tables`, { json })).status).toBe(400)
    }
    expect((await visitor.call('POST', `${V1}/tables`, { json: { title: 'x'.repeat(200) } })).status).toBe(
      200,
    )
  })

  it('take columns with them', async () => {
    const visitor = await start()
    const [tableId, [columnId = 0]] = await withTable(visitor, { title: 'C', type: 'text' })
    await visitor.ok('DELETE', `${V1}/tables/${tableId}`)
    expect((await visitor.call('GET', `${V1}/columns/${columnId}`)).status).toBe(404)
  })
})

describe('columns of tables', () => {
  it('are listed, read, changed and deleted, with their cells', async () => {
    const visitor = await start()
    const [tableId, [a = 0, b = 0]] = await withTable(
      visitor,
      { title: 'A', type: 'text' },
      { title: 'B', type: 'number', numberDecimals: 2, numberPrefix: '€' },
    )
    const list = await visitor.ok<WithId[]>('GET', `${V1}/tables/${tableId}/columns`)
    expect(list.map(({ id }) => id)).toEqual([a, b])
    expect(list[1]).toMatchObject({ type: 'number', numberDecimals: 2, numberPrefix: '€' })
    expect((await visitor.ok<Ocs<WithId[]>>('GET', `${V2}/columns/table/${tableId}`)).ocs.data).toEqual(list)
    await visitor.ok('POST', `${V1}/tables/${tableId}/rows`, { data: { [a]: 'x', [b]: 1 } })
    expect(await visitor.ok('PUT', `${V1}/columns/${a}`, { title: 'A2', type: 'number' })).toMatchObject({
      title: 'A2',
      type: 'text',
    })
    await visitor.ok('DELETE', `${V1}/columns/${a}`)
    expect(await visitor.ok('GET', `${V1}/tables/${tableId}/rows`)).toMatchObject([
      { data: [{ columnId: b, value: 1 }] },
    ])
  })

  it.each(['text', 'number', 'selection', 'datetime', 'usergroup'])(
    'can be made over OCS: %s',
    async (type) => {
      const visitor = await start()
      const [baseNodeId] = await withTable(visitor)
      const json = { baseNodeId, baseNodeType: 'table', title: 'C' }
      const { ocs } = await visitor.ok<Ocs<WithId>>('POST', `${V2}/columns/${type}`, json)
      expect(ocs.data).toMatchObject({ type, title: 'C', tableId: baseNodeId })
      expect((await visitor.ok<Ocs<WithId>>('GET', `${V2}/columns/${ocs.data.id}`)).ocs.data).toMatchObject({
        type,
      })
    },
  )

  it.each([{ title: 'C' }, { title: 'C', type: 'spreadsheet' }, { title: '', type: 'text' }])(
    'are refused: %j',
    async (json) => {
      const visitor = await start()
      const [tableId] = await withTable(visitor)
      expect((await visitor.call('POST', `${V1}/tables/${tableId}/columns`, { json })).status).toBe(400)
    },
  )
})

describe('cells of tables', () => {
  it.each([
    [{ type: 'text' }, 'wörd 漢 👩‍👩‍👧\n<b>', 'wörd 漢 👩‍👩‍👧\n<b>'],
    [{ type: 'text' }, 5, '5'],
    [{ type: 'number' }, 41, 41],
    [{ type: 'number' }, -0.25, -0.25],
    [{ type: 'number' }, '41', 41],
    [{ type: 'number' }, 'many', null],
    [{ type: 'number', subtype: 'stars' }, '4', 4],
    [{ type: 'selection', subtype: 'check' }, true, 'true'],
    [{ type: 'selection', subtype: 'check' }, 'no', 'false'],
    [{ type: 'selection', selectionOptions: '[{"id":0,"label":"a"},{"id":1,"label":"b"}]' }, 1, 1],
    [{ type: 'selection', selectionOptions: '[{"id":0,"label":"a"}]' }, 7, null],
    [{ type: 'selection', subtype: 'multi', selectionOptions: [{ id: 2, label: 'c' }] }, [2, 3], [2]],
    [{ type: 'datetime', subtype: 'date' }, '2024-02-29', '2024-02-29'],
    [{ type: 'datetime', subtype: 'date' }, 'soon', ''],
    [{ type: 'datetime', subtype: 'time' }, '23:59', '23:59'],
    [{ type: 'datetime' }, '2024-02-29T10:30:00+00:00', '2024-02-29 10:30'],
  ])('of %j keep %j as %j', async (column, value, expected) => {
    expect(await kept(await start(), column, value)).toEqual(expected)
  })

  it('refuse what is no scalar', async () => {
    const visitor = await start()
    const [tableId, [columnId = 0]] = await withTable(visitor, { title: 'C', type: 'text' })
    const json = { data: { [columnId]: { deep: [] } } }
    expect((await visitor.call('POST', `${V1}/tables/${tableId}/rows`, { json })).status).toBe(400)
    expect(await visitor.ok('GET', `${V1}/tables/${tableId}/rows`)).toEqual([])
  })
})

describe('rows of tables', () => {
  it('come in pages, and as plain values under the titles', async () => {
    const visitor = await start()
    const [tableId, [a = 0]] = await withTable(
      visitor,
      { title: 'A', type: 'number' },
      { title: 'B', type: 'text' },
    )
    for (const value of [1, 2, 3]) {
      await visitor.ok('POST', `${V1}/tables/${tableId}/rows`, { data: { [a]: value } })
    }
    const page = async (query: string): Promise<unknown[]> =>
      (await visitor.ok<{ data: { value: unknown }[] }[]>('GET', `${V1}/tables/${tableId}/rows${query}`)).map(
        ({ data }) => data[0]?.value,
      )
    expect(await page('')).toEqual([1, 2, 3])
    expect(await page('?limit=2')).toEqual([1, 2])
    expect(await page('?limit=2&offset=2')).toEqual([3])
    expect(await page('?offset=1')).toEqual([2, 3])
    expect(await page('?limit=0')).toEqual([])
    expect(await visitor.ok('GET', `${V1}/tables/${tableId}/rows/simple?limit=1`)).toEqual([
      ['A', 'B'],
      [1, ''],
    ])
  })

  it('take data as JSON text too, all of it or nothing', async () => {
    const visitor = await start()
    const [tableId, [a = 0]] = await withTable(visitor, { title: 'A', type: 'number' })
    const { id } = await visitor.ok('POST', `${V1}/tables/${tableId}/rows`, { data: `{"${a}":1}` })
    const half = { data: { [a]: 2, 999_999: 'x' } }
    expect((await visitor.call('PUT', `${V1}/rows/${id}`, { json: half })).status).toBe(500)
    expect(await visitor.ok('GET', `${V1}/rows/${id}`)).toMatchObject({ data: [{ value: 1 }] })
    for (const json of [{}, { data: null }, { data: 'no json' }, { data: 7 }]) {
      expect((await visitor.call('PUT', `${V1}/rows/${id}`, { json })).status).toBe(400)
    }
  })

  it.each([
    ['oidc-2.0.9', 500, 500],
    ['strict', 404, 400],
  ] as const)('that are missing, and unknown columns: %s answers %i and %i', async (profile, row, column) => {
    const visitor = await start(profile)
    const [tableId] = await withTable(visitor)
    const json = { data: { 999_999: 'x' } }
    expect((await visitor.call('PUT', `${V1}/rows/999999`, { json })).status).toBe(row)
    expect((await visitor.call('DELETE', `${V1}/rows/999999`)).status).toBe(row)
    expect((await visitor.call('GET', `${V1}/rows/999999`)).status).toBe(404)
    for (const path of [V1, V2]) {
      expect((await visitor.call('POST', `${path}/tables/${tableId}/rows`, { json })).status).toBe(column)
    }
  })
})

describe('Tables', () => {
  it("keeps every user's tables from the others", async () => {
    const visitor = await start()
    const [tableId, [columnId = 0]] = await withTable(visitor, { title: 'Secret', type: 'text' })
    const { id } = await visitor.ok('POST', `${V1}/tables/${tableId}/rows`, { data: { [columnId]: 'hush' } })
    for (const [method, path, json] of [
      ['GET', `${V1}/tables/${tableId}`],
      ['GET', `${V1}/tables/${tableId}/scheme`],
      ['GET', `${V1}/tables/${tableId}/columns`],
      ['GET', `${V1}/tables/${tableId}/rows`],
      ['GET', `${V1}/tables/${tableId}/rows/simple`],
      ['PUT', `${V1}/tables/${tableId}`, { title: 'Mine' }],
      ['DELETE', `${V1}/tables/${tableId}`],
      ['POST', `${V1}/columns`, { tableId, title: 'Mine', type: 'text' }],
      ['GET', `${V1}/columns/${columnId}`],
      ['DELETE', `${V1}/columns/${columnId}`],
      ['GET', `${V1}/rows/${id}`],
      ['PUT', `${V1}/rows/${id}`, { data: { [columnId]: 'mine' } }],
      ['DELETE', `${V1}/rows/${id}`],
      ['GET', `${V2}/tables/${tableId}`],
      ['GET', `${V2}/columns/table/${tableId}`],
      ['POST', `${V2}/tables/${tableId}/rows`, { data: { [columnId]: 'mine' } }],
    ] as const) {
      const answer = await visitor.call(method, path, { user: 'bob', json })
      expect(answer.status, `${method} ${path}`).toBeGreaterThanOrEqual(400)
      expect(answer.text, `${method} ${path}`).not.toMatch(/hush|Secret/)
    }
    expect(await visitor.ok('GET', `${V1}/rows/${id}`)).toMatchObject({ data: [{ value: 'hush' }] })
  })

  it('answers OCS v1 with HTTP 200 and says the status in the body', async () => {
    const visitor = await start()
    const path = '/ocs/v1.php/apps/tables/api/2/tables'
    expect(await visitor.ok('POST', path, { title: 'A' })).toMatchObject({
      ocs: { meta: { statuscode: 100 } },
    })
    const refused = await visitor.call('POST', path, { json: { title: '' } })
    expect(refused).toMatchObject({
      status: 200,
      body: { ocs: { meta: { status: 'failure', statuscode: 400 } } },
    })
  })

  it('takes bearer tokens: OCS always, API v1 with OCS-APIRequest only; Basic needs none for API v1', async () => {
    const visitor = await start()
    const { twin, users, app } = visitor.nextcloud
    twin.honourToken('alices-token', 'alice')
    const statusOf = async (path: string, headers: Record<string, string>): Promise<number> =>
      (await app.request(`http://cloud.test${path}`, { headers })).status
    const token = bearer('alices-token')
    expect(await statusOf(`${V2}/tables`, token)).toBe(200)
    expect(await statusOf(`${V1}/tables`, token)).toBe(401)
    expect(await statusOf(`${V1}/tables`, { ...token, 'ocs-apirequest': 'true' })).toBe(200)
    const password = Buffer.from(`alice:${users.alice.password}`).toString('base64')
    expect(await statusOf('/apps/tables/api/1/tables', { authorization: `Basic ${password}` })).toBe(200)
    expect(await statusOf(`${V2}/tables`, { authorization: `Basic ${password}` })).toBe(412)
    for (const path of [`${V1}/tables`, `${V2}/tables`]) {
      expect(await statusOf(path, { 'ocs-apirequest': 'true' })).toBe(401)
    }
  })
})

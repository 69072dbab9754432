import { describe, expect, it } from 'vitest'
import type { ServerMutant } from '../../src/servers/mutants.js'
import { EmbeddedSession } from './support/embedded-session.js'

interface Row {
  readonly id: number
  readonly message: string
  readonly data: readonly { readonly columnId: number; readonly value: unknown }[]
}

interface Rows {
  readonly rows: readonly Row[]
}

const V1 = '/apps/tables/api/1'

/** A table with a text, a number and a date column. */
async function withTable(
  mutants: readonly ServerMutant[] = [],
  profile: 'oidc-2.0.9' | 'strict' = 'oidc-2.0.9',
) {
  const session = await EmbeddedSession.open({ profile }, mutants)
  const { id: table_id } = await session.direct('POST', `${V1}/tables`, { title: 'Crew', emoji: '🚣' })
  const columns: number[] = []
  for (const column of [
    { title: 'Name', type: 'text', subtype: 'line' },
    { title: 'Age', type: 'number' },
    { title: 'Since', type: 'datetime', subtype: 'date' },
  ]) {
    columns.push((await session.direct('POST', `${V1}/tables/${table_id}/columns`, column)).id)
  }
  const [name = 0, age = 0, since = 0] = columns
  return { session, table_id, name, age, since }
}

describe('the tables tools', () => {
  it('list tables and read a schema', async () => {
    const { session, table_id, name, age, since } = await withTable()
    const { tables } = await session.call<{ tables: unknown }>('nc_tables_list_tables')
    expect(tables).toEqual([expect.objectContaining({ id: table_id, title: 'Crew', rowsCount: 0 })])
    const schema = await session.call('nc_tables_get_schema', { table_id })
    expect(schema).toMatchObject({
      id: table_id,
      title: 'Crew',
      columns: [
        { id: name, title: 'Name', type: 'text' },
        { id: age, title: 'Age', type: 'number' },
        { id: since, title: 'Since', type: 'datetime' },
      ],
    })
  })

  it('insert, read, update and delete rows, each value in its column and of its type', async () => {
    const { session, table_id, name, age, since } = await withTable()
    const data = { [age]: 41, [name]: 'Ann', [since]: '2024-02-29' }
    const inserted = await session.call<Row>('nc_tables_insert_row', { table_id, data })
    expect(inserted).toMatchObject({ success: true, tableId: table_id })
    const row_id = inserted.id
    expect(inserted.message).toBe(`Row ${row_id} inserted successfully`)
    await session.call('nc_tables_insert_row', { table_id, data: { [age]: 7.5 } })
    const { rows } = await session.call<Rows>('nc_tables_read_table', { table_id })
    expect(rows.map((row) => row.data)).toEqual([
      [
        { columnId: name, value: 'Ann' },
        { columnId: age, value: 41 },
        { columnId: since, value: '2024-02-29' },
      ],
      [{ columnId: age, value: 7.5 }],
    ])
    await session.call('nc_tables_update_row', { row_id, data: { [age]: 42 } })
    expect(await session.direct('GET', `${V1}/rows/${row_id}`)).toMatchObject({
      data: [
        { columnId: name, value: 'Ann' },
        { columnId: age, value: 42 },
        { columnId: since, value: '2024-02-29' },
      ],
    })
    expect(await session.call('nc_tables_delete_row', { row_id })).toMatchObject({
      success: true,
      id: row_id,
    })
    expect(await session.direct('GET', `${V1}/tables/${table_id}/rows`)).toHaveLength(1)
  })

  it('read as many rows as asked from the offset on; null is no limit', async () => {
    const { session, table_id, age } = await withTable()
    for (const value of [1, 2, 3, 4]) {
      await session.call('nc_tables_insert_row', { table_id, data: { [age]: value } })
    }
    const ages = async (input: object): Promise<unknown[]> =>
      (await session.call<Rows>('nc_tables_read_table', { table_id, ...input })).rows.map(
        (row) => row.data[0]?.value,
      )
    expect(await ages({ limit: 2 })).toEqual([1, 2])
    expect(await ages({ limit: 2, offset: 1 })).toEqual([2, 3])
    expect(await ages({ offset: 3 })).toEqual([4])
    expect(await ages({ limit: null, offset: null })).toEqual([1, 2, 3, 4])
    expect(await ages({ limit: 9, offset: 9 })).toEqual([])
  })

  it('take titles of columns where they are unambiguous', async () => {
    const { session, table_id, name, age } = await withTable()
    const inserted = await session.call<Row>('nc_tables_insert_row', {
      table_id,
      data: { Age: 3, Name: 'Cy' },
    })
    expect(inserted.data).toEqual([
      { columnId: name, value: 'Cy' },
      { columnId: age, value: 3 },
    ])
    const row_id = inserted.id
    await session.call('nc_tables_update_row', { row_id, data: { Name: 'Di' } })
    await session.direct('POST', `${V1}/tables/${table_id}/columns`, { title: 'Age', type: 'text' })
    expect(await session.refusal('nc_tables_update_row', { row_id, data: { Age: 4 } })).toMatch(
      `Table ${table_id} has several columns Age: name one by its id (${age}, `,
    )
    expect(
      await session.refusal('nc_tables_insert_row', { table_id, data: { Name: 'x', [name]: 'y' } }),
    ).toBe(`Column ${name} (Name) is given twice`)
    const { rows } = await session.call<Rows>('nc_tables_read_table', { table_id })
    expect(rows[0]?.data[0]).toEqual({ columnId: name, value: 'Di' })
  })

  it.each(['oidc-2.0.9', 'strict'] as const)('say what is missing on profile %s', async (profile) => {
    const { session, table_id } = await withTable([], profile)
    const missing = { table_id: 999_999, row_id: 999_999, data: { 1: 'x' } }
    for (const [tool, { ...input }] of [
      ['nc_tables_get_schema', { table_id: missing.table_id }],
      ['nc_tables_read_table', { table_id: missing.table_id }],
      ['nc_tables_insert_row', { table_id: missing.table_id, data: missing.data }],
    ] as const) {
      expect(await session.refusal(tool, input), tool).toBe('Table 999999 not found')
    }
    expect(
      await session.refusal('nc_tables_update_row', { row_id: missing.row_id, data: missing.data }),
    ).toBe('Row 999999 not found')
    expect(await session.refusal('nc_tables_delete_row', { row_id: missing.row_id })).toMatch(
      /^Row 999999 not found/,
    )
    expect(await session.refusal('nc_tables_insert_row', { table_id, data: { 999_999: 'x' } })).toMatch(
      new RegExp(`^Table ${table_id} has no column 999999. Its columns: \\d+ \\(Name\\), `),
    )
  })

  it("do not reach another user's table", async () => {
    const { session } = await withTable()
    const { id: table_id } = await session.direct('POST', `${V1}/tables`, { title: 'Secret' }, 'bob')
    const column = { title: 'Word', type: 'text' }
    const { id } = await session.direct('POST', `${V1}/tables/${table_id}/columns`, column, 'bob')
    const row = { data: { [id]: 'hush' } }
    const { id: row_id } = await session.direct('POST', `${V1}/tables/${table_id}/rows`, row, 'bob')
    for (const [tool, input] of [
      ['nc_tables_get_schema', { table_id }],
      ['nc_tables_read_table', { table_id }],
      ['nc_tables_insert_row', { table_id, data: { [id]: 'mine' } }],
      ['nc_tables_update_row', { row_id, data: { [id]: 'mine' } }],
      ['nc_tables_delete_row', { row_id }],
    ] as const) {
      expect(await session.refusal(tool, input), tool).toMatch(/not found/)
    }
    expect(await session.direct('GET', `${V1}/tables/${table_id}/rows`, undefined, 'bob')).toMatchObject([
      { data: [{ columnId: id, value: 'hush' }] },
    ])
  })
})

describe('s-column-mismatch', () => {
  it('puts values into columns by position', async () => {
    const { session, table_id, name, age } = await withTable(['s-column-mismatch'])
    const inserted = await session.call<Row>('nc_tables_insert_row', { table_id, data: { [age]: 41 } })
    expect(inserted.data).toEqual([{ columnId: name, value: '41' }])
  })
})

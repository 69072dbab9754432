import { isDeepStrictEqual } from 'node:util'
import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { listItems } from '../support/list-answer.js'
import { openTargetSession } from '../support/mcp-session.js'
import {
  cellsOf,
  sharedTables,
  type Cells,
  type CheckTable,
  type NextcloudRow,
  type NextcloudTables,
} from '../support/nextcloud-tables.js'
import { newMarker } from '../support/notes-tools.js'
import { TablesTools } from '../support/tables-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** The life of rows, each step compared with what Nextcloud itself has. */
export const tablesRoundTrip = defineCheck({
  id: 'tools.tables.round-trip',
  suite: 'tools',
  title: 'Rows of a table are inserted, read page by page, changed and deleted, each value in its column',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a tool does what it says and nothing else' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-column-mismatch' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, [
      'listTables',
      'getTableSchema',
      'readTable',
      'insertRow',
      'updateRow',
      'deleteRow',
    ])
    if (lacking !== undefined) return lacking
    const tools = new TablesTools(session)
    const tables = sharedTables(ctx, 'alice')
    const table = await tables.create(newMarker())
    try {
      const findings = new Findings()
      judgeDiscovery(findings, table, await tools.list(), await tools.schema(table.id))
      const steps = new RowSteps(findings, tools, tables, table)
      const first = await steps.insert({
        [table.text.id]: 'first',
        [table.number.id]: 41,
        [table.date.id]: '2024-02-29',
      })
      if (first === undefined) return notTestable(`no row can be inserted: ${steps.lastAnswer()}`)
      // Without the first column, so that values which are put in by position land elsewhere.
      await steps.insert({ [table.number.id]: 7.5, [table.date.id]: '2025-03-01' })
      await steps.update(first, { [table.number.id]: 42 })
      await tables.insert(table.id, { [table.text.id]: '12', [table.number.id]: 3 })
      await steps.readPages()
      await steps.remove(first)
      return judge(findings.list(), 'list, schema, insert, update, read in pages, delete')
    } finally {
      await tables.remove(table.id)
    }
  },
})

function judgeDiscovery(findings: Findings, table: CheckTable, list: ToolAnswer, schema: ToolAnswer): void {
  const listed = listItems(list, 'tables').some(({ id, title }) => id === table.id && title === table.title)
  if (list.kind !== 'result' || !listed) {
    findings.add({
      id: 'table-not-listed',
      message: 'a table of the user is not in the list',
      expected: { id: table.id, title: table.title },
      observed: describeToolAnswer(list),
    })
  }
  const { columns } = schema.data
  const expected = [table.text, table.number, table.date]
  const found = (Array.isArray(columns) ? columns : []).filter(isJsonObject)
  const complete = expected.every((column) =>
    found.some(({ id, title }) => id === column.id && title === column.title),
  )
  if (schema.kind === 'result' && complete) return
  findings.add({
    id: 'schema-incomplete',
    message: 'the schema does not have every column with its id and title',
    expected,
    observed: describeToolAnswer(schema),
  })
}

class RowSteps {
  readonly #findings: Findings
  readonly #tools: TablesTools
  readonly #tables: NextcloudTables
  readonly #table: CheckTable
  #answer: ToolAnswer | undefined

  constructor(findings: Findings, tools: TablesTools, tables: NextcloudTables, table: CheckTable) {
    this.#findings = findings
    this.#tools = tools
    this.#tables = tables
    this.#table = table
  }

  lastAnswer(): string {
    return this.#answer === undefined ? '' : describeToolAnswer(this.#answer)
  }

  /** Inserts a row; the new row of Nextcloud, or `undefined` when there is none. */
  async insert(data: Cells): Promise<NextcloudRow | undefined> {
    const before = new Set((await this.#tables.rows(this.#table.id)).map(({ id }) => id))
    this.#answer = await this.#tools.insert(this.#table.id, data)
    const added = (await this.#tables.rows(this.#table.id)).filter(({ id }) => !before.has(id))
    const [row] = added
    if (this.#answer.kind !== 'result' || added.length !== 1) {
      this.#findings.add({
        id: 'insert-not-applied',
        message: 'inserting a row does not add one row',
        expected: 1,
        observed: { rows: added.length, answer: this.lastAnswer() },
      })
    }
    if (row !== undefined)
      this.#compare('inserted-otherwise', 'a row is inserted with other values', row, data)
    return row
  }

  async update(row: NextcloudRow, data: Cells): Promise<void> {
    this.#answer = await this.#tools.update(row.id, data)
    const after = (await this.#tables.rows(this.#table.id)).find(({ id }) => id === row.id)
    if (after === undefined) throw new NotTestableError('updating a row makes it disappear')
    if (this.#answer.kind !== 'result') {
      this.#findings.add({
        id: 'update-not-applied',
        message: 'a row cannot be updated',
        observed: this.lastAnswer(),
      })
      return
    }
    const expected = { ...row.cells, ...data }
    this.#compare('updated-otherwise', 'an update changes other values than those given', after, expected)
  }

  /** Everything at once and in pages must be what Nextcloud has, in the same order. */
  async readPages(): Promise<void> {
    const stored = await this.#tables.rows(this.#table.id)
    await this.#compareRead('read-otherwise', {}, stored)
    await this.#compareRead('page-otherwise', { limit: 1 }, stored.slice(0, 1))
    await this.#compareRead('page-otherwise', { limit: 1, offset: 1 }, stored.slice(1, 2))
    await this.#compareRead('page-otherwise', { limit: 2, offset: 1 }, stored.slice(1, 3))
  }

  async remove(row: NextcloudRow): Promise<void> {
    const before = await this.#tables.rows(this.#table.id)
    this.#answer = await this.#tools.remove(row.id)
    const left = await this.#tables.rows(this.#table.id)
    const expected = before.filter(({ id }) => id !== row.id)
    if (this.#answer.kind === 'result' && isDeepStrictEqual(left, expected)) return
    this.#findings.add({
      id: 'not-deleted',
      message: 'deleting a row does not remove this row alone',
      expected: expected.map(({ id }) => id),
      observed: { rows: left.map(({ id }) => id), answer: this.lastAnswer() },
    })
  }

  async #compareRead(
    id: 'read-otherwise' | 'page-otherwise',
    page: { readonly limit?: number; readonly offset?: number },
    stored: readonly NextcloudRow[],
  ): Promise<void> {
    this.#answer = await this.#tools.read(this.#table.id, page)
    const read = listItems(this.#answer, 'rows').map((row) => ({ id: row['id'], cells: cellsOf(row) }))
    if (this.#answer.kind === 'result' && isDeepStrictEqual(read, stored)) return
    this.#findings.add({
      id,
      message:
        id === 'read-otherwise'
          ? 'rows are read with other values or types than stored'
          : 'limit and offset do not give the rows they name',
      expected: { ...page, rows: stored },
      observed: read.length === 0 ? this.lastAnswer() : read,
    })
  }

  #compare(id: string, message: string, { cells }: NextcloudRow, expected: Cells): void {
    for (const { id: columnId, title } of [this.#table.text, this.#table.number, this.#table.date]) {
      const [wanted, stored] = [expected[columnId], cells[columnId]]
      // A column that was not given may be there empty.
      if (wanted === stored || (wanted === undefined && (stored === null || stored === ''))) continue
      this.#findings.add({
        id,
        message,
        expected: { [title]: wanted ?? null },
        observed: { [title]: stored ?? null },
      })
    }
  }
}

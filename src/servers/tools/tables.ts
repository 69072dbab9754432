import * as z from 'zod'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudStatusError } from '../nextcloud-errors.js'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { envelope, stamped } from './envelope.js'
import * as api from './tables-api.js'
import { cellsByColumnId } from './tables-columns.js'
import { defineTool, ToolError, type Tool } from './tool.js'
import { wordedAsUsual } from './wording.js'

const tableId = z.int().describe('Id of the table')
const rowId = z.int().describe('Id of the row')
const data = z
  .record(z.string(), z.unknown())
  .describe('Column id to value; the title of a column does too when no other has it')
const changedRow = api.rowSchema.extend({ ...envelope, message: z.string() })

const listTables = defineTool({
  name: 'nc_tables_list_tables',
  title: 'List tables',
  description: "Lists the user's tables with their views.",
  annotations: reading,
  input: z.strictObject({}),
  output: z.object({ tables: z.array(api.tableSchema) }),
  run: (_input, { nextcloud }) =>
    wordedAsUsual(
      api.listTables(nextcloud).then((tables) => ({ tables })),
      'tables',
    ),
})

const getSchema = defineTool({
  name: 'nc_tables_get_schema',
  title: 'Read table schema',
  description: 'Reads the columns of a table, with ids, titles and types, and its views.',
  annotations: reading,
  input: z.strictObject({ table_id: tableId }),
  output: api.schemeSchema.extend({ id: z.int() }),
  run: async ({ table_id }, { nextcloud }) => ({ id: table_id, ...(await schemeOf(nextcloud, table_id)) }),
})

const readTable = defineTool({
  name: 'nc_tables_read_table',
  title: 'Read table rows',
  description: 'Reads the rows of a table: all of them, or as many as the limit says from the offset on.',
  annotations: reading,
  input: z.strictObject({
    table_id: tableId,
    limit: z.int().min(1).nullable().default(null),
    offset: z.int().min(0).nullable().default(null),
  }),
  output: z.object({ rows: z.array(api.rowSchema) }),
  run: ({ table_id, limit, offset }, { nextcloud }) =>
    aboutTable(
      table_id,
      api.listRows(nextcloud, table_id, { limit, offset }).then((rows) => ({ rows })),
    ),
})

const insertRow = defineTool({
  name: 'nc_tables_insert_row',
  title: 'Insert row',
  description: 'Adds a row to a table.',
  annotations: writing,
  input: z.strictObject({ table_id: tableId, data }),
  output: changedRow,
  async run({ table_id, data: values }, { nextcloud, mutants }) {
    const scheme = await schemeOf(nextcloud, table_id)
    const cells = cellsByColumnId(`Table ${String(table_id)}`, scheme, values, mutants)
    const row = await aboutTable(table_id, api.insertRow(nextcloud, table_id, cells))
    return changed(row, 'inserted')
  },
})

const updateRow = defineTool({
  name: 'nc_tables_update_row',
  title: 'Update row',
  description: 'Changes the given cells of a row; the others stay.',
  annotations: overwriting,
  input: z.strictObject({ row_id: rowId, data }),
  output: changedRow,
  async run({ row_id, data: values }, { nextcloud, mutants }) {
    // What the row belongs to is needed for the columns, and tells a missing row, which the update does not.
    const { tableId: table_id } = await aboutRow(nextcloud, row_id, api.readRow(nextcloud, row_id))
    const scheme = await schemeOf(nextcloud, table_id)
    const cells = cellsByColumnId(`Table ${String(table_id)}`, scheme, values, mutants)
    const row = await aboutRow(nextcloud, row_id, api.updateRow(nextcloud, row_id, cells))
    return changed(row, 'updated')
  },
})

const deleteRow = defineTool({
  name: 'nc_tables_delete_row',
  title: 'Delete row',
  description: 'Deletes a row and returns what it held.',
  annotations: deleting,
  input: z.strictObject({ row_id: rowId }),
  output: changedRow,
  run: async ({ row_id }, { nextcloud }) =>
    changed(await aboutRow(nextcloud, row_id, api.deleteRow(nextcloud, row_id)), 'deleted'),
})

/** The tools of Nextcloud's Tables app. */
export const tablesTools: readonly Tool[] = [
  listTables,
  getSchema,
  readTable,
  insertRow,
  updateRow,
  deleteRow,
]

function changed(row: api.Row, how: string) {
  return { ...stamped(), message: `Row ${String(row.id)} ${how} successfully`, ...row }
}

function schemeOf(nextcloud: NextcloudClient, id: number): Promise<api.Scheme> {
  return aboutTable(id, api.readScheme(nextcloud, id))
}

function aboutTable<T>(id: number, result: Promise<T>): Promise<T> {
  const table = `Table ${String(id)}`
  return wordedAsUsual(result, table, {
    403: `Access denied to table ${String(id)}`,
    404: `${table} not found`,
  })
}

/** Words failures about a row. Tables answers 500 for a missing one, so a second look has to tell. */
async function aboutRow<T>(nextcloud: NextcloudClient, id: number, result: Promise<T>): Promise<T> {
  const row = `Row ${String(id)}`
  try {
    return await result
  } catch (error) {
    if (error instanceof NextcloudStatusError && error.status === 500 && !(await canBeRead(nextcloud, id))) {
      throw new ToolError(`${row} not found, or Nextcloud failed on it (HTTP 500)`, { cause: error })
    }
    return wordedAsUsual(Promise.reject(error as Error), row, {
      403: `Access denied to row ${String(id)}`,
      404: `${row} not found`,
    })
  }
}

function canBeRead(nextcloud: NextcloudClient, id: number): Promise<boolean> {
  return api.readRow(nextcloud, id).then(
    () => true,
    () => false,
  )
}

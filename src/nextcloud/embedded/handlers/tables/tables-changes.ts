import type { EmbeddedContext } from '../../context.js'
import { booleanParameter } from '../notes-parameters.js'
import { stringParameter, type RequestParameters } from '../oidc/parameters.js'
import { readCells } from './cell-values.js'
import { readColumnSettings, readTitle } from './column-settings.js'
import { TablesError } from './tables-error.js'
import type { CellsRow, CellValue, ColumnRow, ColumnSettings, TableRow } from './tables-store.js'

/**
 * The user's table; others' tables look like missing ones.
 *
 * @throws {TablesError} `missing-table`
 */
export function findTable(ctx: EmbeddedContext, userId: string, tableId: number): TableRow {
  const table = ctx.store.tables.tables.get(tableId)
  if (table?.ownerId === userId) return table
  throw new TablesError('missing-table', `Table with id ${tableId} not found`)
}

/** @throws {TablesError} `missing`, also for a column of another user's table */
export function findColumn(ctx: EmbeddedContext, userId: string, columnId: number): [TableRow, ColumnRow] {
  const column = ctx.store.tables.columns.get(columnId)
  const table = column && ctx.store.tables.tables.get(column.tableId)
  if (column !== undefined && table?.ownerId === userId) return [table, column]
  throw new TablesError('missing', `Column with id ${columnId} not found`)
}

/**
 * The user's row and its table.
 *
 * @param doing name of the operation in the release's message
 * @throws {TablesError} `missing-row`, also for a row of another user's table
 */
export function findRow(
  ctx: EmbeddedContext,
  userId: string,
  rowId: number,
  doing: 'updateSet' | 'delete' | 'find',
): [TableRow, CellsRow] {
  const row = ctx.store.tables.rows.get(rowId)
  const table = row && ctx.store.tables.tables.get(row.tableId)
  if (row !== undefined && table?.ownerId === userId) return [table, row]
  const service = 'OCA\\Tables\\Service\\RowService'
  const query = 'SELECT * FROM `*PREFIX*tables_row_sleeves` WHERE `id` = :dcValue1'
  throw new TablesError(
    doing === 'find' ? 'missing' : 'missing-row',
    ctx.profile.quirks.badInputIs500
      ? `${service} - ${doing}: ${service} - getRowById: Did expect one result but found none when executing: query "${query}"; `
      : `Row with id ${rowId} not found`,
  )
}

/**
 * Makes a table without columns.
 *
 * @throws {TablesError} `bad-request` without a usable title.
 */
export function createTable(ctx: EmbeddedContext, userId: string, parameters: RequestParameters): TableRow {
  const nowSeconds = ctx.clock.nowSeconds()
  const table: TableRow = {
    id: ctx.store.nextId(),
    ownerId: userId,
    title: readTitle(stringParameter(parameters, 'title') ?? ''),
    emoji: stringParameter(parameters, 'emoji') ?? null,
    description: stringParameter(parameters, 'description') ?? '',
    archived: false,
    createdAtSeconds: nowSeconds,
    lastEditAtSeconds: nowSeconds,
  }
  ctx.store.tables.tables.set(table.id, table)
  return table
}

/** @throws {TablesError} `bad-request` for an empty or too long title. */
export function updateTable(ctx: EmbeddedContext, table: TableRow, parameters: RequestParameters): void {
  const title = readTitle(stringParameter(parameters, 'title') ?? table.title)
  const emoji = stringParameter(parameters, 'emoji') ?? table.emoji
  const description = stringParameter(parameters, 'description') ?? table.description
  const archived = booleanParameter(parameters, 'archived') ?? false
  Object.assign(table, {
    title,
    emoji,
    description,
    archived,
    lastEditAtSeconds: ctx.clock.nowSeconds(),
  })
}

/** @throws {TablesError} `bad-request` for unusable settings. */
export function createColumn(
  ctx: EmbeddedContext,
  table: TableRow,
  parameters: RequestParameters,
): ColumnRow {
  return insertColumn(ctx, table, readColumnSettings(parameters))
}

/** Changes a column; its type stays. */
export function updateColumn(ctx: EmbeddedContext, column: ColumnRow, parameters: RequestParameters): void {
  const { type } = column.settings
  column.settings = readColumnSettings({ ...parameters, type }, column.settings)
  column.lastEditAtSeconds = ctx.clock.nowSeconds()
}

/**
 * Adds a row with the cells of a request's `data`.
 *
 * @throws {TablesError} `bad-request` without a list of cells; else like `readCells`.
 */
export function createRow(ctx: EmbeddedContext, table: TableRow, data: unknown): CellsRow {
  const values = cellsParameter(data, 'Cannot create row: data input is invalid.')
  return insertRow(ctx, table, readCells(values, ctx.store.tables.columnsOf(table.id)))
}

/** Changes the cells that `data` names. Throws like `createRow`. */
export function updateRow(ctx: EmbeddedContext, row: CellsRow, data: unknown): void {
  const values = cellsParameter(data, 'Could not update row.')
  const cells = readCells(values, ctx.store.tables.columnsOf(row.tableId))
  for (const [columnId, value] of cells) row.cells.set(columnId, value)
  row.lastEditAtSeconds = ctx.clock.nowSeconds()
}

/** `data` of a request: a map, or its JSON text. */
function cellsParameter(data: unknown, message: string): RequestParameters {
  let cells = data
  if (typeof data === 'string') {
    try {
      cells = JSON.parse(data) as unknown
    } catch {
      // Not every text is JSON; it is refused below.
    }
  }
  if (typeof cells !== 'object' || cells === null) throw new TablesError('bad-request', message)
  return cells as RequestParameters
}

export function insertColumn(ctx: EmbeddedContext, table: TableRow, settings: ColumnSettings): ColumnRow {
  const nowSeconds = ctx.clock.nowSeconds()
  const column = {
    id: ctx.store.nextId(),
    tableId: table.id,
    settings,
    createdAtSeconds: nowSeconds,
    lastEditAtSeconds: nowSeconds,
  }
  ctx.store.tables.columns.set(column.id, column)
  return column
}

export function insertRow(ctx: EmbeddedContext, table: TableRow, cells: Map<number, CellValue>): CellsRow {
  const nowSeconds = ctx.clock.nowSeconds()
  const row = {
    id: ctx.store.nextId(),
    tableId: table.id,
    cells,
    createdAtSeconds: nowSeconds,
    lastEditAtSeconds: nowSeconds,
  }
  ctx.store.tables.rows.set(row.id, row)
  return row
}

import type { EmbeddedContext } from '../../context.js'
import type { CellsRow, ColumnRow, TableRow, ViewRow } from './tables-store.js'

/** A table as the API lists it, with its views and counts. */
export function tableData(ctx: EmbeddedContext, table: TableRow): Record<string, unknown> {
  const { tables } = ctx.store
  return {
    id: table.id,
    title: table.title,
    emoji: table.emoji,
    ownership: table.ownerId,
    ownerDisplayName: displayName(ctx, table),
    ...edited(table, table),
    archived: table.archived,
    ...UNSHARED,
    rowsCount: tables.rowsOf(table.id).length,
    columnsCount: tables.columnsOf(table.id).length,
    views: tables.viewsOf(table.id).map((view) => viewData(ctx, table, view)),
    description: table.description,
  }
}

/** The structure of a table, as it is exported: columns and views, no rows. */
export function schemeData(ctx: EmbeddedContext, table: TableRow): Record<string, unknown> {
  return {
    title: table.title,
    emoji: table.emoji,
    columns: ctx.store.tables.columnsOf(table.id).map((column) => columnData(ctx, table, column)),
    views: ctx.store.tables.viewsOf(table.id).map((view) => viewData(ctx, table, view)),
    description: table.description,
    tablesVersion: ctx.profile.apps['tables'] ?? '',
  }
}

const UNSHARED = { isShared: false, favorite: false, onSharePermissions: null, hasShares: false }

/** A view; its `rowsCount` is that of the rows it shows. */
export function viewData(ctx: EmbeddedContext, table: TableRow, view: ViewRow): Record<string, unknown> {
  const { tables } = ctx.store
  const unchecked = tables
    .rowsOf(table.id)
    .filter(({ cells }) => cells.get(view.uncheckedColumnId) !== 'true').length
  return {
    id: view.id,
    tableId: table.id,
    title: view.title,
    description: '',
    emoji: view.emoji,
    ownership: table.ownerId,
    ...edited(table, { ...view, lastEditAtSeconds: view.createdAtSeconds }),
    columns: [],
    columnSettings: tables
      .columnsOf(table.id)
      .map(({ id }, order) => ({ columnId: id, order, readonly: false, mandatory: false })),
    sort: [],
    ...UNSHARED,
    rowsCount: unchecked,
    ownerDisplayName: displayName(ctx, table),
    filter: [[{ columnId: view.uncheckedColumnId, operator: 'is-equal', value: '@unchecked' }]],
  }
}

/**
 * A column as the API shows it.
 *
 * @param isFresh true in the answer to its creation, where what was not given is still null.
 */
export function columnData(
  ctx: EmbeddedContext,
  table: TableRow,
  column: ColumnRow,
  isFresh = false,
): Record<string, unknown> {
  const { settings } = column
  const unset = isFresh ? null : false
  const name = displayName(ctx, table)
  return {
    id: column.id,
    tableId: column.tableId,
    ...edited(table, column),
    createdByDisplayName: name,
    lastEditByDisplayName: name,
    viewColumnInformation: null,
    ...settings,
    numberDecimals: settings.numberDecimals ?? (isFresh ? null : 0),
    textUnique: false,
    usergroupDefault: [],
    usergroupMultipleItems: unset,
    usergroupSelectUsers: unset,
    usergroupSelectGroups: unset,
    usergroupSelectTeams: unset,
    showUserStatus: unset,
    customSettings: {},
  }
}

/** A row with its cells in the order of the columns. */
export function rowData(ctx: EmbeddedContext, table: TableRow, row: CellsRow): Record<string, unknown> {
  const data = ctx.store.tables
    .columnsOf(table.id)
    .filter(({ id }) => row.cells.has(id))
    .map(({ id }) => ({ columnId: id, value: row.cells.get(id) }))
  return { id: row.id, tableId: row.tableId, ...edited(table, row), data }
}

interface Edited {
  readonly createdAtSeconds: number
  readonly lastEditAtSeconds: number
}

/** Who made and changed it, and when; on a table that nobody shares it is always the owner. */
function edited({ ownerId }: TableRow, { createdAtSeconds, lastEditAtSeconds }: Edited) {
  return {
    createdBy: ownerId,
    createdAt: dateTime(createdAtSeconds),
    lastEditBy: ownerId,
    lastEditAt: dateTime(lastEditAtSeconds),
  }
}

/** `2026-11-23 07:20:01`, UTC. */
function dateTime(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')
}

function displayName(ctx: EmbeddedContext, { ownerId }: TableRow): string {
  return ctx.store.users.get(ownerId)?.displayName ?? ownerId
}

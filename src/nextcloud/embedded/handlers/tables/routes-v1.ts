import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { emptyResponse, jsonResponse } from '../../responses.js'
import { corsMarked, type UserHandler } from '../cors-marker.js'
import { queryParameters, readParameters } from '../oidc/parameters.js'
import { integerCast } from './numbers.js'
import * as changes from './tables-changes.js'
import { columnData, rowData, schemeData, tableData, viewData } from './tables-data.js'
import { TablesError } from './tables-error.js'
import type { CellsRow } from './tables-store.js'
import { ensureWelcomeTable } from './welcome-table.js'

/** API v1 of Tables: `/apps/tables/api/1`, CORS-marked. */
export function registerTablesV1Routes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const { tables } = ctx.store
  const route = (method: string, path: string, handler: UserHandler): void => {
    const paths = ['/index.php', ''].map((prefix) => `${prefix}/apps/tables/api/1${path}`)
    app.on(method, paths, (c) =>
      corsMarked(ctx, c, async (_c, userId) => {
        try {
          return await handler(c, userId)
        } catch (error) {
          if (error instanceof TablesError) return refused(ctx, c, error)
          throw error
        }
      }),
    )
  }
  const tableOf = (c: Context<EmbeddedEnv>, userId: string) => changes.findTable(ctx, userId, idOf(c))

  route('GET', '/tables', (c, userId) => {
    ensureWelcomeTable(ctx, userId)
    return jsonResponse(
      c,
      200,
      tables.tablesOf(userId).map((table) => tableData(ctx, table)),
    )
  })
  route('POST', '/tables', async (c, userId) =>
    jsonResponse(c, 200, tableData(ctx, changes.createTable(ctx, userId, await readParameters(c)))),
  )
  route('GET', '/tables/:id', (c, userId) => jsonResponse(c, 200, tableData(ctx, tableOf(c, userId))))
  route('PUT', '/tables/:id', async (c, userId) => {
    const table = tableOf(c, userId)
    changes.updateTable(ctx, table, await readParameters(c))
    return jsonResponse(c, 200, tableData(ctx, table))
  })
  route('DELETE', '/tables/:id', (c, userId) => {
    const table = tableOf(c, userId)
    const data = tableData(ctx, table)
    tables.deleteTable(table)
    return jsonResponse(c, 200, data)
  })
  route('GET', '/tables/:id/scheme', (c, userId) => {
    const table = tableOf(c, userId)
    const fileName = table.title.replace(/[^\x20-\x7e]|["\\]/g, '_')
    const headers = { 'content-disposition': `attachment; filename="${fileName}.json"` }
    return jsonResponse(c, 200, schemeData(ctx, table), { headers })
  })
  route('GET', '/tables/:id/views', (c, userId) => {
    const table = tableOf(c, userId)
    return jsonResponse(
      c,
      200,
      tables.viewsOf(table.id).map((view) => viewData(ctx, table, view)),
    )
  })
  route('GET', '/tables/:id/columns', (c, userId) => {
    const table = tableOf(c, userId)
    return jsonResponse(
      c,
      200,
      tables.columnsOf(table.id).map((column) => columnData(ctx, table, column)),
    )
  })
  route('POST', '/tables/:id/columns', async (c, userId) => {
    const table = tableOf(c, userId)
    const column = changes.createColumn(ctx, table, await readParameters(c))
    return jsonResponse(c, 200, columnData(ctx, table, column, true))
  })
  route('POST', '/columns', async (c, userId) => {
    const parameters = await readParameters(c)
    const table = changes.findTable(ctx, userId, integerCast(parameters['tableId']))
    const column = changes.createColumn(ctx, table, parameters)
    return jsonResponse(c, 200, columnData(ctx, table, column, true))
  })
  route('GET', '/columns/:id', (c, userId) =>
    jsonResponse(c, 200, columnData(ctx, ...changes.findColumn(ctx, userId, idOf(c)))),
  )
  route('PUT', '/columns/:id', async (c, userId) => {
    const [table, column] = changes.findColumn(ctx, userId, idOf(c))
    changes.updateColumn(ctx, column, await readParameters(c))
    return jsonResponse(c, 200, columnData(ctx, table, column))
  })
  route('DELETE', '/columns/:id', (c, userId) => {
    const [table, column] = changes.findColumn(ctx, userId, idOf(c))
    tables.deleteColumn(column)
    return jsonResponse(c, 200, columnData(ctx, table, column))
  })
  route('GET', '/tables/:id/rows', (c, userId) => {
    const table = tableOf(c, userId)
    const rows = pageOf(c, tables.rowsOf(table.id))
    return jsonResponse(
      c,
      200,
      rows.map((row) => rowData(ctx, table, row)),
    )
  })
  route('GET', '/tables/:id/rows/simple', (c, userId) => {
    const table = tableOf(c, userId)
    const columns = tables.columnsOf(table.id)
    const rows = pageOf(c, tables.rowsOf(table.id)).map(({ cells }) =>
      columns.map(({ id }) => cells.get(id) ?? ''),
    )
    return jsonResponse(c, 200, [columns.map(({ settings }) => settings.title), ...rows])
  })
  route('POST', '/tables/:id/rows', async (c, userId) => {
    const table = tableOf(c, userId)
    const row = changes.createRow(ctx, table, (await readParameters(c))['data'])
    return jsonResponse(c, 200, rowData(ctx, table, row))
  })
  route('GET', '/rows/:id', (c, userId) =>
    jsonResponse(c, 200, rowData(ctx, ...changes.findRow(ctx, userId, idOf(c), 'find'))),
  )
  route('PUT', '/rows/:id', async (c, userId) => {
    const [table, row] = changes.findRow(ctx, userId, idOf(c), 'updateSet')
    const { lastEditAt } = rowData(ctx, table, row)
    changes.updateRow(ctx, row, (await readParameters(c))['data'])
    // The answer still has the time of the edit before.
    return jsonResponse(c, 200, { ...rowData(ctx, table, row), lastEditAt })
  })
  route('DELETE', '/rows/:id', (c, userId) => {
    const [table, row] = changes.findRow(ctx, userId, idOf(c), 'delete')
    tables.rows.delete(row.id)
    return jsonResponse(c, 200, rowData(ctx, table, row))
  })
}

function idOf(c: Context<EmbeddedEnv>): number {
  return integerCast(c.req.param('id'))
}

/** The part of a list that `limit` and `offset` of the query ask for. */
function pageOf(c: Context<EmbeddedEnv>, rows: readonly CellsRow[]): readonly CellsRow[] {
  const { limit, offset } = queryParameters(c)
  const start = Math.max(0, integerCast(offset))
  const count = limit === undefined ? rows.length : integerCast(limit)
  return rows.slice(start, count < 0 ? undefined : start + count)
}

function refused(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, error: TablesError): Response {
  // A missing table is found out before any controller runs.
  if (error.code === 'missing-table') return emptyResponse(c, 404)
  return jsonResponse(c, error.status(ctx.profile.quirks.badInputIs500), { message: error.message })
}

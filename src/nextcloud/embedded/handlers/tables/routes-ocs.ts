import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../../context.js'
import { emptyResponse } from '../../responses.js'
import type { UserHandler } from '../cors-marker.js'
import { ocsData, ocsUser } from '../ocs.js'
import { readParameters } from '../oidc/parameters.js'
import { integerCast } from './numbers.js'
import * as changes from './tables-changes.js'
import { columnData, rowData, schemeData, tableData } from './tables-data.js'
import { TablesError } from './tables-error.js'
import { ensureWelcomeTable } from './welcome-table.js'

const COLUMN_TYPES = 'text|number|selection|datetime|usergroup'
const UNEXPECTED =
  'An unexpected error occurred. More details can be found in the logs. Please reach out to your administration.'

/** API v2 of Tables, over OCS: `/ocs/v2.php/apps/tables/api/2` and the same below `v1.php`. */
export function registerTablesOcsRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const { tables } = ctx.store
  const route = (method: string, path: string, handler: UserHandler): void => {
    const paths = ['v1', 'v2'].map((version) => `/ocs/${version}.php/apps/tables/api/2${path}`)
    app.on(method, paths, async (c) => {
      const userId = await ocsUser(c)
      if (userId instanceof Response) return userId
      try {
        return await handler(c, userId)
      } catch (error) {
        if (error instanceof TablesError) return refused(ctx, c, error)
        throw error
      }
    })
  }
  const tableOf = (c: Context<EmbeddedEnv>, userId: string) => changes.findTable(ctx, userId, idOf(c))

  route('GET', '/tables', (c, userId) => {
    ensureWelcomeTable(ctx, userId)
    return ocsData(
      c,
      200,
      tables.tablesOf(userId).map((table) => tableData(ctx, table)),
    )
  })
  route('POST', '/tables', async (c, userId) =>
    ocsData(c, 200, tableData(ctx, changes.createTable(ctx, userId, await readParameters(c)))),
  )
  route('GET', '/tables/scheme/:id', (c, userId) => ocsData(c, 200, schemeData(ctx, tableOf(c, userId))))
  route('GET', '/tables/:id', (c, userId) => ocsData(c, 200, tableData(ctx, tableOf(c, userId))))
  route('PUT', '/tables/:id', async (c, userId) => {
    const table = tableOf(c, userId)
    changes.updateTable(ctx, table, await readParameters(c))
    return ocsData(c, 200, tableData(ctx, table))
  })
  route('DELETE', '/tables/:id', (c, userId) => {
    const table = tableOf(c, userId)
    const data = tableData(ctx, table)
    tables.deleteTable(table)
    return ocsData(c, 200, data)
  })
  route('POST', `/columns/:type{${COLUMN_TYPES}}`, async (c, userId) => {
    const parameters = await readParameters(c)
    const table = changes.findTable(ctx, userId, integerCast(parameters['baseNodeId']))
    const column = changes.createColumn(ctx, table, { ...parameters, type: c.req.param('type') })
    return ocsData(c, 200, columnData(ctx, table, column, true))
  })
  route('GET', '/columns/table/:id', (c, userId) => {
    const table = tableOf(c, userId)
    return ocsData(
      c,
      200,
      tables.columnsOf(table.id).map((column) => columnData(ctx, table, column)),
    )
  })
  route('GET', '/columns/:id', (c, userId) =>
    ocsData(c, 200, columnData(ctx, ...changes.findColumn(ctx, userId, idOf(c)))),
  )
  route('POST', '/tables/:id/rows', async (c, userId) => {
    const table = tableOf(c, userId)
    const row = changes.createRow(ctx, table, (await readParameters(c))['data'])
    // The row comes back as it was before it got its author and times.
    return ocsData(c, 200, {
      ...rowData(ctx, table, row),
      createdBy: null,
      createdAt: null,
      lastEditBy: null,
      lastEditAt: null,
    })
  })
}

function idOf(c: Context<EmbeddedEnv>): number {
  return integerCast(c.req.param('id'))
}

function refused(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, error: TablesError): Response {
  // A missing table is found out before any controller runs.
  if (error.code === 'missing-table') return emptyResponse(c, 404)
  const status = error.status(ctx.profile.quirks.badInputIs500)
  return ocsData(c, status, { message: status === 500 ? UNEXPECTED : error.message })
}

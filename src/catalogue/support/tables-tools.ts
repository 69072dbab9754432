import type { McpSession } from './mcp-session.js'
import type { Cells } from './nextcloud-tables.js'
import type { ToolAnswer } from './tool-answer.js'
import { TOOL_NAMES } from './tool-names.js'

/** The tables tools of a server, called in one session. */
export class TablesTools {
  readonly #session: McpSession

  constructor(session: McpSession) {
    this.#session = session
  }

  list(): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.listTables, {})
  }

  schema(tableId: number): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.getTableSchema, { table_id: tableId })
  }

  /** Without a page all rows. */
  read(
    tableId: number,
    page: { readonly limit?: number; readonly offset?: number } = {},
  ): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.readTable, { table_id: tableId, ...page })
  }

  insert(tableId: number, data: Cells): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.insertRow, { table_id: tableId, data })
  }

  update(rowId: number, data: Cells): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.updateRow, { row_id: rowId, data })
  }

  remove(rowId: number): Promise<ToolAnswer> {
    return this.#session.callTool(TOOL_NAMES.deleteRow, { row_id: rowId })
  }
}

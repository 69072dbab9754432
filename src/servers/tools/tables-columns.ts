import type { ServerMutant } from '../mutants.js'
import type { Cells, Scheme } from './tables-api.js'
import { ToolError } from './tool.js'

/**
 * Gives every value its column's id: a key is the id of a column of this table, or else its title.
 *
 * @param table the table in the user's terms, such as `Table 7`
 * @throws {ToolError} for a key that is no column, or more than one, and for a column that is named twice.
 */
export function cellsByColumnId(
  table: string,
  { columns }: Scheme,
  data: Cells,
  mutants: ReadonlySet<ServerMutant>,
): Cells {
  if (mutants.has('s-column-mismatch')) {
    return Object.fromEntries(
      Object.values(data).map((value, index) => [String(columns[index]?.id ?? 0), value]),
    )
  }
  const cells: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(data)) {
    const byId = columns.filter(({ id }) => String(id) === key)
    const [column, ...others] = byId.length > 0 ? byId : columns.filter(({ title }) => title === key)
    if (column === undefined) {
      const known = columns.map(({ id, title }) => `${String(id)} (${title})`).join(', ')
      throw new ToolError(`${table} has no column ${key}. Its columns: ${known === '' ? 'none' : known}`)
    }
    if (others.length > 0) {
      const ids = [column, ...others].map(({ id }) => String(id)).join(', ')
      throw new ToolError(`${table} has several columns ${key}: name one by its id (${ids})`)
    }
    const columnId = String(column.id)
    if (columnId in cells) throw new ToolError(`Column ${columnId} (${column.title}) is given twice`)
    cells[columnId] = value
  }
  return cells
}

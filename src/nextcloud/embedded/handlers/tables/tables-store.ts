export interface TableRow {
  readonly id: number
  readonly ownerId: string
  title: string
  emoji: string | null
  description: string
  archived: boolean
  readonly createdAtSeconds: number
  lastEditAtSeconds: number
}

/** A view; only the one of a welcome table exists. */
export interface ViewRow {
  readonly id: number
  readonly tableId: number
  readonly title: string
  readonly emoji: string
  /** The rows shown are those without a tick in this column. */
  readonly uncheckedColumnId: number
  readonly createdAtSeconds: number
}

export interface ColumnSettings {
  readonly type: string
  readonly subtype: string
  readonly title: string
  readonly description: string
  readonly mandatory: boolean
  readonly numberDefault: number | null
  readonly numberMin: number | null
  readonly numberMax: number | null
  readonly numberDecimals: number | null
  readonly numberPrefix: string
  readonly numberSuffix: string
  readonly textDefault: string | null
  readonly textAllowedPattern: string | null
  readonly textMaxLength: number | null
  readonly selectionOptions: readonly SelectionOption[]
  readonly selectionDefault: string
  readonly datetimeDefault: string
}

export interface SelectionOption {
  readonly id: number
  readonly label: string
}

export interface ColumnRow {
  readonly id: number
  readonly tableId: number
  settings: ColumnSettings
  readonly createdAtSeconds: number
  lastEditAtSeconds: number
}

export type CellValue = string | number | null | readonly number[]

export interface CellsRow {
  readonly id: number
  readonly tableId: number
  /** By column id. */
  readonly cells: Map<number, CellValue>
  readonly createdAtSeconds: number
  lastEditAtSeconds: number
}

/** State of the Tables app. Every table belongs to one user; nothing is shared. Ids are unique over all kinds. */
export class TablesStore {
  readonly tables = new Map<number, TableRow>()
  readonly views = new Map<number, ViewRow>()
  readonly columns = new Map<number, ColumnRow>()
  readonly rows = new Map<number, CellsRow>()

  tablesOf(userId: string): TableRow[] {
    return Array.from(this.tables.values()).filter((table) => table.ownerId === userId)
  }

  columnsOf(tableId: number): ColumnRow[] {
    return Array.from(this.columns.values()).filter((column) => column.tableId === tableId)
  }

  rowsOf(tableId: number): CellsRow[] {
    return Array.from(this.rows.values()).filter((row) => row.tableId === tableId)
  }

  viewsOf(tableId: number): ViewRow[] {
    return Array.from(this.views.values()).filter((view) => view.tableId === tableId)
  }

  deleteTable({ id }: TableRow): void {
    for (const kind of [this.columns, this.rows, this.views]) {
      for (const row of kind.values()) if (row.tableId === id) kind.delete(row.id)
    }
    this.tables.delete(id)
  }

  deleteColumn({ id, tableId }: ColumnRow): void {
    for (const row of this.rowsOf(tableId)) row.cells.delete(id)
    this.columns.delete(id)
  }
}

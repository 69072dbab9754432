import type { RequestParameters } from '../oidc/parameters.js'
import { integerCast } from './numbers.js'
import { TablesError } from './tables-error.js'
import type { CellValue, ColumnRow } from './tables-store.js'

const CHECKED: readonly unknown[] = ['yes', '1', true, 1, 'true', 'TRUE']
const DATE_TIME = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d)(?::\d\d(?:Z|[+-]\d\d:?\d\d))?$/

/**
 * Cells of a request's `data`, which maps column ids to values: each value in its column's type.
 *
 * @param columns those of the table
 * @throws {TablesError} `unknown-column`, or `bad-request` for a value that is no scalar where one is needed.
 */
export function readCells(data: RequestParameters, columns: readonly ColumnRow[]): Map<number, CellValue> {
  const cells = new Map<number, CellValue>()
  for (const [key, value] of Object.entries(data)) {
    const columnId = integerCast(key)
    const column = columns.find(({ id }) => id === columnId)
    if (column === undefined) {
      throw new TablesError('unknown-column', `Column with id ${columnId} is not part of the table`)
    }
    cells.set(columnId, cellValue(column, value))
  }
  return cells
}

function cellValue(column: ColumnRow, value: unknown): CellValue {
  const { type, subtype } = column.settings
  if (type === 'selection' && subtype === 'multi') return multiSelection(column, value)
  if (typeof value === 'object' && value !== null) {
    throw new TablesError('bad-request', `Column "${column.settings.title}" cannot hold this value.`)
  }
  const text = textOf(value)
  if (type === 'number') return subtype === '' ? numberOf(text) : integerCast(text)
  if (type === 'selection') {
    if (subtype === 'check') return CHECKED.includes(value) ? 'true' : 'false'
    return optionIds(column).find((id) => String(id) === text) ?? null
  }
  if (type === 'datetime') return dateTimeOf(subtype, text)
  return text
}

function multiSelection(column: ColumnRow, value: unknown): readonly number[] {
  const wanted = Array.isArray(value) ? value.map(textOf) : textOf(value).split(',')
  return optionIds(column).filter((id) => wanted.includes(String(id)))
}

function optionIds({ settings }: ColumnRow): number[] {
  return settings.selectionOptions.map(({ id }) => id)
}

/** Decimal text of a number; what is none becomes `null`. */
function numberOf(text: string): number | null {
  const number = text.trim() === '' ? NaN : Number(text)
  return Number.isFinite(number) ? number : null
}

/** What a date column keeps: `Y-m-d`, `H:i` or `Y-m-d H:i`; empty for what it does not understand. */
function dateTimeOf(subtype: string, text: string): string {
  if (subtype === 'date') return /^\d{4}-\d\d-\d\d$/.test(text) ? text : ''
  if (subtype === 'time') return /^\d\d:\d\d$/.test(text) ? text : ''
  const [, date, time] = DATE_TIME.exec(text) ?? []
  return date === undefined || time === undefined ? '' : `${date} ${time}`
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return String(value)
  return value === true ? '1' : ''
}

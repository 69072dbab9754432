import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { isJsonObject } from './json.js'
import { UserApi, type UserApiUser } from './user-api.js'

/** A column of the table that checks make. */
export interface TableColumn {
  readonly id: number
  readonly title: string
}

/** A table with three columns, in this order. */
export interface CheckTable {
  readonly id: number
  readonly title: string
  readonly text: TableColumn
  readonly number: TableColumn
  readonly date: TableColumn
}

/** Values by column id; columns without a value are left out. */
export type Cells = Readonly<Record<string, unknown>>

/** A row as Nextcloud itself shows it. */
export interface NextcloudRow {
  readonly id: number
  readonly cells: Cells
}

const COLUMNS = {
  text: { title: 'Label', type: 'text', subtype: 'line' },
  number: { title: 'Amount', type: 'number', numberDecimals: 2 },
  date: { title: 'Day', type: 'datetime', subtype: 'date' },
} as const

/**
 * One user's tables, made, read and removed past the server under test: what a tool says it did is compared with what
 * Nextcloud has. Basic credentials, no cookies.
 */
export class NextcloudTables {
  readonly #api: UserApi

  constructor(ctx: Pick<CheckContext, 'fetch'>, baseUrl: string, user: UserApiUser) {
    this.#api = new UserApi(ctx, `${baseUrl}/index.php/apps/tables/api/1`, user)
  }

  /**
   * Makes a table with a text, a number and a date column.
   *
   * @throws NotTestableError when Nextcloud does not let us, e.g. without the Tables app; nothing is left behind then.
   */
  async create(title: string): Promise<CheckTable> {
    const table = await this.#json('creating a table', 'POST', '/tables', { title, emoji: '🧪' })
    const id = numberOf(table, 'id')
    try {
      const column = async (kind: keyof typeof COLUMNS): Promise<TableColumn> => {
        const made = await this.#json('creating a column', 'POST', '/columns', {
          tableId: id,
          mandatory: false,
          description: '',
          ...COLUMNS[kind],
        })
        return { id: numberOf(made, 'id'), title: COLUMNS[kind].title }
      }
      return {
        id,
        title,
        text: await column('text'),
        number: await column('number'),
        date: await column('date'),
      }
    } catch (error) {
      await this.remove(id)
      throw error
    }
  }

  /** All rows of a table, in Nextcloud's order. */
  async rows(tableId: number): Promise<readonly NextcloudRow[]> {
    const list = await this.#json('reading rows', 'GET', `/tables/${tableId}/rows`)
    if (!Array.isArray(list)) throw new NotTestableError('Nextcloud does not list the rows of a table')
    return list.filter(isJsonObject).map((row) => ({ id: numberOf(row, 'id'), cells: cellsOf(row) }))
  }

  /** Adds a row. Returns its id. */
  async insert(tableId: number, data: Cells): Promise<number> {
    const row = await this.#json('inserting a row', 'POST', `/tables/${tableId}/rows`, { data })
    return numberOf(row, 'id')
  }

  /** Deletes a table with its rows; one that is gone already is no failure. */
  async remove(tableId: number): Promise<void> {
    await this.#request('DELETE', `/tables/${tableId}`).catch(() => undefined)
  }

  async #json(what: string, method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await this.#request(method, path, body)
    const json: unknown = await response.json().catch(() => undefined)
    if (response.ok && json !== undefined) return json
    throw new NotTestableError(`${what} on Nextcloud directly is answered with status ${response.status}`)
  }

  #request(method: string, path: string, body?: unknown): Promise<Response> {
    return this.#api.requestJson(method, path, body, { 'ocs-apirequest': 'true' })
  }
}

/** The tables of a person on the shared Nextcloud. */
export function sharedTables(ctx: CheckContext, user: 'alice' | 'bob'): NextcloudTables {
  return new NextcloudTables(ctx, ctx.nextcloud.baseUrl, ctx.users[user])
}

/** The values of a row by column id: from `data` as a list of `{columnId, value}` or as a map. */
export function cellsOf(row: Readonly<Record<string, unknown>>): Cells {
  const { data } = row
  if (isJsonObject(data)) return data
  if (!Array.isArray(data)) return {}
  return Object.fromEntries(data.filter(isJsonObject).map(({ columnId, value }) => [String(columnId), value]))
}

function numberOf(value: unknown, member: string): number {
  const number = isJsonObject(value) ? value[member] : undefined
  if (typeof number === 'number') return number
  throw new NotTestableError(`Nextcloud gave no ${member} for what was made`)
}

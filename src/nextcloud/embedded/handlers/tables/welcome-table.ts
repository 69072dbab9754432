import type { EmbeddedContext } from '../../context.js'
import { readColumnSettings } from './column-settings.js'
import { createTable, insertColumn, insertRow } from './tables-changes.js'

const COLUMNS = [
  { title: 'What', type: 'text', subtype: 'line' },
  { title: 'How to do', type: 'text', subtype: 'rich' },
  { title: 'Ease of use', type: 'number', subtype: 'stars' },
  { title: 'Done', type: 'selection', subtype: 'check' },
]
/** What, how, stars; the first one is done. */
const ROWS = [
  ['Open Tables', 'In the list of apps', 5],
  ['Add a row', 'With the button below the table', 5],
  ['Change a row', 'With the pencil beside it', 5],
  ['Add a column', 'In the menu of the table', 4],
  ['Make a view', 'A view keeps a filter and an order', 4],
  ['Make an application', 'An application shows several tables', 3],
  ['Read the manual', 'It is on the web', 3],
] as const

/** Lists of tables are never empty: a user without tables gets this one. */
export function ensureWelcomeTable(ctx: EmbeddedContext, userId: string): void {
  const { tables } = ctx.store
  if (tables.tablesOf(userId).length > 0) return
  const table = createTable(ctx, userId, { title: 'Welcome to Nextcloud Tables!', emoji: '🚀' })
  const [what = 0, how = 0, ease = 0, done = 0] = COLUMNS.map(
    (settings) => insertColumn(ctx, table, readColumnSettings(settings)).id,
  )
  for (const [index, [title, explanation, stars]] of ROWS.entries()) {
    const cells = new Map<number, string | number>([
      [what, title],
      [how, explanation],
      [ease, stars],
      [done, index === 0 ? 'true' : 'false'],
    ])
    insertRow(ctx, table, cells)
  }
  const view = {
    id: ctx.store.nextId(),
    tableId: table.id,
    title: 'Check yourself!',
    emoji: '🏁',
    uncheckedColumnId: done,
    createdAtSeconds: table.createdAtSeconds,
  }
  tables.views.set(view.id, view)
}

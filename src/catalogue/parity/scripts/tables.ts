import { listItems } from '../../support/list-answer.js'
import { sharedTables, type CheckTable } from '../../support/nextcloud-tables.js'
import { defineScript, withMember } from './script.js'

const MISSING_ID = 999_999_999

/** Rows of a table that no tool can make, so Nextcloud is asked for it. */
export const tablesScript = defineScript<CheckTable>({
  app: 'tables',
  prepare: (ctx, marker) => sharedTables(ctx, 'alice').create(marker),
  steps: [
    {
      name: 'list',
      tool: 'listTables',
      args: () => ({}),
      own: (answer, { marker }) => listItems(answer, 'tables').filter(({ title }) => title === marker),
    },
    { name: 'schema', tool: 'getTableSchema', args: ({ prepared: { id } }) => ({ table_id: id }) },
    {
      name: 'insert',
      tool: 'insertRow',
      args: ({ prepared: { id, text, number, date } }) => ({
        table_id: id,
        data: { [text.id]: 'äöü 漢字 🦆', [number.id]: 41.5, [date.id]: '2031-04-05' },
      }),
    },
    {
      name: 'insert-unknown-column',
      tool: 'insertRow',
      args: ({ prepared: { id } }) => ({ table_id: id, data: { [MISSING_ID]: 'x' } }),
    },
    {
      name: 'update',
      tool: 'updateRow',
      args: withMember('insert', 'id', (row_id, { prepared: { number } }) => ({
        row_id,
        data: { [number.id]: 42 },
      })),
    },
    { name: 'read', tool: 'readTable', args: ({ prepared: { id } }) => ({ table_id: id }) },
    {
      name: 'read-page',
      tool: 'readTable',
      args: ({ prepared: { id } }) => ({ table_id: id, limit: 1, offset: 1 }),
    },
    { name: 'delete', tool: 'deleteRow', args: withMember('insert', 'id', (row_id) => ({ row_id })) },
    { name: 'delete-again', tool: 'deleteRow', args: withMember('insert', 'id', (row_id) => ({ row_id })) },
    { name: 'schema-missing', tool: 'getTableSchema', args: () => ({ table_id: MISSING_ID }) },
    { name: 'read-missing', tool: 'readTable', args: () => ({ table_id: MISSING_ID }) },
    { name: 'insert-missing', tool: 'insertRow', args: () => ({ table_id: MISSING_ID, data: { 1: 'x' } }) },
    { name: 'update-missing', tool: 'updateRow', args: () => ({ row_id: MISSING_ID, data: { 1: 'x' } }) },
    { name: 'read-without-arguments', tool: 'readTable', args: () => ({}) },
  ],
  async cleanUp(ctx, { prepared }) {
    await sharedTables(ctx, 'alice').remove(prepared.id)
  },
})

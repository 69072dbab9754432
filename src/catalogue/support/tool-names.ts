import type { Outcome } from '../check.js'
import type { McpSession } from './mcp-session.js'

/** The tools that checks call, by what they do. The names are those of the seed's server. */
export const TOOL_NAMES = {
  createNote: 'nc_notes_create_note',
  getNote: 'nc_notes_get_note',
  updateNote: 'nc_notes_update_note',
  appendToNote: 'nc_notes_append_content',
  searchNotes: 'nc_notes_search_notes',
  deleteNote: 'nc_notes_delete_note',
  getNoteAttachment: 'nc_notes_get_attachment',
  listDirectory: 'nc_webdav_list_directory',
  readFile: 'nc_webdav_read_file',
  writeFile: 'nc_webdav_write_file',
  createDirectory: 'nc_webdav_create_directory',
  deleteResource: 'nc_webdav_delete_resource',
  moveResource: 'nc_webdav_move_resource',
  copyResource: 'nc_webdav_copy_resource',
  listTables: 'nc_tables_list_tables',
  getTableSchema: 'nc_tables_get_schema',
  readTable: 'nc_tables_read_table',
  insertRow: 'nc_tables_insert_row',
  updateRow: 'nc_tables_update_row',
  deleteRow: 'nc_tables_delete_row',
  listCalendars: 'nc_calendar_list_calendars',
  createEvent: 'nc_calendar_create_event',
  listEvents: 'nc_calendar_list_events',
  getEvent: 'nc_calendar_get_event',
  updateEvent: 'nc_calendar_update_event',
  deleteEvent: 'nc_calendar_delete_event',
  manageCalendar: 'nc_calendar_manage_calendar',
} as const

export type ToolPurpose = keyof typeof TOOL_NAMES

/** Tools that only one mode needs, to let a user sign in. They do not count as a difference between the modes. */
export const SIGN_IN_TOOL = /^nc_auth_|provision|sign_?in|log_?in|oauth/i

/** `not-applicable` with the names, when the server lacks tools that a check is about; else `undefined`. */
export async function lackOfTools(
  session: McpSession,
  purposes: readonly ToolPurpose[],
): Promise<Outcome | undefined> {
  const listed = new Set((await session.listTools()).map(({ name }) => name))
  const lacking = purposes.map((purpose) => TOOL_NAMES[purpose]).filter((name) => !listed.has(name))
  if (lacking.length === 0) return undefined
  return { kind: 'not-applicable', reason: `the server has no tool ${lacking.join(', ')}` }
}

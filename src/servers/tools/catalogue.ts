import type { ServerMutant } from '../mutants.js'
import type { Mode } from '../server.js'
import { calendarTools } from './calendar.js'
import { contactsTools } from './contacts.js'
import { deckTools } from './deck.js'
import { notesTools } from './notes.js'
import { tablesTools } from './tables.js'
import { scoped, type ScopedTool } from './tool.js'
import { webdavTools } from './webdav.js'

/** A new app is one file and one line here. */
const TOOLS: readonly ScopedTool[] = [
  scoped('notes', notesTools),
  scoped('files', webdavTools),
  scoped('tables', tablesTools),
  scoped('calendar', calendarTools),
  scoped('contacts', contactsTools),
  scoped('deck', deckTools),
].flat()

interface Options {
  readonly mode: Mode
  readonly mutants: ReadonlySet<ServerMutant>
}

/** All tools in the order they are listed; the same in both modes. */
export function listedTools(options: Options): readonly ScopedTool[] {
  const { mode, mutants } = options
  const tools = TOOLS.filter((tool) => !isDropped(tool, options))
  if (mode === 'oauth' && mutants.has('s-oauth-extra-required-argument')) {
    return tools.map((tool) => (tool.name === 'nc_notes_search_notes' ? withUserId(tool) : tool))
  }
  return tools
}

/** The tool of that name. */
export function findTool(name: string, options: Options): ScopedTool | undefined {
  const tool = TOOLS.find((known) => known.name === name)
  return tool === undefined || isDropped(tool, options) ? undefined : tool
}

/** What `s-oauth-drops-tool` drops. */
function isDropped({ name }: ScopedTool, { mode, mutants }: Options): boolean {
  return mode === 'oauth' && name === 'nc_notes_get_attachment' && mutants.has('s-oauth-drops-tool')
}

/** The tool with one more argument in its list entry; calls go on without it. */
function withUserId(tool: ScopedTool): ScopedTool {
  const { properties, required, ...rest } = tool.inputSchema
  return {
    ...tool,
    inputSchema: {
      ...rest,
      properties: { ...(properties as object), user_id: { type: 'string' } },
      required: [...(required as string[]), 'user_id'],
    },
  }
}

import type { ServerMutant } from '../mutants.js'
import type { Mode } from '../server.js'
import { calendarTools } from './calendar.js'
import { contactsTools } from './contacts.js'
import { deckTools } from './deck.js'
import { notesTools } from './notes.js'
import { tablesTools } from './tables.js'
import type { Tool } from './tool.js'
import { webdavTools } from './webdav.js'

/** A new app is one file and one line here. */
const TOOLS: readonly Tool[] = [
  notesTools,
  webdavTools,
  tablesTools,
  calendarTools,
  contactsTools,
  deckTools,
].flat()

/** All tools in the order they are listed; the same in both modes. */
export function toolCatalogue(mode: Mode, mutants: ReadonlySet<ServerMutant>): readonly Tool[] {
  if (mode === 'oauth' && mutants.has('s-oauth-drops-tool')) {
    return TOOLS.filter((tool) => tool.name !== 'nc_notes_get_attachment')
  }
  if (mode === 'oauth' && mutants.has('s-oauth-extra-required-argument')) {
    return TOOLS.map((tool) => (tool.name === 'nc_notes_search_notes' ? withUserId(tool) : tool))
  }
  return TOOLS
}

/** The tool with one more argument in its list entry; calls go on without it. */
function withUserId(tool: Tool): Tool {
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

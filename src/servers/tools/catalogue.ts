import type { ServerMutant } from '../mutants.js'
import type { Mode } from '../server.js'
import { calendarTools } from './calendar.js'
import { notesTools } from './notes.js'
import type { Tool } from './tool.js'

const TOOLS: readonly Tool[] = [notesTools, calendarTools].flat()

/** All tools in the order they are listed; the same in both modes. */
export function toolCatalogue(mode: Mode, mutants: ReadonlySet<ServerMutant>): readonly Tool[] {
  if (mode === 'oauth' && mutants.has('s-oauth-drops-tool')) {
    return TOOLS.filter((tool) => tool.name !== 'nc_notes_get_attachment')
  }
  return TOOLS
}

import type { ServerMutant } from '../mutants.js'
import type { Mode } from '../server.js'
import { deckTools } from './deck.js'
import { notesTools } from './notes.js'
import { tablesTools } from './tables.js'
import type { Tool } from './tool.js'
import { webdavTools } from './webdav.js'

/** A new app is one file and one line here. */
const TOOLS: readonly Tool[] = [notesTools, webdavTools, tablesTools, deckTools].flat()

/** All tools in the order they are listed; the same in both modes. */
export function toolCatalogue(mode: Mode, mutants: ReadonlySet<ServerMutant>): readonly Tool[] {
  if (mode === 'oauth' && mutants.has('s-oauth-drops-tool')) {
    return TOOLS.filter((tool) => tool.name !== 'nc_notes_get_attachment')
  }
  return TOOLS
}

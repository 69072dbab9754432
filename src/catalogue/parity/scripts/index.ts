import { calendarsScript } from './calendars.js'
import { filesScript } from './files.js'
import { notesScript } from './notes.js'
import type { Script } from './script.js'
import { tablesScript } from './tables.js'

/** All scripts; an app whose tools a server lacks is left out there. A new app is one file and one entry. */
export const PARITY_SCRIPTS: readonly Script[] = [notesScript, filesScript, calendarsScript, tablesScript]

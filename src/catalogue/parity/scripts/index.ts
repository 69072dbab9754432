import { notesScript } from './notes.js'
import type { Script } from './script.js'

/** All scripts; an app whose tools a server lacks is left out there. */
export const PARITY_SCRIPTS: readonly Script[] = [notesScript]

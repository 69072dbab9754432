import type { Check } from '../check.js'
import { listSchemas } from './list-schemas.js'
import { notesCrud } from './notes-crud.js'
import { notesEtagConflict } from './notes-etag-conflict.js'
import { notesMissing } from './notes-missing.js'
import { tablesRoundTrip } from './tables-round-trip.js'

export const toolsChecks: readonly Check[] = [
  listSchemas,
  notesCrud,
  notesEtagConflict,
  notesMissing,
  tablesRoundTrip,
]

import type { Check } from '../check.js'
import { calendarRoundTrip } from './calendar-round-trip.js'
import { concurrency } from './concurrency.js'
import { errorInvalidArguments } from './error-invalid-arguments.js'
import { errorUnknownTool } from './error-unknown-tool.js'
import { largeContent } from './large-content.js'
import { listPagination } from './list-pagination.js'
import { listSchemas } from './list-schemas.js'
import { missingOthers } from './missing-others.js'
import { notesAppend } from './notes-append.js'
import { notesCrud } from './notes-crud.js'
import { notesEtagConflict } from './notes-etag-conflict.js'
import { notesMissing } from './notes-missing.js'
import { notesSearch } from './notes-search.js'
import { outputConforms } from './output-conforms.js'
import { tablesRoundTrip } from './tables-round-trip.js'
import { unicode } from './unicode.js'
import { webdavPaths } from './webdav-paths.js'
import { webdavRoundTrip } from './webdav-round-trip.js'

export const toolsChecks: readonly Check[] = [
  listSchemas,
  outputConforms,
  notesCrud,
  notesSearch,
  notesAppend,
  notesEtagConflict,
  notesMissing,
  missingOthers,
  webdavRoundTrip,
  webdavPaths,
  calendarRoundTrip,
  tablesRoundTrip,
  errorInvalidArguments,
  errorUnknownTool,
  unicode,
  largeContent,
  listPagination,
  concurrency,
]

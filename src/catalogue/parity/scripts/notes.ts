import { sharedNotes } from '../../support/nextcloud-notes.js'
import { NOTE_CATEGORY } from '../../support/notes-tools.js'
import {
  defineScript,
  memberOf,
  nothing,
  withMember,
  type Arguments,
  type Seen,
  type Step,
} from './script.js'

const MISSING_NOTE_ID = 999_999_999
const CHANGES = { title: null, content: null, category: null }

/** Arguments about the note that `create` made. */
function ofNote(
  args: (noteId: unknown, seen: Seen<undefined>) => Arguments = (note_id) => ({ note_id }),
): Step<undefined>['args'] {
  return withMember('create', 'id', args)
}

/** The life of a note, then what does not exist or makes no sense. */
export const notesScript = defineScript<undefined>({
  app: 'notes',
  steps: [
    {
      name: 'create',
      tool: 'createNote',
      args: ({ marker }) => ({
        title: marker,
        content: `first line\nsecond line, äöü 漢字 🦆 ${marker}`,
        category: NOTE_CATEGORY,
      }),
    },
    { name: 'get', tool: 'getNote', args: ofNote() },
    {
      name: 'create-same-title',
      tool: 'createNote',
      args: ({ marker }) => ({ title: marker, content: '', category: NOTE_CATEGORY }),
    },
    {
      name: 'update',
      tool: 'updateNote',
      args: ofNote((note_id, seen) => ({
        ...CHANGES,
        note_id,
        etag: memberOf(seen, 'create', 'etag'),
        category: `${NOTE_CATEGORY}/moved`,
      })),
    },
    {
      name: 'update-stale',
      tool: 'updateNote',
      args: ofNote((note_id, seen) => ({
        ...CHANGES,
        note_id,
        etag: memberOf(seen, 'create', 'etag'),
        content: 'too late',
      })),
    },
    { name: 'append', tool: 'appendToNote', args: ofNote((note_id) => ({ note_id, content: 'appended' })) },
    { name: 'get-again', tool: 'getNote', args: ofNote() },
    { name: 'search', tool: 'searchNotes', args: ({ marker }) => ({ query: marker }) },
    { name: 'search-nothing', tool: 'searchNotes', args: ({ marker }) => ({ query: `${marker}nothing` }) },
    {
      name: 'get-missing-attachment',
      tool: 'getNoteAttachment',
      args: ofNote((note_id) => ({ note_id, attachment_filename: 'missing.txt' })),
    },
    { name: 'delete', tool: 'deleteNote', args: ofNote() },
    { name: 'delete-again', tool: 'deleteNote', args: ofNote() },
    { name: 'get-missing', tool: 'getNote', args: () => ({ note_id: MISSING_NOTE_ID }) },
    {
      name: 'update-missing',
      tool: 'updateNote',
      args: () => ({ ...CHANGES, note_id: MISSING_NOTE_ID, etag: 'none', content: 'text' }),
    },
    {
      name: 'append-missing',
      tool: 'appendToNote',
      args: () => ({ note_id: MISSING_NOTE_ID, content: 'text' }),
    },
    { name: 'get-without-arguments', tool: 'getNote', args: () => ({}) },
    { name: 'get-wrong-type', tool: 'getNote', args: () => ({ note_id: 'not a number' }) },
    { name: 'append-without-content', tool: 'appendToNote', args: () => ({ note_id: MISSING_NOTE_ID }) },
    { name: 'unknown-tool', tool: 'unknown', args: () => ({}) },
  ],
  prepare: nothing,
  async cleanUp(ctx, seen) {
    const ids = ['create', 'create-same-title'].map((step) => memberOf(seen, step, 'id'))
    await sharedNotes(ctx, 'alice').remove(...ids.filter((id) => typeof id === 'number'))
  },
})

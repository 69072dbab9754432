import * as z from 'zod'
import { NextcloudStatusError } from '../nextcloud-errors.js'
import {
  createNote,
  deleteNote,
  listNotes,
  noteSchema,
  readAttachment,
  readNote,
  writeNote,
} from './notes-api.js'
import type { Note, NoteFields } from './notes-api.js'
import { searchNotes } from './notes-search.js'
import { deleting, overwriting, reading, writing } from './annotations.js'
import { envelope, stamped } from './envelope.js'
import { isFileName } from './file-paths.js'
import { isText, mediaTypeOf } from './text-content.js'
import { defineTool, ToolError } from './tool.js'
import type { Tool, ToolContext } from './tool.js'
import { worded } from './wording.js'

const noteId = z.int().describe('Id of the note')
const writtenNote = z.object({
  ...envelope,
  id: z.int(),
  title: z.string(),
  category: z.string(),
  etag: z.string().describe('Pass it to the next update'),
})

const create = defineTool({
  name: 'nc_notes_create_note',
  title: 'Create note',
  description: 'Creates a note. A category with slashes stands for nested folders.',
  annotations: writing,
  input: z.strictObject({ title: z.string(), content: z.string(), category: z.string() }),
  output: writtenNote,
  run: ({ title, content, category }, { nextcloud, mutants }) =>
    worded(
      createNote(
        nextcloud,
        isDecomposed(title + content) && mutants.has('s-unicode-normalised')
          ? { title: title.normalize('NFC'), content: content.normalize('NFC'), category }
          : { title, content, category },
      ).then(written),
      {
        403: 'Access denied: insufficient permissions to create notes',
        409: `A note with title '${title}' already exists in this category`,
        413: 'Note content too large',
      },
      ({ status }) => `Failed to create note: server error (${String(status)})`,
    ),
})

const get = defineTool({
  name: 'nc_notes_get_note',
  title: 'Read note',
  description: 'Reads a note with its content and its etag.',
  annotations: reading,
  input: z.strictObject({ note_id: noteId }),
  output: noteSchema,
  run: ({ note_id }, { nextcloud, mutants }) =>
    worded(
      readNote(nextcloud, note_id).catch((error: unknown) => {
        const missing = error instanceof NextcloudStatusError && error.status === 404
        if (missing && mutants.has('s-missing-note-empty-success')) return emptyNote(note_id)
        throw error
      }),
      { 403: `Access denied to note ${String(note_id)}`, 404: notFound(note_id) },
      ({ reason }) => `Failed to retrieve note ${String(note_id)}: ${reason}`,
    ),
})

const update = defineTool({
  name: 'nc_notes_update_note',
  title: 'Update note',
  description:
    'Changes members of a note; null leaves a member as it is. Fails when the note has changed since the etag was read.',
  annotations: overwriting,
  input: z.strictObject({
    note_id: noteId,
    etag: z.string().describe('The etag from the last read'),
    title: z.string().nullable(),
    content: z.string().nullable(),
    category: z.string().nullable(),
  }),
  output: writtenNote,
  run({ note_id, etag, title, content, category }, { nextcloud, mutants }) {
    const fields: NoteFields = {
      ...(title === null ? {} : { title }),
      ...(content === null ? {} : { content }),
      ...(category === null ? {} : { category }),
      ...(mutants.has('s-update-drops-category') ? { category: '' } : {}),
    }
    return worded(
      writeNote(nextcloud, note_id, fields, condition(etag, mutants)).then(written),
      {
        403: `Access denied: insufficient permissions to update note ${String(note_id)}`,
        404: notFound(note_id),
        412: changedMeanwhile(note_id),
        413: 'Updated note content is too large',
      },
      ({ status }) => `Failed to update note ${String(note_id)}: server error (${String(status)})`,
    )
  },
})

const append = defineTool({
  name: 'nc_notes_append_content',
  title: 'Append to note',
  description: 'Adds text at the end of a note, after a line of three dashes unless the note is empty.',
  annotations: writing,
  input: z.strictObject({ note_id: noteId, content: z.string() }),
  output: writtenNote,
  run({ note_id, content }, { nextcloud, mutants }) {
    const appended = readNote(nextcloud, note_id).then((note) => {
      const replaces = note.content === '' || mutants.has('s-append-overwrites')
      const fields = { content: replaces ? content : `${note.content}\n---\n${content}` }
      return writeNote(nextcloud, note_id, fields, condition(note.etag, mutants))
    })
    return worded(
      appended.then(written),
      {
        403: `Access denied: insufficient permissions to modify note ${String(note_id)}`,
        404: notFound(note_id),
        412: changedMeanwhile(note_id),
        413: 'Content to append would make the note too large',
      },
      ({ status }) => `Failed to append content to note ${String(note_id)}: server error (${String(status)})`,
    )
  },
})

const search = defineTool({
  name: 'nc_notes_search_notes',
  title: 'Search notes',
  description: "Finds the user's notes by whole words of title and content, best first.",
  annotations: reading,
  input: z.strictObject({ query: z.string() }),
  output: z.object({
    ...envelope,
    results: z.array(z.object({ id: z.int(), title: z.string(), category: z.string(), score: z.number() })),
    query: z.string(),
    total_found: z.int(),
  }),
  run({ query }, { nextcloud, mutants }) {
    if (query === '' && mutants.has('s-empty-query-errors')) throw new ToolError('The query is empty')
    return worded(
      listNotes(nextcloud).then((notes) => {
        const results = searchNotes(notes, query)
        return { ...stamped(), results, query, total_found: results.length }
      }),
      { 400: 'Invalid search query format', 403: 'Access denied: insufficient permissions to search notes' },
      ({ status }) => `Search failed: server error (${String(status)})`,
    )
  },
})

const remove = defineTool({
  name: 'nc_notes_delete_note',
  title: 'Delete note',
  description: 'Deletes a note.',
  annotations: deleting,
  input: z.strictObject({ note_id: noteId }),
  output: z.object({ ...envelope, status_code: z.int(), message: z.string(), deleted_id: z.int() }),
  run: ({ note_id }, { nextcloud }) =>
    worded(
      deleteNote(nextcloud, note_id).then(() => ({
        ...stamped(),
        status_code: 200,
        message: `Note ${String(note_id)} deleted successfully`,
        deleted_id: note_id,
      })),
      {
        403: `Access denied: insufficient permissions to delete note ${String(note_id)}`,
        404: notFound(note_id),
      },
      ({ status }) => `Failed to delete note ${String(note_id)}: server error (${String(status)})`,
    ),
})

const attachment = defineTool({
  name: 'nc_notes_get_attachment',
  title: 'Read attachment',
  description: 'Reads a file attached to a note: text as it is, anything else as Base64.',
  annotations: reading,
  input: z.strictObject({ note_id: noteId, attachment_filename: z.string() }),
  output: z.object({
    uri: z.string(),
    mimeType: z.string(),
    data: z.string(),
    encoding: z.enum(['utf-8', 'base64']),
  }),
  run({ note_id, attachment_filename: name }, { nextcloud }) {
    if (!isFileName(name)) {
      throw new ToolError(
        'Invalid arguments for nc_notes_get_attachment: attachment_filename: not a file name',
      )
    }
    const file = readNote(nextcloud, note_id).then((note) => readAttachment(nextcloud, note, name))
    return worded(
      file.then(({ mimeType, body }) => {
        const encoding: 'utf-8' | 'base64' = isText(mediaTypeOf(mimeType), body) ? 'utf-8' : 'base64'
        const uri = `nc://Notes/${String(note_id)}/attachments/${encodeURIComponent(name)}`
        return { uri, mimeType, data: body.toString(encoding), encoding }
      }),
      {
        403: `Access denied to attachment ${name} for note ${String(note_id)}`,
        404: `Attachment ${name} not found for note ${String(note_id)}`,
      },
      ({ reason }) => `Failed to retrieve attachment: ${reason}`,
    )
  },
})

/** The tools of Nextcloud's Notes app. */
export const notesTools: readonly Tool[] = [create, get, update, append, search, remove, attachment]

/** The etag that makes a write conditional. */
function condition(etag: string, mutants: ToolContext['mutants']): string | undefined {
  return mutants.has('s-etag-ignored') ? undefined : etag
}

function written({ id, title, category, etag }: Note): z.input<typeof writtenNote> {
  return { ...stamped(), id, title, category, etag }
}

/** Whether `s-unicode-normalised` would change the text. */
function isDecomposed(text: string): boolean {
  return text !== text.normalize('NFC')
}

function notFound(id: number): string {
  return `Note ${String(id)} not found`
}

function changedMeanwhile(id: number): string {
  return `Note ${String(id)} has been modified by someone else. Please refresh and try again.`
}

/** What `s-missing-note-empty-success` returns. */
function emptyNote(id: number): Note {
  return { id, title: '', content: '', category: '', modified: 0, favorite: false, etag: '', readonly: false }
}

import * as z from 'zod'
import type { NextcloudClient } from '../nextcloud-client.js'
import { NextcloudFailure } from '../nextcloud-errors.js'

const BASE_PATH = '/index.php/apps/notes/api/v1'
const CHUNK_SIZE = 50

/** A note as the Notes API returns it; members that we do not use are dropped. */
export const noteSchema = z.object({
  id: z.int(),
  title: z.string(),
  content: z.string(),
  category: z.string().default(''),
  modified: z.int().describe('Seconds since the epoch'),
  favorite: z.boolean().default(false),
  etag: z.string(),
  readonly: z.boolean().default(false),
})
export type Note = z.output<typeof noteSchema>

/** The writable members of a note. */
export interface NoteFields {
  readonly title?: string
  readonly content?: string
  readonly category?: string
}

/** `GET /notes/{id}`. */
export async function readNote(nextcloud: NextcloudClient, noteId: number): Promise<Note> {
  const { json } = await nextcloud.requestJson({ path: notePath(noteId) })
  return parseNote(json)
}

/** `POST /notes`. */
export async function createNote(nextcloud: NextcloudClient, fields: NoteFields): Promise<Note> {
  const { json } = await nextcloud.requestJson({ method: 'POST', path: `${BASE_PATH}/notes`, json: fields })
  return parseNote(json)
}

/** `PUT /notes/{id}` of the given members only. With `etag` Nextcloud refuses (412) when the note has changed since. */
export async function writeNote(
  nextcloud: NextcloudClient,
  noteId: number,
  fields: NoteFields,
  etag: string | undefined,
): Promise<Note> {
  const { json } = await nextcloud.requestJson({
    method: 'PUT',
    path: notePath(noteId),
    json: fields,
    headers: etag === undefined ? {} : { 'If-Match': `"${etag.replaceAll('"', '')}"` },
  })
  return parseNote(json)
}

/** `DELETE /notes/{id}`. */
export async function deleteNote(nextcloud: NextcloudClient, noteId: number): Promise<void> {
  await nextcloud.request({ method: 'DELETE', path: notePath(noteId) })
}

/** All notes of the user, read in chunks. */
export async function listNotes(nextcloud: NextcloudClient): Promise<Note[]> {
  const notes: Note[] = []
  const cursorsSeen = new Set<string>()
  let cursor = ''
  // A repeated cursor would never end.
  while (!cursorsSeen.has(cursor)) {
    cursorsSeen.add(cursor)
    const query = new URLSearchParams({ chunkSize: String(CHUNK_SIZE) })
    if (cursor !== '') query.set('chunkCursor', cursor)
    const { headers, json } = await nextcloud.requestJson({ path: `${BASE_PATH}/notes?${query.toString()}` })
    for (const entry of z.array(z.unknown()).catch([]).parse(json)) {
      // Entries of other chunks come as a bare id.
      const note = noteSchema.safeParse(entry)
      if (note.success) notes.push(note.data)
    }
    const next = headers.get('X-Notes-Chunk-Cursor')
    if (next === null || next === '') break
    cursor = next
  }
  return notes
}

/** `GET /settings`. */
export async function readNotesSettings(nextcloud: NextcloudClient): Promise<unknown> {
  return (await nextcloud.requestJson({ path: `${BASE_PATH}/settings` })).json
}

/** A file beside a note: `Notes/<category>/.attachments.<id>/<name>` in the user's files. */
export async function readAttachment(
  nextcloud: NextcloudClient,
  note: Note,
  fileName: string,
): Promise<{ readonly mimeType: string; readonly body: Buffer }> {
  const segments = ['Notes', ...note.category.split('/'), `.attachments.${String(note.id)}`, fileName]
  const path = segments.filter((segment) => segment !== '').map(encodeURIComponent)
  const userId = encodeURIComponent(await nextcloud.userId())
  const { headers, body } = await nextcloud.request({
    path: `/remote.php/dav/files/${userId}/${path.join('/')}`,
    headers: { Accept: '*/*' },
  })
  return { mimeType: headers.get('Content-Type') ?? 'application/octet-stream', body }
}

function notePath(noteId: number): string {
  return `${BASE_PATH}/notes/${String(noteId)}`
}

function parseNote(json: unknown): Note {
  const note = noteSchema.safeParse(json)
  if (!note.success) throw new NextcloudFailure('Nextcloud returned a note that is not understood')
  return note.data
}

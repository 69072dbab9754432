import type { Context, Hono } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { jsonResponse } from '../responses.js'
import { entityTag, isUnchanged } from './conditional.js'
import { corsMarked, type UserHandler } from './cors-marker.js'
import { addAttachment, readAttachment } from './notes-attachments.js'
import {
  changedNoteData,
  changeNote,
  createNote,
  deleteNote,
  noteData,
  NoteNotWritableError,
  type NoteChanges,
} from './notes-data.js'
import { ensureNotesFolder, noteById, notesOf, type Note } from './notes-folder.js'
import { chunkOf, readListQuery } from './notes-list.js'
import { booleanParameter, integerParameter } from './notes-parameters.js'
import { changeNotesSettings, notesSettings, SETTING_NAMES } from './notes-settings.js'
import { PayloadTooLargeError, refuseLargeBody } from '../uploads.js'
import { readParameters, stringParameter } from './oidc/parameters.js'

const API_VERSIONS = { 'x-notes-api-versions': '0.2, 1.3, 1.4' }

/** The Notes API v1: every user's own notes. All routes carry Nextcloud's CORS marker. */
export function registerNotesRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const route = (methods: readonly string[], path: string, handler: UserHandler): void => {
    const paths = ['/index.php', ''].map((prefix) => `${prefix}/apps/notes/api/v1${path}`)
    app.on([...methods], paths, (c) => guarded(ctx, c, handler))
  }
  route(['GET'], '/notes', (c, userId) => listNotes(ctx, c, userId))
  route(['POST'], '/notes', async (c, userId) => {
    const changes = await readChanges(ctx, c)
    return answer(c, 200, changedNoteData(createNote(ctx, userId, changes), changes))
  })
  route(['GET'], '/notes/:id', (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    const etag = `"${note.etag}"`
    return answer(c, isUnchanged(c, etag) ? 304 : 200, noteData(note), { etag })
  })
  route(['PUT'], '/notes/:id', async (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    const changes = await readChanges(ctx, c)
    const expected = c.req.header('if-match')
    if (expected !== undefined && expected.trim() !== `"${note.etag}"`) {
      return answer(c, 412, noteData(note))
    }
    return answer(c, 200, changedNoteData(changeNote(ctx, userId, note, changes), changes))
  })
  route(['DELETE'], '/notes/:id', (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    deleteNote(ctx, userId, note)
    return answer(c, 200, [])
  })
  route(['GET', 'PUT'], '/settings', (c, userId) => settings(ctx, c, userId))
  // Attachments came with 1.4; older versions of the API know nothing of them.
  route(['GET', 'POST'], '/attachment/:id', (c) => answer(c, 400, []))
  const attachments = ['/index.php', ''].map((prefix) => `${prefix}/apps/notes/api/v1.4/attachment/:id`)
  app.on(['GET', 'POST'], attachments, (c) =>
    guarded(ctx, c, async (_c, userId) => {
      const note = findNote(ctx, c, userId)
      if (note instanceof Response) return note
      if (c.req.method === 'GET') return readAttachment(ctx, c, note) ?? noSuchNote(c)
      const fileName = await addAttachment(ctx, c, note)
      return fileName === undefined ? answer(c, 403, []) : answer(c, 200, { filename: fileName })
    }),
  )
}

async function guarded(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  handler: UserHandler,
): Promise<Response> {
  return corsMarked(ctx, c, async (_c, userId) => {
    try {
      return await handler(c, userId)
    } catch (error) {
      if (error instanceof NoteNotWritableError) return answer(c, 403, {})
      if (error instanceof PayloadTooLargeError) return answer(c, 413, {})
      throw error
    }
  })
}

function answer(
  c: Context<EmbeddedEnv>,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonResponse(c, status, body, { headers: { ...API_VERSIONS, ...headers } })
}

/** The user's note of the path; 400 for an id that is no number, 404 for one that is not the user's. */
function findNote(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, userId: string): Note | Response {
  const id = c.req.param('id') ?? ''
  if (!/^\d+$/.test(id)) return answer(c, 400, [])
  return noteById(ctx, userId, Number(id)) ?? noSuchNote(c)
}

function noSuchNote(c: Context<EmbeddedEnv>): Response {
  return answer(c, 404, { errorType: 'OCA\\Notes\\Service\\NoteDoesNotExistException' })
}

function listNotes(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, userId: string): Response {
  const query = readListQuery(c)
  ensureNotesFolder(ctx, userId)
  const { list, cursor, pending } = chunkOf(ctx, notesOf(ctx, userId), query)
  const etag = entityTag(list)
  const headers = {
    etag,
    'last-modified': new Date(query.startedSeconds(ctx) * 1000).toUTCString(),
    ...(cursor === undefined
      ? {}
      : { 'x-notes-chunk-cursor': cursor, 'x-notes-chunk-pending': String(pending) }),
  }
  return answer(c, isUnchanged(c, etag) ? 304 : 200, list, headers)
}

/** @throws {PayloadTooLargeError} */
async function readChanges(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): Promise<NoteChanges> {
  refuseLargeBody(ctx, c)
  const parameters = await readParameters(c)
  return {
    title: stringParameter(parameters, 'title'),
    content: stringParameter(parameters, 'content'),
    category: stringParameter(parameters, 'category'),
    favorite: booleanParameter(parameters, 'favorite'),
    modifiedSeconds: integerParameter(parameters, 'modified'),
  }
}

async function settings(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, userId: string): Promise<Response> {
  if (c.req.method === 'PUT') {
    const parameters = await readParameters(c)
    const changes = SETTING_NAMES.map((name) => [name, stringParameter(parameters, name)] as const)
    changeNotesSettings(ctx, userId, Object.fromEntries(changes.filter(([, value]) => value !== undefined)))
  }
  return answer(c, 200, notesSettings(ctx, userId))
}

import type { Context, Hono } from 'hono'
import { basicCredentials } from '../authorization.js'
import { badInputAnswer } from '../bad-input.js'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { hasSessionFlag, passwordMatches } from '../credentials.js'
import { jsonResponse } from '../responses.js'
import { csrfPasses, deleteTokenCookies, logout } from '../session.js'
import type { NoteRow } from '../store.js'
import { entityTag, isUnchanged } from './conditional.js'
import { chunkOf, readListQuery } from './notes-list.js'
import { booleanParameter, integerParameter } from './notes-parameters.js'
import { changeNote, createNote, noteData, noteEtag, notesOf, type NoteChanges } from './notes-data.js'
import { ParameterTypeError, readParameters, stringParameter } from './oidc/parameters.js'

type NotesHandler = (c: Context<EmbeddedEnv>, userId: string) => Response | Promise<Response>

const API_VERSIONS = { 'x-notes-api-versions': '0.2, 1.3, 1.4' }
const DEFAULT_SETTINGS = { notesPath: 'Notes', fileSuffix: '.md', noteMode: 'rich' }

/** The Notes API v1: every user's own notes. All routes carry Nextcloud's CORS marker. */
export function registerNotesRoutes(app: Hono<EmbeddedEnv>, ctx: EmbeddedContext): void {
  const route = (methods: readonly string[], path: string, handler: NotesHandler): void => {
    const paths = ['/index.php', ''].map((prefix) => `${prefix}/apps/notes/api/v1${path}`)
    app.on([...methods], paths, (c) => guarded(ctx, c, handler))
  }
  route(['GET'], '/notes', (c, userId) => listNotes(ctx, c, userId))
  route(['POST'], '/notes', async (c, userId) => {
    const changes = await readChanges(c)
    return answer(c, 200, noteData(createNote(ctx, userId, changes)))
  })
  route(['GET'], '/notes/:id', (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    const etag = `"${noteEtag(note)}"`
    return answer(c, isUnchanged(c, etag) ? 304 : 200, noteData(note), { etag })
  })
  route(['PUT'], '/notes/:id', async (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    const changes = await readChanges(c)
    const expected = c.req.header('if-match')
    if (expected !== undefined && expected.trim() !== `"${noteEtag(note)}"`) {
      return answer(c, 412, noteData(note))
    }
    changeNote(ctx, note, changes)
    return answer(c, 200, noteData(note))
  })
  route(['DELETE'], '/notes/:id', (c, userId) => {
    const note = findNote(ctx, c, userId)
    if (note instanceof Response) return note
    ctx.store.notes.delete(note.id)
    return answer(c, 200, [])
  })
  route(['GET', 'PUT'], '/settings', (c, userId) => settings(ctx, c, userId))
  route(['GET', 'POST'], '/attachment/:id', (c) => answer(c, 400, []))
}

async function guarded(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
  handler: NotesHandler,
): Promise<Response> {
  const refused = await refuseCrossOrigin(ctx, c)
  if (refused !== undefined) return refused
  const { userId } = c.get('session')
  if (userId === null) return jsonResponse(c, 401, { message: 'Current user is not logged in' })
  try {
    return await handler(c, userId)
  } catch (error) {
    if (error instanceof ParameterTypeError) return badInputAnswer(ctx, c, error.message)
    throw error
  }
}

/**
 * The CORS marker: without a passed CSRF check (request token or `OCS-APIRequest`), without the session flag and
 * without good Basic credentials the caller is logged out and refused, a good bearer token or not.
 */
async function refuseCrossOrigin(
  ctx: EmbeddedContext,
  c: Context<EmbeddedEnv>,
): Promise<Response | undefined> {
  if ((await csrfPasses(c)) || hasSessionFlag(c.get('session'))) return undefined
  const credentials = basicCredentials(c.req.header('authorization'))
  if (credentials !== undefined && passwordMatches(ctx, credentials)) {
    deleteTokenCookies(c)
    return undefined
  }
  logout(ctx, c)
  return jsonResponse(c, 401, { message: 'CORS requires basic auth' })
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
function findNote(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, userId: string): NoteRow | Response {
  const id = c.req.param('id') ?? ''
  if (!/^\d+$/.test(id)) return answer(c, 400, [])
  const note = ctx.store.notes.get(Number(id))
  return note?.userId === userId
    ? note
    : answer(c, 404, { errorType: 'OCA\\Notes\\Service\\NoteDoesNotExistException' })
}

function listNotes(ctx: EmbeddedContext, c: Context<EmbeddedEnv>, userId: string): Response {
  const query = readListQuery(c)
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

async function readChanges(c: Context<EmbeddedEnv>): Promise<NoteChanges> {
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
  const key = `notes/settings/${userId}`
  const stored = JSON.parse(ctx.store.appConfig.get(key) ?? '{}') as Record<string, string>
  if (c.req.method === 'PUT') {
    const parameters = await readParameters(c)
    for (const name of Object.keys(DEFAULT_SETTINGS)) {
      const value = stringParameter(parameters, name)
      if (value !== undefined) stored[name] = value
    }
    ctx.store.appConfig.set(key, JSON.stringify(stored))
  }
  return answer(c, 200, { ...DEFAULT_SETTINGS, ...stored })
}

import type { Context } from 'hono'
import type { EmbeddedContext, EmbeddedEnv } from '../context.js'
import { integerParameter } from './notes-parameters.js'
import { noteData } from './notes-data.js'
import type { Note } from './notes-folder.js'
import { queryParameters, stringParameter } from './oidc/parameters.js'

/** Where a chunked list goes on: `<list's start>-<last note's update>-<last note's id>`. */
interface Cursor {
  readonly startedSeconds: number
  readonly lastUpdateSeconds: number
  readonly noteId: number
}

export interface ListQuery {
  readonly category: string | undefined
  readonly exclude: ReadonlySet<string>
  /** Notes that did not change since (seconds) are listed by their id only. */
  readonly pruneBeforeSeconds: number
  /** Most full notes of one answer; 0 = all. */
  readonly chunkSize: number
  readonly cursor: Cursor | undefined
  /** When the list was begun, which a chunked list remembers: the answer's Last-Modified. */
  startedSeconds(ctx: EmbeddedContext): number
}

/** @throws ParameterTypeError for numbers that are none. */
export function readListQuery(c: Context<EmbeddedEnv>): ListQuery {
  const parameters = queryParameters(c)
  const cursor = parseCursor(stringParameter(parameters, 'chunkCursor') ?? '')
  return {
    category: stringParameter(parameters, 'category'),
    exclude: new Set(stringParameter(parameters, 'exclude')?.split(',')),
    pruneBeforeSeconds: integerParameter(parameters, 'pruneBefore') ?? 0,
    chunkSize: integerParameter(parameters, 'chunkSize') ?? 0,
    cursor,
    startedSeconds: (ctx) => cursor?.startedSeconds ?? ctx.clock.nowSeconds(),
  }
}

function parseCursor(text: string): Cursor | undefined {
  const parts = /^(\d+)-(\d+)-(\d+)$/.exec(text)?.slice(1).map(Number)
  if (parts === undefined) return undefined
  const [startedSeconds = 0, lastUpdateSeconds = 0, noteId = 0] = parts
  return { startedSeconds, lastUpdateSeconds, noteId }
}

export interface Chunk {
  /** Full notes; the last (or only) chunk also has all other notes, by id only. */
  readonly list: Record<string, unknown>[]
  /** Absent on the last chunk. */
  readonly cursor: string | undefined
  /** Full notes that are still to come. */
  readonly pending: number
}

/** @param notes the user's notes in list order */
export function chunkOf(ctx: EmbeddedContext, notes: readonly Note[], query: ListQuery): Chunk {
  const { category, cursor, chunkSize, exclude } = query
  const listed = category === undefined ? notes : notes.filter((note) => note.category === category)
  const remaining = listed.filter(
    (note) => note.lastUpdateSeconds >= query.pruneBeforeSeconds && isAfter(note, cursor),
  )
  const chunk = chunkSize > 0 ? remaining.slice(0, chunkSize) : remaining
  const pending = remaining.length - chunk.length
  const full = chunk.map((note) => noteData(note, exclude))
  const last = chunk.at(-1)
  if (pending > 0 && last !== undefined) {
    const next = `${query.startedSeconds(ctx)}-${last.lastUpdateSeconds}-${last.id}`
    return { list: full, cursor: next, pending }
  }
  const sent = new Set(chunk)
  const others = listed.filter((note) => !sent.has(note)).map((note) => ({ id: note.id }))
  return { list: [...full, ...others], cursor: undefined, pending: 0 }
}

function isAfter(note: Note, cursor: Cursor | undefined): boolean {
  if (cursor === undefined) return true
  return note.lastUpdateSeconds === cursor.lastUpdateSeconds
    ? note.id > cursor.noteId
    : note.lastUpdateSeconds > cursor.lastUpdateSeconds
}

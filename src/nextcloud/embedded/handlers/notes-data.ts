import type { EmbeddedContext } from '../context.js'
import type { NoteRow } from '../store.js'
import { contentHash } from './conditional.js'

const DEFAULT_TITLE = 'New note'
const MAX_TITLE_LENGTH = 100

/** Fields of a create or an update; an absent one is left as it is. */
export interface NoteChanges {
  readonly title: string | undefined
  readonly content: string | undefined
  readonly category: string | undefined
  readonly favorite: boolean | undefined
  readonly modifiedSeconds: number | undefined
}

/** A user's notes, in the order that lists have: least recently changed first. */
export function notesOf(ctx: EmbeddedContext, userId: string): NoteRow[] {
  return Array.from(ctx.store.notes.values())
    .filter((note) => note.userId === userId)
    .sort((a, b) => a.lastUpdateSeconds - b.lastUpdateSeconds || a.id - b.id)
}

/** Bytes that the user's notes take of the quota. */
export function usedBytes(ctx: EmbeddedContext, userId: string): number {
  return notesOf(ctx, userId).reduce((sum, note) => sum + Buffer.byteLength(note.content), 0)
}

/** Adds a note of the user. Without a usable title it is called "New note". */
export function createNote(ctx: EmbeddedContext, userId: string, changes: NoteChanges): NoteRow {
  const nowSeconds = ctx.clock.nowSeconds()
  const category = safeCategory(changes.category ?? '')
  const note: NoteRow = {
    id: ctx.store.nextId(),
    userId,
    title: uniqueTitle(ctx, userId, category, safeTitle(changes.title ?? '')),
    content: changes.content ?? '',
    category,
    favorite: changes.favorite ?? false,
    modifiedSeconds: changes.modifiedSeconds || nowSeconds,
    lastUpdateSeconds: nowSeconds,
  }
  ctx.store.notes.set(note.id, note)
  return note
}

/** Changes a note in place. A new title or category moves its file, so that the title may get a number. */
export function changeNote(ctx: EmbeddedContext, note: NoteRow, changes: NoteChanges): void {
  const before = noteEtag(note)
  if (changes.title !== undefined || changes.category !== undefined) {
    const category = changes.category === undefined ? note.category : safeCategory(changes.category)
    const title = changes.title === undefined ? note.title : safeTitle(changes.title)
    if (category !== note.category || title !== note.title) {
      note.title = uniqueTitle(ctx, note.userId, category, title, note)
      note.category = category
    }
  }
  if (changes.content !== undefined) {
    note.content = changes.content
    note.modifiedSeconds = ctx.clock.nowSeconds()
  }
  if (changes.modifiedSeconds !== undefined) note.modifiedSeconds = changes.modifiedSeconds
  if (changes.favorite !== undefined) note.favorite = changes.favorite
  if (noteEtag(note) !== before) note.lastUpdateSeconds = ctx.clock.nowSeconds()
}

/** A note as the API shows it; members named in `exclude` are left out. `modified` is seconds. */
export function noteData(note: NoteRow, exclude: ReadonlySet<string> = new Set()): Record<string, unknown> {
  const folder = note.category === '' ? '' : `${note.category}/`
  const data = {
    id: note.id,
    title: note.title,
    modified: note.modifiedSeconds,
    category: note.category,
    favorite: note.favorite,
    readonly: false,
    internalPath: `/Notes/${folder}${note.title}.md`,
    shareTypes: [],
    isShared: false,
    error: false,
    errorType: '',
    content: note.content,
    etag: noteEtag(note),
  }
  return Object.fromEntries(Object.entries(data).filter(([name]) => !exclude.has(name)))
}

/** The note's etag without quotes: it changes with whatever the API shows of the note. */
export function noteEtag(note: NoteRow): string {
  const { id, title, modifiedSeconds, category, favorite, content } = note
  return contentHash([id, title, modifiedSeconds, category, favorite, content])
}

/** A title becomes a file name: characters that some file system refuses are dropped. */
function safeTitle(title: string): string {
  const name = title
    .replace(/[*|/\\:"'<>?]/g, '')
    .replace(/^[. ]+/, '')
    .replace(/[\s\u0000-\u001f]+/g, ' ')
    .trim()
  const cut = Array.from(name).slice(0, MAX_TITLE_LENGTH).join('').trim()
  return cut === '' ? DEFAULT_TITLE : cut
}

function safeCategory(category: string): string {
  return category
    .split('/')
    .map((part) => part.replace(/[*|\\:"'<>?]/g, '').trim())
    .filter((part) => part !== '' && part !== '.' && part !== '..')
    .join('/')
}

/** A second note of a title in a category is called "title (2)", and so on. */
function uniqueTitle(
  ctx: EmbeddedContext,
  userId: string,
  category: string,
  title: string,
  self?: NoteRow,
): string {
  const taken = new Set<string>()
  for (const note of ctx.store.notes.values()) {
    if (note !== self && note.userId === userId && note.category === category) taken.add(note.title)
  }
  const [, stem = title, number = '1'] = /^(.*) \((\d+)\)$/s.exec(title) ?? []
  let candidate = title
  for (let next = Number(number) + 1; taken.has(candidate); next++) candidate = `${stem} (${String(next)})`
  return candidate
}

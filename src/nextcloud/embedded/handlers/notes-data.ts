import type { EmbeddedContext } from '../context.js'
import { fileTreeOf, pathOf, type FolderNode } from '../file-tree.js'
import { ensureNotesFolder, noteById, noteEtag, notesFolderOf, type Note } from './notes-folder.js'
import { notesSettings } from './notes-settings.js'

const DEFAULT_TITLE = 'New note'
const MAX_NAME_LENGTH = 100
const MAX_CATEGORY_LENGTH = 2_000

/** Fields of a create or an update; an absent one is left as it is. */
export interface NoteChanges {
  readonly title: string | undefined
  readonly content: string | undefined
  readonly category: string | undefined
  readonly favorite: boolean | undefined
  readonly modifiedSeconds: number | undefined
}

/** There can be no file for the note: something else has its place, or its path is too long. */
export class NoteNotWritableError extends Error {}

/**
 * Adds a note of the user. Without a usable title it is called "New note".
 *
 * @throws {NoteNotWritableError}
 */
export function createNote(ctx: EmbeddedContext, userId: string, changes: NoteChanges): Note {
  const tree = fileTreeOf(ctx, userId)
  const nowSeconds = ctx.clock.nowSeconds()
  const folder = categoryFolder(ctx, userId, safeCategory(changes.category ?? '').normalize('NFC'))
  const { fileSuffix } = notesSettings(ctx, userId)
  const suffix = /^\.(?:md|txt|org|markdown|note)$/i.test(fileSuffix) ? fileSuffix : '.md'
  const name = freeName(folder, safeTitle(changes.title ?? '').normalize('NFC'), suffix)
  const file = tree.write(folder, name, Buffer.from(changes.content ?? ''), nowSeconds)
  const mtimeSeconds = changes.modifiedSeconds || nowSeconds
  tree.touch(file, { favorite: changes.favorite ?? false, mtimeSeconds }, nowSeconds)
  return existing(noteById(ctx, userId, file.id))
}

/**
 * Changes a note and returns it as it is then. A new title or category moves its file, so that the title may get a
 * number.
 *
 * @throws {NoteNotWritableError}
 */
export function changeNote(ctx: EmbeddedContext, userId: string, note: Note, changes: NoteChanges): Note {
  const { file } = note
  const tree = fileTreeOf(ctx, userId)
  const nowSeconds = ctx.clock.nowSeconds()
  const category =
    changes.category === undefined ? note.category : safeCategory(changes.category).normalize('NFC')
  const title = changes.title === undefined ? note.title : safeTitle(changes.title).normalize('NFC')
  if (category !== note.category || title !== note.title) {
    const folder = categoryFolder(ctx, userId, category)
    const from = file.parent
    const self = folder === from ? file.name : undefined
    tree.move(file, folder, freeName(folder, title, file.name.slice(note.title.length), self), nowSeconds)
    if (from !== null) removeEmptyFolders(ctx, userId, from)
  }
  if (changes.content !== undefined && file.parent !== null) {
    tree.write(file.parent, file.name, Buffer.from(changes.content), nowSeconds)
  }
  const mtimeSeconds = changes.modifiedSeconds ?? file.mtimeSeconds
  const favorite = changes.favorite ?? file.favorite
  if (mtimeSeconds !== file.mtimeSeconds || favorite !== file.favorite) {
    tree.touch(file, { mtimeSeconds, favorite }, nowSeconds)
  }
  return existing(noteById(ctx, userId, note.id))
}

/** Deletes a note with its attachments, and categories that are empty then. */
export function deleteNote(ctx: EmbeddedContext, userId: string, { file }: Note): void {
  const { parent } = file
  fileTreeOf(ctx, userId).remove(file, ctx.clock.nowSeconds())
  if (parent !== null) removeEmptyFolders(ctx, userId, parent)
}

/** A note as the API shows it; members named in `exclude` are left out. `modified` is seconds. */
export function noteData(note: Note, exclude: ReadonlySet<string> = new Set()): Record<string, unknown> {
  const data = {
    id: note.id,
    title: note.title,
    modified: note.modifiedSeconds,
    category: note.category,
    favorite: note.favorite,
    readonly: false,
    internalPath: `/${pathOf(note.file).join('/')}`,
    shareTypes: [],
    isShared: false,
    error: false,
    errorType: '',
    content: note.content,
    etag: note.etag,
  }
  return exclude.size === 0
    ? data
    : Object.fromEntries(Object.entries(data).filter(([name]) => !exclude.has(name)))
}

/**
 * A note as the answer to its change shows it: its names as they were sent, where files have them in NFC, with an ETag
 * over these. Whoever reads the note afterwards sees another ETag.
 */
export function changedNoteData(note: Note, sent: NoteChanges): Record<string, unknown> {
  const data = noteData(note)
  const title = sent.title === undefined ? note.title : asSent(note.title, safeTitle(sent.title))
  const category =
    sent.category === undefined ? note.category : asSent(note.category, safeCategory(sent.category))
  if (title === note.title && category === note.category) return data
  const path = pathOf(note.file).join('/')
  const names = (below: string, name: string): string => (below === '' ? name : `${below}/${name}`)
  const internalPath = `/${path.replace(names(note.category, note.title), () => names(category, title))}`
  return { ...data, title, category, internalPath, etag: noteEtag({ ...note, title, category }) }
}

/** A number that made the name free stays. */
function asSent(kept: string, sent: string): string {
  const composed = sent.normalize('NFC')
  return kept.startsWith(composed) ? `${sent}${kept.slice(composed.length)}` : kept
}

/** A title becomes a file name: characters that some file system refuses are dropped. */
function safeTitle(title: string): string {
  const name = title
    .replace(/[*|/\\:"'<>?]/g, '')
    .replace(/^[. ]+/, '')
    .replace(/[\s\u0000-\u001f]+/g, ' ')
    .trim()
  const cut = Array.from(name).slice(0, MAX_NAME_LENGTH).join('').trim()
  return cut === '' ? DEFAULT_TITLE : cut
}

/** Names of hidden folders lose their dots: notes in them would not be found again. */
function safeCategory(category: string): string {
  return category
    .split('/')
    .map((part) => part.replace(/[*|\\:"'<>?\u0000-\u001f]/g, '').replace(/^[. ]+/, ''))
    .map((part) => Array.from(part).slice(0, MAX_NAME_LENGTH).join('').trim())
    .filter((part) => part !== '')
    .join('/')
}

function categoryFolder(ctx: EmbeddedContext, userId: string, category: string): FolderNode {
  const top = ensureNotesFolder(ctx, userId)
  const names = category.split('/').filter((name) => name !== '')
  const folder =
    top === undefined || category.length > MAX_CATEGORY_LENGTH
      ? undefined
      : fileTreeOf(ctx, userId).ensureFolder(top, names, ctx.clock.nowSeconds())
  if (folder === undefined) throw new NoteNotWritableError('there can be no folder for the note')
  return folder
}

/**
 * A second note of a title in a category is called "title (2)", and so on.
 *
 * @param self name that the note itself has in this folder so far
 */
function freeName(folder: FolderNode, title: string, suffix: string, self?: string): string {
  const [, stem = title, number = '1'] = /^(.*) \((\d{1,9})\)$/s.exec(title) ?? []
  let name = `${title}${suffix}`
  for (let next = Number(number) + 1; folder.children.has(name) && name !== self; next++) {
    name = `${stem} (${String(next)})${suffix}`
  }
  return name
}

function removeEmptyFolders(ctx: EmbeddedContext, userId: string, from: FolderNode): void {
  const top = notesFolderOf(ctx, userId)
  let folder = from
  while (folder !== top && folder.parent !== null && folder.children.size === 0) {
    const { parent } = folder
    fileTreeOf(ctx, userId).remove(folder, ctx.clock.nowSeconds())
    folder = parent
  }
}

function existing(note: Note | undefined): Note {
  if (note === undefined) throw new NoteNotWritableError('the note cannot be read back')
  return note
}

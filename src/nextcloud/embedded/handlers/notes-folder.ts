import { isUtf8 } from 'node:buffer'
import type { EmbeddedContext } from '../context.js'
import {
  childrenOf,
  fileTreeOf,
  isWithin,
  pathOf,
  type FileNode,
  type FileTree,
  type FolderNode,
} from '../file-tree.js'
import { contentHash } from './conditional.js'
import { notesSettings } from './notes-settings.js'

/** A note: a text file somewhere in the user's notes folder. Never changed; a changed file makes another one. */
export interface Note {
  readonly file: FileNode
  readonly id: number
  /** Name of the file without its suffix. */
  readonly title: string
  /** Folder of the file below the notes folder, `/` between names, empty at the top. */
  readonly category: string
  readonly content: string
  readonly favorite: boolean
  readonly modifiedSeconds: number
  /** Seconds of the last change of any kind; what lists are sorted and pruned by. */
  readonly lastUpdateSeconds: number
  /** Without quotes; it changes with whatever the API shows of the note. */
  readonly etag: string
}

const NOTE_SUFFIX = /\.(?:md|txt|org|markdown|note)$/i

interface NoteList {
  readonly folder: FolderNode | undefined
  readonly revision: number
  readonly notes: readonly Note[]
}

const noteLists = new WeakMap<FileTree, NoteList>()
const notesByFile = new WeakMap<FileNode, { readonly note: Note; readonly contentEtag: string }>()

/** The folder that the user's notes are in; `undefined` as long as there is none. */
export function notesFolderOf(ctx: EmbeddedContext, userId: string): FolderNode | undefined {
  const node = fileTreeOf(ctx, userId).at(notesPathOf(ctx, userId))
  return node?.kind === 'folder' ? node : undefined
}

/** The folder for notes, made when it is not there; `undefined` when a file is in the way. */
export function ensureNotesFolder(ctx: EmbeddedContext, userId: string): FolderNode | undefined {
  const tree = fileTreeOf(ctx, userId)
  return tree.ensureFolder(tree.root, notesPathOf(ctx, userId), ctx.clock.nowSeconds())
}

function notesPathOf(ctx: EmbeddedContext, userId: string): string[] {
  const names = notesSettings(ctx, userId).notesPath.split('/')
  return names.filter((name) => name !== '' && name !== '.' && name !== '..')
}

/** A user's notes, in the order that lists have: least recently changed first. */
export function notesOf(ctx: EmbeddedContext, userId: string): readonly Note[] {
  const tree = fileTreeOf(ctx, userId)
  const folder = notesFolderOf(ctx, userId)
  const known = noteLists.get(tree)
  if (known?.revision === tree.revision && known.folder === folder) return known.notes
  const notes = (folder === undefined ? [] : Array.from(notesIn(folder, ''))).sort(
    (a, b) => a.lastUpdateSeconds - b.lastUpdateSeconds || a.id - b.id,
  )
  noteLists.set(tree, { folder, revision: tree.revision, notes })
  return notes
}

/** The user's note of that id. */
export function noteById(ctx: EmbeddedContext, userId: string, id: number): Note | undefined {
  const file = fileTreeOf(ctx, userId).byId(id)
  const folder = notesFolderOf(ctx, userId)
  if (file?.kind !== 'file' || folder === undefined || !isWithin(file, folder)) return undefined
  const names = pathOf(file).slice(pathOf(folder).length, -1)
  return isNote(file.name) && !names.some(isHidden) ? noteOf(file, names.join('/')) : undefined
}

function* notesIn(folder: FolderNode, category: string): Generator<Note> {
  for (const node of childrenOf(folder)) {
    if (node.kind === 'file') {
      if (isNote(node.name)) yield noteOf(node, category)
    } else if (!isHidden(node.name)) {
      yield* notesIn(node, category === '' ? node.name : `${category}/${node.name}`)
    }
  }
}

/** The note that a file is. Kept until something of it changes, for hashing is most of a list's cost. */
function noteOf(file: FileNode, category: string): Note {
  const known = notesByFile.get(file)
  const title = file.name.replace(NOTE_SUFFIX, '')
  if (
    known?.contentEtag === file.etag &&
    known.note.title === title &&
    known.note.category === category &&
    known.note.favorite === file.favorite &&
    known.note.modifiedSeconds === file.mtimeSeconds &&
    known.note.lastUpdateSeconds === file.changedSeconds
  ) {
    return known.note
  }
  const { id, favorite, mtimeSeconds: modifiedSeconds, changedSeconds: lastUpdateSeconds } = file
  const content = file.content.toString(isUtf8(file.content) ? 'utf8' : 'latin1')
  const etag = noteEtag({ id, title, modifiedSeconds, category, favorite, content })
  const note = { file, id, title, category, content, favorite, modifiedSeconds, lastUpdateSeconds, etag }
  notesByFile.set(file, { note, contentEtag: file.etag })
  return note
}

/** Covers all that a note has, its names as they are shown included. */
export function noteEtag(note: Omit<Note, 'etag' | 'file' | 'lastUpdateSeconds'>): string {
  const { id, title, modifiedSeconds, category, favorite, content } = note
  return contentHash([id, title, modifiedSeconds, category, favorite, content])
}

function isNote(name: string): boolean {
  return NOTE_SUFFIX.test(name)
}

/** Folders that are no categories, such as those of attachments. */
function isHidden(name: string): boolean {
  return name.startsWith('.')
}

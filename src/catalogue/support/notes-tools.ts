import { randomBytes } from 'node:crypto'
import type { ProbeInput } from '../../mcp/mcp.js'
import type { McpSession } from './mcp-session.js'
import type { NoteFields } from './nextcloud-notes.js'
import type { ToolAnswer } from './tool-answer.js'
import { TOOL_NAMES } from './tool-names.js'

/** Folder of the notes that checks make. */
export const NOTE_CATEGORY = 'ncmc'

/** A word that stands nowhere else: lower-case letters and digits. */
export function newMarker(): string {
  return `ncmc${randomBytes(8).toString('hex')}`
}

/** The notes tools of a server, called in one session. */
export class NotesTools {
  readonly #session: McpSession
  readonly #input: ProbeInput

  /** @param input changes to every request, e.g. another token. */
  constructor(session: McpSession, input: ProbeInput = {}) {
    this.#session = session
    this.#input = input
  }

  create({ title, content, category }: NoteFields): Promise<ToolAnswer> {
    return this.#call(TOOL_NAMES.createNote, { title, content, category })
  }

  get(noteId: number): Promise<ToolAnswer> {
    return this.#call(TOOL_NAMES.getNote, { note_id: noteId })
  }

  /** Members that are not given are left as they are (`null` on the wire). */
  update(noteId: number, etag: string, changes: Partial<NoteFields>): Promise<ToolAnswer> {
    const { title = null, content = null, category = null } = changes
    return this.#call(TOOL_NAMES.updateNote, { note_id: noteId, etag, title, content, category })
  }

  append(noteId: number, content: string): Promise<ToolAnswer> {
    return this.#call(TOOL_NAMES.appendToNote, { note_id: noteId, content })
  }

  search(query: string): Promise<ToolAnswer> {
    return this.#call(TOOL_NAMES.searchNotes, { query })
  }

  remove(noteId: number): Promise<ToolAnswer> {
    return this.#call(TOOL_NAMES.deleteNote, { note_id: noteId })
  }

  #call(name: string, args: Readonly<Record<string, unknown>>): Promise<ToolAnswer> {
    return this.#session.callTool(name, args, this.#input)
  }
}

/** The id in a tool's answer, when there is one. */
export function noteIdOf({ kind, data }: ToolAnswer): number | undefined {
  return kind === 'result' && typeof data['id'] === 'number' ? data['id'] : undefined
}

/** The etag in a tool's answer; empty when there is none. */
export function etagOf({ data }: ToolAnswer): string {
  return typeof data['etag'] === 'string' ? data['etag'] : ''
}

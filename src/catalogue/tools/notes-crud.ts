import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import {
  sharedNotes,
  type NextcloudNote,
  type NextcloudNotes,
  type NoteFields,
} from '../support/nextcloud-notes.js'
import { etagOf, newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const FIELDS = ['title', 'content', 'category'] as const

/** The life of a note, each step compared with what Nextcloud itself has. */
export const notesCrud = defineCheck({
  id: 'tools.notes.crud',
  suite: 'tools',
  title: 'A note is created, read, changed in one field at a time, and deleted as asked',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a tool does what it says and nothing else' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-update-drops-category' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote', 'getNote', 'updateNote', 'deleteNote'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const notes = sharedNotes(ctx, 'alice')
    const marker = newMarker()
    const fields = { title: marker, content: `first line\nsecond line ${marker}`, category: NOTE_CATEGORY }
    const created = await tools.create(fields)
    const noteId = noteIdOf(created)
    if (noteId === undefined) return notTestable(`no note can be created: ${describeToolAnswer(created)}`)
    try {
      const stored = await notes.get(noteId)
      if (stored === undefined) return notTestable("the created note is not in alice's space")
      const findings = new Findings()
      compare(findings, 'created-otherwise', 'a note is created with other fields than asked', stored, fields)
      compare(
        findings,
        'read-otherwise',
        'a note is read with other fields than stored',
        dataOf(await tools.get(noteId)),
        stored,
      )
      await changeEachField(findings, tools, notes, stored, marker)
      await remove(findings, tools, notes, noteId)
      return judge(findings.list(), 'create, get, update of each field, delete')
    } finally {
      await notes.remove(noteId)
    }
  },
})

async function changeEachField(
  findings: Findings,
  tools: NotesTools,
  notes: NextcloudNotes,
  stored: NextcloudNote,
  marker: string,
): Promise<void> {
  const changes: Readonly<Record<keyof NoteFields, string>> = {
    title: `${marker} renamed`,
    content: `changed ${marker}`,
    category: `${NOTE_CATEGORY}/moved`,
  }
  let before = stored
  for (const field of FIELDS) {
    const answer = await tools.update(stored.id, before.etag, { [field]: changes[field] })
    const after = await notes.get(stored.id)
    if (after === undefined) throw new NotTestableError(`updating the ${field} makes the note disappear`)
    const isApplied = answer.kind === 'result' && after[field] === changes[field]
    if (!isApplied) {
      findings.add({
        id: 'update-not-applied',
        message: 'a changed field is not stored',
        expected: { [field]: changes[field] },
        observed: { [field]: after[field], answer: describeToolAnswer(answer) },
      })
    }
    compare(
      findings,
      'other-field-changed',
      'an update changes a field that was not given',
      after,
      Object.fromEntries(FIELDS.filter((other) => other !== field).map((other) => [other, before[other]])),
    )
    if (isApplied && (etagOf(answer) === before.etag || after.etag === before.etag)) {
      findings.add({
        id: 'etag-not-renewed',
        message: 'the etag is the same after an update',
        expected: 'another etag',
        observed: field,
      })
    }
    before = after
  }
}

async function remove(
  findings: Findings,
  tools: NotesTools,
  notes: NextcloudNotes,
  noteId: number,
): Promise<void> {
  const removed = await tools.remove(noteId)
  const left = await notes.get(noteId)
  const read = await tools.get(noteId)
  if (removed.kind === 'result' && left === undefined && read.kind !== 'result') return
  findings.add({
    id: 'not-deleted',
    message: 'a deleted note is not gone',
    expected: 'no note on Nextcloud, an error when it is read',
    observed: {
      delete: describeToolAnswer(removed),
      onNextcloud: left === undefined ? 'gone' : 'there',
      get: read.kind,
    },
  })
}

function compare(
  findings: Findings,
  id: string,
  message: string,
  actual: Readonly<Partial<Record<keyof NoteFields, unknown>>>,
  expected: Readonly<Partial<Record<keyof NoteFields, unknown>>>,
): void {
  for (const field of FIELDS) {
    if (expected[field] === undefined || actual[field] === expected[field]) continue
    findings.add({
      id,
      message,
      expected: { [field]: expected[field] },
      observed: { [field]: actual[field] ?? null },
    })
  }
}

function dataOf({ data }: ToolAnswer): Readonly<Partial<Record<keyof NoteFields, unknown>>> {
  return { title: data['title'], content: data['content'], category: data['category'] }
}

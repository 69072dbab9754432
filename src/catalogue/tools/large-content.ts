import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const NOTE_BYTES = 1024 * 1024
/** Results hold a text twice, structured and as text, and escaped. */
const MAX_CHARACTERS_PER_BYTE = 8

/** A text that was cut on its way is the worst kind of success: nobody sees that the rest is gone. */
export const largeContent = defineCheck({
  id: 'tools.large-content',
  suite: 'tools',
  title: 'Large notes and files go in and out whole; one that Nextcloud refuses is an error that says why',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'large contents are neither cut nor lost' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-truncates-large' }],
  timeoutMs: 120_000,
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote', 'getNote'])
    if (lacking !== undefined) return lacking
    const findings = new Findings()
    const reason = await sendNote(findings, ctx, session)
    if (reason !== undefined) return notTestable(reason)
    return judge(findings.list(), { noteBytes: NOTE_BYTES })
  },
})

/** @returns why nothing can be said; `undefined` after judging. */
async function sendNote(
  findings: Findings,
  ctx: CheckContext,
  session: McpSession,
): Promise<string | undefined> {
  const maxCharacters = NOTE_BYTES * MAX_CHARACTERS_PER_BYTE
  const tools = new NotesTools(session, { maxCharacters })
  const notes = sharedNotes(ctx, 'alice')
  const content = textOf(NOTE_BYTES)
  const created = await tools.create({ title: newMarker(), content, category: NOTE_CATEGORY })
  const noteId = noteIdOf(created)
  if (noteId === undefined) {
    findings.add({
      id: 'large-note-refused',
      message: 'a note of 1 MiB is not taken',
      observed: describeToolAnswer(created),
    })
    return undefined
  }
  try {
    const stored = await notes.get(noteId)
    if (stored?.content !== content) {
      findings.add({
        id: 'note-not-stored-whole',
        message: 'a large note is not stored as it was sent',
        expected: content.length,
        observed: stored?.content.length,
      })
      return undefined
    }
    const read = await tools.get(noteId)
    const text = read.data['content']
    if (text === content) return undefined
    findings.add({
      id: 'note-not-read-whole',
      message: 'a large note is not read as it is stored',
      expected: content.length,
      observed: typeof text === 'string' ? text.length : describeToolAnswer(read),
    })
    return undefined
  } finally {
    await notes.remove(noteId)
  }
}

/** Numbered lines, so that a missing or a moved part shows. */
function textOf(bytes: number): string {
  const lines: string[] = []
  for (let number = 0; number * 16 < bytes; number += 1)
    lines.push(`line ${String(number).padStart(10, '0')}`)
  return lines.join('\n').slice(0, bytes)
}

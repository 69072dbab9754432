import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { sharedFiles } from '../support/nextcloud-files.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { numberedText } from '../support/numbered-text.js'
import { sendTooMuch } from '../support/refused-content.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES } from '../support/tool-names.js'

const NOTE_BYTES = 1024 * 1024
const FILE_BYTES = 8 * NOTE_BYTES
/** For one call with a large content, ms: busy machines move it slowly. */
const TRANSFER_MS = 60_000
/** For an answer beside it, ms. */
const RESPONSE_MS = 30_000
/** Results hold a text twice, structured and as text, and escaped. */
const CHARACTERS_PER_BYTE = 8

/** A text that was cut on its way is the worst kind of success: nobody sees that the rest is gone. */
export const largeContent = defineCheck({
  id: 'tools.large-content',
  suite: 'tools',
  title: 'Large notes and files go in and out whole; one that Nextcloud refuses is an error that says why',
  level: 'SHOULD',
  source: [{ document: 'project', clause: 'large contents are neither cut nor lost' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-truncates-large' }],
  timeoutMs: 240_000,
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote', 'getNote'])
    if (lacking !== undefined) return lacking
    const findings = new Findings()
    const observed: Record<string, string> = {}
    await moveNote(findings, ctx, session)
    observed['note of 1 MiB'] = 'in and out'
    if ((await lackOfTools(session, ['writeFile', 'readFile'])) === undefined) {
      const slowestMs = await pingWhile(session, () => moveFile(findings, ctx, session))
      observed['file of 8 MiB'] = 'in and out'
      if (slowestMs > RESPONSE_MS) {
        findings.add({
          id: 'unresponsive',
          message: 'while a large file is moved the server answers nothing else',
          expected: `a ping is answered within ${RESPONSE_MS} ms`,
          observed: Number.isFinite(slowestMs) ? `${Math.round(slowestMs)} ms` : 'no answer',
        })
      }
    } else {
      observed['file of 8 MiB'] = 'not tried: the server has no tools for files'
    }
    const refusal = await sendTooMuch(findings, ctx)
    if (refusal.notTestable !== undefined) return notTestable(refusal.notTestable)
    observed['refused by Nextcloud'] = refusal.observed
    return judge(findings.list(), observed)
  },
})

async function moveNote(findings: Findings, ctx: CheckContext, session: McpSession): Promise<void> {
  const tools = new NotesTools(session, {
    maxCharacters: NOTE_BYTES * CHARACTERS_PER_BYTE,
    timeoutMs: TRANSFER_MS,
  })
  const notes = sharedNotes(ctx, 'alice')
  const content = numberedText(NOTE_BYTES)
  const title = newMarker()
  try {
    const created = await tools.create({ title, content, category: NOTE_CATEGORY })
    const noteId = noteIdOf(created)
    if (noteId === undefined) {
      addLoss(findings, 'note-not-stored-whole', content, undefined, created)
      return
    }
    const stored = (await notes.get(noteId))?.content
    if (stored === undefined) throw new NotTestableError("the created note is not in alice's space")
    if (stored !== content) addLoss(findings, 'note-not-stored-whole', content, stored, created)
    // What is read is compared with what is there, so that one loss is not found twice.
    const read = await tools.get(noteId)
    if (read.data['content'] !== stored) {
      addLoss(findings, 'note-not-read-whole', stored, read.data['content'], read)
    }
  } finally {
    await notes.remove(...(await notes.idsByTitle(title)))
  }
}

async function moveFile(findings: Findings, ctx: CheckContext, session: McpSession): Promise<void> {
  const files = sharedFiles(ctx, 'alice')
  const content = numberedText(FILE_BYTES)
  const path = `${newMarker()}.txt`
  try {
    const written = await session.callTool(
      TOOL_NAMES.writeFile,
      { path, content, content_type: 'text/plain' },
      { timeoutMs: TRANSFER_MS },
    )
    const stored = (await files.read(path))?.bytes.toString('utf8')
    if (stored === undefined && written.kind === 'result') {
      throw new NotTestableError("the written file is not in alice's space")
    }
    if (stored !== content) addLoss(findings, 'file-not-stored-whole', content, stored, written)
    if (stored === undefined) return
    const read = await session.callTool(
      TOOL_NAMES.readFile,
      { path },
      { maxCharacters: FILE_BYTES * CHARACTERS_PER_BYTE, timeoutMs: TRANSFER_MS },
    )
    const text = read.data['content']
    const isBase64 = read.data['encoding'] === 'base64'
    const value = isBase64 && typeof text === 'string' ? Buffer.from(text, 'base64').toString('utf8') : text
    if (value === stored) return
    if (saysTooLarge(value, read)) ctx.note(`the file is not read, and the answer says why: ${read.text}`)
    else addLoss(findings, 'file-not-read-whole', stored, value, read)
  } finally {
    await files.remove(path)
  }
}

/** An answer without content that says that the file is too large loses nothing: the caller knows. */
function saysTooLarge(content: unknown, { text }: ToolAnswer): boolean {
  return (content === '' || typeof content !== 'string') && /too (large|big|long)|exceed|limit/i.test(text)
}

const LOSSES = {
  'note-not-stored-whole': 'a large note is not stored as it was sent',
  'note-not-read-whole': 'a large note is not read as it is stored',
  'file-not-stored-whole': 'a large file is not stored as it was sent',
  'file-not-read-whole': 'a large file is not read as it is stored',
} as const

function addLoss(
  findings: Findings,
  id: keyof typeof LOSSES,
  expected: string,
  actual: unknown,
  answer: ToolAnswer,
): void {
  const told = answer.kind === 'result' ? {} : { answer: describeToolAnswer(answer) }
  const observed =
    typeof actual === 'string'
      ? { characters: actual.length, isBeginning: expected.startsWith(actual), ...told }
      : { characters: 0, ...told }
  findings.add({ id, message: LOSSES[id], expected: { characters: expected.length }, observed })
}

/** @returns how long the slowest of the pings took that ran beside the work, ms; infinite when one failed. */
async function pingWhile(session: McpSession, work: () => Promise<void>): Promise<number> {
  const state = { isDone: false }
  const working = work().finally(() => {
    state.isDone = true
  })
  // Its failure is looked at when the last ping has come back.
  working.catch(() => undefined)
  let slowestMs = 0
  do {
    const started = performance.now()
    const answered = await session.request('ping', {}, { timeoutMs: RESPONSE_MS }).then(
      ({ message }) => message !== undefined,
      () => false,
    )
    slowestMs = Math.max(slowestMs, answered ? performance.now() - started : Infinity)
  } while (!state.isDone)
  await working
  return slowestMs
}

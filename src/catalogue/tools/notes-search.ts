import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { listItems } from '../support/list-answer.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** Queries that are markup, patterns or statements somewhere; here they are words like others. */
const HARMLESS_QUERIES = ['"', "' OR '1'='1", '<b>&amp;</b>', '%_*?', '[a-z]+(', '\\', '{{7*7}}', '../../']

/** Words of one note; each stands nowhere else. */
interface Words {
  readonly title: string
  readonly content: string
  readonly accented: string
}

/** What a search must find, and what it must not stumble over. */
export const notesSearch = defineCheck({
  id: 'tools.notes.search',
  suite: 'tools',
  title: 'Notes are found by their words in any case; no hit is an empty list; no query is an error',
  level: 'MUST',
  source: [{ document: 'project', clause: 'a search finds notes by word, and an empty query works' }],
  modes: ['basic', 'oauth'],
  covers: ['empty query'],
  mutants: [{ id: 's-empty-query-errors' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['searchNotes', 'getNote'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const notes = sharedNotes(ctx, 'alice')
    const words: Words = { title: newMarker(), content: newMarker(), accented: `ñandú${newMarker()}` }
    const note = await notes.create({
      title: `Search ${words.title}`,
      content: `A line\nwith ${words.content} and ${words.accented} in it`,
      category: NOTE_CATEGORY,
    })
    try {
      const control = await tools.get(note.id)
      if (control.kind !== 'result') {
        return notTestable(`positive control: the note cannot be read: ${describeToolAnswer(control)}`)
      }
      const findings = new Findings()
      await findByWords(findings, tools, note.id, words)
      await findNothing(findings, tools)
      const observed = await searchOddly(findings, tools)
      await compareUnchanged(findings, notes, note.id, note.content)
      return judge(findings.list(), observed)
    } finally {
      await notes.remove(note.id)
    }
  },
})

async function findByWords(
  findings: Findings,
  tools: NotesTools,
  noteId: number,
  { title, content, accented }: Words,
): Promise<void> {
  const searches = [
    ['title-word-not-found', 'a note is not found by a word of its title', title],
    ['content-word-not-found', 'a note is not found by a word of its content', content],
    ['other-case-not-found', 'a note is not found by a word in capitals', content.toUpperCase()],
    ['accented-word-not-found', 'a note is not found by a word with accents', accented],
    ['accented-word-not-found', 'a note is not found by a word with accents', accented.toUpperCase()],
  ] as const
  for (const [id, message, query] of searches) {
    const answer = await tools.search(query)
    if (answer.kind === 'result' && hits(answer).some((hit) => Number(hit['id']) === noteId)) continue
    findings.add({
      id,
      message,
      expected: `note ${noteId}`,
      observed: `${query}: ${describeToolAnswer(answer)}`,
    })
  }
}

async function findNothing(findings: Findings, tools: NotesTools): Promise<void> {
  const answer = await tools.search(newMarker())
  if (answer.kind === 'result' && hits(answer).length === 0) return
  findings.add({
    id: 'no-hit-not-empty',
    message: 'a search for a word that stands nowhere is not answered with an empty list',
    expected: 'an empty list',
    observed: describeToolAnswer(answer),
  })
}

async function searchOddly(findings: Findings, tools: NotesTools): Promise<Readonly<Record<string, string>>> {
  const observed: Record<string, string> = {}
  const empty = await tools.search('')
  observed['empty query'] = `${empty.kind} with ${hits(empty).length} notes`
  if (!isList(empty)) {
    findings.add({
      id: 'empty-query-errors',
      message: 'an empty query is not answered with a list',
      expected: 'a list: of all notes, or of none',
      observed: describeToolAnswer(empty),
    })
  }
  for (const query of HARMLESS_QUERIES) {
    const answer = await tools.search(query)
    observed[query] = `${answer.kind} with ${hits(answer).length} notes`
    if (isList(answer)) continue
    findings.add({
      id: 'query-not-taken-literally',
      message: 'a query with markup, quotes or patterns is not answered with a list',
      expected: 'a list',
      observed: `${query}: ${describeToolAnswer(answer)}`,
    })
  }
  return observed
}

async function compareUnchanged(
  findings: Findings,
  notes: NextcloudNotes,
  noteId: number,
  content: string,
): Promise<void> {
  const now = await notes.get(noteId)
  if (now?.content === content) return
  findings.add({
    id: 'search-changes-note',
    message: 'after the searches the note is not what it was',
    expected: content,
    observed: now?.content ?? 'gone',
  })
}

function hits(answer: ToolAnswer) {
  return listItems(answer, 'results', 'notes')
}

/** A list in one of the usual forms: an array in an object, an array, or one JSON object per block. */
function isList(answer: ToolAnswer): boolean {
  if (answer.kind !== 'result') return false
  const { structured } = answer
  if (structured !== undefined) return Object.values(structured).some((value) => Array.isArray(value))
  return answer.blocks.every((block) => /^\s*[[{]/.test(block))
}

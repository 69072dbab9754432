import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** A line of three hyphens between what was there and what is added. */
const SEPARATOR = /^\s*\n---\n\s*$/
const OLD = 'first line\n\n  - an item\nlast line'

/** Appending is how models keep a journal: what was there must stay. */
export const notesAppend = defineCheck({
  id: 'tools.notes.append',
  suite: 'tools',
  title: 'Appending keeps what was there and adds to its end, after a line of three hyphens',
  level: 'MUST',
  source: [{ document: 'project', clause: 'appended text follows a line with three hyphens' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-append-overwrites' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['appendToNote'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const notes = sharedNotes(ctx, 'alice')
    const fields = { title: newMarker(), category: NOTE_CATEGORY }
    const [filled, empty] = await Promise.all([
      notes.create({ ...fields, content: OLD }),
      notes.create({ ...fields, title: newMarker(), content: '' }),
    ])
    try {
      const findings = new Findings()
      const additions = ['second text', 'third\ntext'] as const
      for (const addition of additions) {
        const answer = await tools.append(filled.id, addition)
        if (answer.kind !== 'result')
          return notTestable(`a note cannot be added to: ${describeToolAnswer(answer)}`)
      }
      judgeFilled(findings, filled, await notes.get(filled.id), additions)
      judgeEmpty(findings, await tools.append(empty.id, 'only text'), (await notes.get(empty.id))?.content)
      return judge(findings.list(), 'two additions to a note, one to an empty note')
    } finally {
      await notes.remove(filled.id, empty.id)
    }
  },
})

function judgeFilled(
  findings: Findings,
  before: NextcloudNote,
  after: NextcloudNote | undefined,
  [first, second]: readonly [string, string],
): void {
  const content = after?.content ?? ''
  const expected = `${OLD}\n---\n${first}\n---\n${second}`
  const add = (id: string, message: string): void => {
    findings.add({ id, message, expected, observed: content })
  }
  if (after?.title !== before.title || after.category !== before.category) {
    add('other-field-changed', 'appending changes the title or the category')
  }
  if (!content.startsWith(OLD)) add('old-content-lost', 'appending does not keep what was there')
  const firstAt = content.indexOf(first)
  const secondAt = content.indexOf(second)
  if (firstAt < 0 || secondAt < firstAt || content.slice(secondAt + second.length).trim() !== '') {
    add('additions-not-in-order', 'the additions do not follow each other at the end')
    return
  }
  const between = [
    content.slice(content.startsWith(OLD) ? OLD.length : 0, firstAt),
    content.slice(firstAt + first.length, secondAt),
  ]
  if (between.every((text) => SEPARATOR.test(text))) return
  add('separator-missing', 'an addition is not set off by a line of three hyphens')
}

function judgeEmpty(findings: Findings, answer: ToolAnswer, content = ''): void {
  if (answer.kind === 'result' && /^(\s*---\n)?\s*only text\s*$/.test(content)) return
  findings.add({
    id: 'empty-note-not-appended',
    message: 'an empty note cannot be added to',
    expected: 'only text',
    observed: { answer: describeToolAnswer(answer), content },
  })
}

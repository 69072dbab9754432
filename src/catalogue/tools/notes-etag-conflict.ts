import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote, type NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const INVENTED_ETAG = '0123456789abcdef0123456789abcdef'
const TELLS_OF_CHANGE = /modif|chang|conflict|etag|\b412\b|precondition|refresh|outdated|stale/i

/** The etag is there so that a model does not overwrite what somebody else has written meanwhile. */
export const notesEtagConflict = defineCheck({
  id: 'tools.notes.etag-conflict',
  suite: 'tools',
  title: 'An update with a stale or invented etag fails, says why, and changes nothing',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'updates are conditional (Notes API: If-Match, 412)' },
    { document: 'MCP-Tools', clause: 'Error Handling' },
  ],
  modes: ['basic', 'oauth'],
  covers: ['invalid etag'],
  mutants: [{ id: 's-etag-ignored' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['updateNote'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const notes = sharedNotes(ctx, 'alice')
    const stale = await notes.create({ title: newMarker(), content: 'first', category: NOTE_CATEGORY })
    try {
      const current = await notes.update(stale.id, { content: 'changed by somebody else' })
      const findings = new Findings()
      const observed = {
        'stale etag': await refuse(findings, tools, notes, current, ['stale', stale.etag]),
        'invalid etag': await refuse(findings, tools, notes, current, ['invented', INVENTED_ETAG]),
      }
      const now = (await notes.get(stale.id)) ?? current
      const control = await tools.update(stale.id, now.etag, { content: 'third' })
      if (control.kind !== 'result') {
        return notTestable(`positive control: the current etag is refused: ${describeToolAnswer(control)}`)
      }
      const winners = await race(tools, notes, stale.id)
      if (winners > 1) {
        findings.add({
          id: 'parallel-updates-both-won',
          message: 'of two parallel updates with one etag more than one wins',
          expected: 1,
          observed: winners,
          level: 'SHOULD',
        })
      }
      return judge(findings.list(), { ...observed, winnersOfTwoParallelUpdates: winners })
    } finally {
      await notes.remove(stale.id)
    }
  },
})

async function refuse(
  findings: Findings,
  tools: NotesTools,
  notes: NextcloudNotes,
  current: NextcloudNote,
  [name, etag]: readonly ['stale' | 'invented', string],
): Promise<string> {
  const answer = await tools.update(current.id, etag, { content: `overwritten with a ${name} etag` })
  const after = await notes.get(current.id)
  if (answer.kind === 'result' || after?.content.startsWith('overwritten with') !== false) {
    findings.add({
      id: `${name}-etag-accepted`,
      message: `an update with ${name === 'stale' ? 'a stale' : 'an invented'} etag is carried out`,
      expected: 'isError; the note as it was',
      observed: describeToolAnswer(answer),
    })
  } else if (!TELLS_OF_CHANGE.test(answer.text)) {
    findings.add({
      id: 'conflict-not-explained',
      message: 'the error does not say that the note has changed',
      observed: describeToolAnswer(answer),
      level: 'SHOULD',
    })
  }
  return describeToolAnswer(answer)
}

async function race(tools: NotesTools, notes: NextcloudNotes, noteId: number): Promise<number> {
  const etag = (await notes.get(noteId))?.etag ?? ''
  const answers = await Promise.all(
    ['one', 'two'].map((content) =>
      tools.update(noteId, etag, { content: `written in parallel: ${content}` }),
    ),
  )
  return answers.filter(({ kind }) => kind === 'result').length
}

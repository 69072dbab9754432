import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const MISSING_NOTE_ID = 999_999

/** A model that gets an empty note for one that does not exist believes that it is empty. */
export const notesMissing = defineCheck({
  id: 'tools.notes.missing',
  suite: 'tools',
  title: 'Reading, changing or deleting a note that does not exist is an error that names it',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'Note 999999 not found' },
  ],
  modes: ['basic', 'oauth'],
  covers: ['missing note', 'delete missing'],
  mutants: [{ id: 's-missing-note-empty-success', alsoRed: ['tools.notes.crud'] }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['getNote', 'updateNote', 'appendToNote', 'deleteNote'])
    if (lacking !== undefined) return lacking
    const notes = sharedNotes(ctx, 'alice')
    if ((await notes.get(MISSING_NOTE_ID)) !== undefined)
      return notTestable(`alice has a note ${MISSING_NOTE_ID}`)
    const tools = new NotesTools(session)
    const existing = await notes.create({ title: newMarker(), content: 'here', category: NOTE_CATEGORY })
    const control = await tools.get(existing.id).finally(() => notes.remove(existing.id))
    if (control.kind !== 'result') {
      return notTestable(
        `positive control: a note that exists cannot be read: ${describeToolAnswer(control)}`,
      )
    }
    const answers = {
      'missing note': await tools.get(MISSING_NOTE_ID),
      'update missing': await tools.update(MISSING_NOTE_ID, 'none', { content: 'text' }),
      'append missing': await tools.append(MISSING_NOTE_ID, 'text'),
      'delete missing': await tools.remove(MISSING_NOTE_ID),
    }
    const findings = new Findings()
    for (const [name, answer] of Object.entries(answers)) judgeAnswer(findings, name, answer)
    return judge(
      findings.list(),
      Object.fromEntries(Object.entries(answers).map(([name, answer]) => [name, describeToolAnswer(answer)])),
    )
  },
})

function judgeAnswer(findings: Findings, name: string, answer: ToolAnswer): void {
  const observed = `${name}: ${describeToolAnswer(answer)}`
  if (answer.kind === 'result') {
    findings.add({
      id: 'missing-note-succeeds',
      message: 'a call about a note that does not exist succeeds',
      expected: 'isError',
      observed,
    })
    return
  }
  if (answer.kind !== 'tool-error') {
    findings.add({
      id: 'no-tool-error',
      message: 'the failure is not reported as a tool result, so that models do not get to see it',
      expected: 'a result with isError',
      observed,
      level: 'SHOULD',
    })
  }
  const tellsAll =
    answer.text.includes(String(MISSING_NOTE_ID)) &&
    /not\s*found|does\s*not\s*exist|no such/i.test(answer.text)
  if (tellsAll) return
  findings.add({
    id: 'reason-not-told',
    message: 'the error does not say that this note was not found',
    expected: `${MISSING_NOTE_ID} and "not found"`,
    observed,
  })
}

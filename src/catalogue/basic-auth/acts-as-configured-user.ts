import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** In basic mode there is one user, and it must be the one that the operator named. */
export const actsAsConfiguredUser = defineCheck({
  id: 'basic.acts-as-configured-user',
  suite: 'basic-auth',
  title: "What a tool writes is in the configured user's space and in nobody else's",
  level: 'MUST',
  source: [{ document: 'project', clause: 'basic mode acts as the configured user' }],
  modes: ['basic'],
  mutants: [
    {
      id: 's-basic-wrong-user',
      alsoRed: ['basic.wrong-password'],
      alsoNotTestable: [
        'basic.ignores-client-credentials',
        'tools.notes.crud',
        'tools.notes.etag-conflict',
        'tools.notes.missing',
      ],
    },
  ],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote'])
    if (lacking !== undefined) return lacking
    const alices = sharedNotes(ctx, 'alice')
    const bobs = sharedNotes(ctx, 'bob')
    const title = newMarker()
    const created = await new NotesTools(session).create({ title, content: title, category: NOTE_CATEGORY })
    const withAlice = await alices.idsByTitle(title)
    const withBob = await bobs.idsByTitle(title)
    await Promise.all([alices.remove(...withAlice), bobs.remove(...withBob)])
    if (created.kind !== 'result') {
      return notTestable(`positive control: creating a note fails: ${describeToolAnswer(created)}`)
    }
    const findings: Finding[] = []
    if (withBob.length > 0) {
      findings.push({
        id: 'written-for-other-user',
        message: "the note is in another user's space",
        expected: ctx.users.alice.userId,
        observed: ctx.users.bob.userId,
      })
    } else if (withAlice.length === 0) {
      findings.push({
        id: 'not-with-configured-user',
        message: 'the note is not with the configured user',
        expected: `one note of ${ctx.users.alice.userId}`,
        observed: 'none',
      })
    }
    return judge(findings, { user: ctx.users.alice.userId, notes: withAlice.length })
  },
})

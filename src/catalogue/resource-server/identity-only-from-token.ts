import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { readToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES } from '../support/tool-names.js'

const USER_HEADERS = [
  'x-forwarded-user',
  'x-forwarded-preferred-username',
  'x-remote-user',
  'remote-user',
  'x-user',
  'x-user-id',
  'x-auth-request-user',
  'x-nextcloud-user',
]

/** A reverse proxy may set such headers; a client may too. */
export const identityOnlyFromToken = defineCheck({
  id: 'rs.identity.only-from-token',
  suite: 'resource-server',
  title: "Headers, _meta and arguments that name alice do not make bob's token hers",
  level: 'MUST',
  source: [
    { document: 'MCP-Security', clause: 'Session Hijacking' },
    { document: 'OIDC-Core', clause: '5.7' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-trusts-user-header' }],
  async run(ctx) {
    await using alices = await openTargetSession(ctx, 'alice')
    const lacking = await lackOfTools(alices, ['getNote'])
    if (lacking !== undefined) return lacking
    await using bobs = await openTargetSession(ctx, 'bob')
    const notes = sharedNotes(ctx, 'alice')
    const marker = newMarker()
    const { userId } = ctx.users.alice
    const note = await notes.create({ title: marker, content: `secret ${marker}`, category: NOTE_CATEGORY })
    try {
      const own = await new NotesTools(alices).get(note.id)
      if (!own.text.includes(marker))
        return notTestable(`positive control: alice cannot read her note (${own.kind})`)
      const args = { note_id: note.id }
      const asked = {
        headers: await bobs.callTool(TOOL_NAMES.getNote, args, {
          headers: Object.fromEntries(USER_HEADERS.map((name) => [name, userId])),
        }),
        _meta: readToolAnswer(
          await bobs.request('tools/call', {
            name: TOOL_NAMES.getNote,
            arguments: args,
            _meta: { user: userId, user_id: userId, userId, sub: userId, username: userId },
          }),
        ),
        arguments: await bobs.callTool(TOOL_NAMES.getNote, { ...args, user: userId, user_id: userId }),
        query: await bobs.callTool(TOOL_NAMES.getNote, args, { query: { user: userId, user_id: userId } }),
      }
      const findings = new Findings()
      for (const [way, answer] of Object.entries(asked)) {
        if (!answer.raw.includes(marker)) continue
        findings.add({
          id: 'identity-from-elsewhere',
          message: "bob reads alice's note by naming her",
          expected: 'refused, or not found',
          observed: way,
        })
      }
      return judge(
        findings.list(),
        Object.fromEntries(
          Object.entries(asked).map(([way, { kind, status }]) => [way, `${kind} (${status})`]),
        ),
      )
    } finally {
      await notes.remove(note.id)
    }
  },
})

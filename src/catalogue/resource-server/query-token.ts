import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { requireAccepted } from '../support/token-probe.js'
import { lackOfTools } from '../support/tool-names.js'

/** URLs are logged, shared and kept in histories; a token in one must be worth nothing. */
export const queryToken = defineCheck({
  id: 'rs.token.query',
  suite: 'resource-server',
  title: 'A token in the query is ignored: alone it opens nothing, beside a header it changes nobody',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Requirements' },
    { document: 'OAuth2.1', clause: '5.1' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-query-token' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const token = await ctx.token('alice')
    await requireAccepted(ctx, url, token, 'the same token in the header')
    const findings = new Findings()
    const alone = await ctx.mcp.probe(url, {
      query: { access_token: token },
      body: initializeMessage(ctx.revision),
    })
    if (alone.status < 300) {
      findings.add({
        id: 'query-token-accepted',
        message: 'a token in the query alone is accepted',
        expected: 401,
        observed: alone.status,
      })
    } else if (alone.status !== 401) {
      findings.add({
        id: 'refused-without-401',
        message: 'a request whose token is in the query alone is not answered as one without a token',
        expected: 401,
        observed: alone.status,
      })
    }
    const beside = await asSomebodyElse(ctx, url, token)
    if (beside === 'not tested') return notTestable("positive control: alice's note is not shown to her")
    if (beside === 'shown') {
      findings.add({
        id: 'query-token-wins',
        message: "with bob's token in the header and alice's in the query, alice's note is shown",
        expected: 'served as bob, or refused',
        observed: beside,
      })
    }
    return judge(findings.list(), { alone: alone.status, 'beside another token': beside })
  },
})

/** Bob's token in the header of every request of a session, alice's in the query; asks for a note of alice's. */
async function asSomebodyElse(ctx: CheckContext, url: string, alicesToken: string): Promise<string> {
  await using alices = await McpSession.open(ctx, url, alicesToken)
  if ((await lackOfTools(alices, ['getNote'])) !== undefined) return 'no tool to see it by'
  const notes = sharedNotes(ctx, 'alice')
  const title = newMarker()
  const note = await notes.create({ title, content: 'of alice', category: NOTE_CATEGORY })
  try {
    if (!(await new NotesTools(alices).get(note.id)).raw.includes(title)) return 'not tested'
    const mixed = new URL(url)
    mixed.searchParams.set('access_token', alicesToken)
    const token = await ctx.token('bob')
    const opened = await ctx.mcp.probe(mixed.href, { token, body: initializeMessage(ctx.revision) })
    if (opened.message?.result === undefined) return `refused with ${opened.status}`
    await using bobs = await McpSession.open(ctx, mixed.href, token)
    const read = await new NotesTools(bobs).get(note.id)
    return read.raw.includes(title) ? 'shown' : `not shown (${read.kind})`
  } finally {
    await notes.remove(note.id)
  }
}

import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import type { McpSession } from '../support/mcp-session.js'
import { openTargetSession } from '../support/mcp-session.js'
import type { NextcloudNotes } from '../support/nextcloud-notes.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { openStreamBriefly } from '../support/stream-probe.js'
import { lackOfTools } from '../support/tool-names.js'

/** Session ids are logged, shown and guessed more easily than tokens: knowing one must open nothing. */
export const sessionNotAuthentication = defineCheck({
  id: 'rs.session.not-authentication',
  suite: 'resource-server',
  title: "Bob's token in alice's session is refused or serves bob, and gives him nothing of hers",
  level: 'MUST',
  source: [
    { document: 'MCP-Security', clause: 'Session Hijacking' },
    { document: 'MCP-Authorization', clause: 'Access Token Usage' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-session-identity' }],
  async run(ctx) {
    await using alices = await openTargetSession(ctx, 'alice')
    if (alices.sessionId === undefined) {
      return { kind: 'not-applicable', reason: 'the server issues no session ids' }
    }
    const lacking = await lackOfTools(alices, ['createNote', 'getNote'])
    if (lacking !== undefined) return lacking
    await using bobs = await openTargetSession(ctx, 'bob')
    const marker = newMarker()
    const notes = { alice: sharedNotes(ctx, 'alice'), bob: sharedNotes(ctx, 'bob') }
    const note = await notes.alice.create({
      title: marker,
      content: `secret ${marker}`,
      category: NOTE_CATEGORY,
    })
    try {
      const own = await new NotesTools(alices).get(note.id)
      if (!own.text.includes(marker)) {
        return notTestable(`positive control: alice cannot read her note in her session (${own.kind})`)
      }
      return await intrude(ctx, { alices, bobToken: bobs.token ?? '', noteId: note.id, marker, notes })
    } finally {
      await notes.alice.remove(note.id)
    }
  },
})

interface Intrusion {
  readonly alices: McpSession
  readonly bobToken: string
  readonly noteId: number
  readonly marker: string
  readonly notes: Readonly<Record<'alice' | 'bob', NextcloudNotes>>
}

async function intrude(ctx: CheckContext, { alices, bobToken, noteId, marker, notes }: Intrusion) {
  const findings = new Findings()
  const asBob = new NotesTools(alices, { token: bobToken })

  const read = await asBob.get(noteId)
  if (read.raw.includes(marker)) {
    findings.add({
      id: 'reads-as-session-owner',
      message: "bob's token in alice's session reads alice's note",
      expected: 'refused, or not found',
      observed: read.kind,
    })
  }

  const foreignTitle = `${marker} foreign`
  const written = await asBob.create({
    title: foreignTitle,
    content: 'written by bob',
    category: NOTE_CATEGORY,
  })
  const withAlice = await notes.alice.idsByTitle(foreignTitle)
  if (withAlice.length > 0) {
    findings.add({
      id: 'writes-as-session-owner',
      message: "a note written with bob's token in alice's session is alice's",
      expected: "refused, or bob's note",
      observed: written.kind,
    })
  }
  await notes.alice.remove(...withAlice)
  await notes.bob.remove(...(await notes.bob.idsByTitle(foreignTitle)))

  const stream = await openStreamBriefly(ctx, alices, bobToken)
  if (stream.isStream) {
    findings.add({
      id: 'stream-of-session-owner',
      message: "bob's token opens the event stream of alice's session",
      expected: 'refused',
      observed: stream.status,
    })
  }

  const deleted = await alices.send({ method: 'DELETE', token: bobToken })
  const after = await alices.request('tools/list')
  if (after.message?.result === undefined) {
    findings.add({
      id: 'ends-session-of-owner',
      message: "bob's token ends alice's session",
      expected: 'refused; the session goes on',
      observed: { delete: deleted.status, afterwards: after.status },
    })
  }
  return judge(findings.list(), {
    read: `${read.kind} (${read.status})`,
    create: `${written.kind} (${written.status})`,
    stream: stream.status,
    delete: deleted.status,
  })
}

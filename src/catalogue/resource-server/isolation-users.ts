import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, UserName } from '../context.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote, type NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { lackOfTools } from '../support/tool-names.js'

interface Person {
  readonly name: UserName
  readonly session: McpSession
  readonly tools: NotesTools
  readonly notes: NextcloudNotes
}

/** Each user sees and changes their own data, through every tool and resource of the notes. */
export const isolationUsers = defineCheck({
  id: 'rs.isolation.users',
  suite: 'resource-server',
  title: "No tool and no resource shows or changes another user's note",
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'project', clause: 'each request acts as the user of its token' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-shared-client', alsoRed: ['rs.isolation.concurrent', 'rs.cache.key-collision'] }],
  async run(ctx) {
    await using alices = await openTargetSession(ctx, 'alice')
    const lacking = await lackOfTools(alices, [
      'createNote',
      'getNote',
      'updateNote',
      'appendToNote',
      'searchNotes',
      'deleteNote',
    ])
    if (lacking !== undefined) return lacking
    await using bobs = await openTargetSession(ctx, 'bob')
    const alice = person(ctx, 'alice', alices)
    const bob = person(ctx, 'bob', bobs)
    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    for (const [owner, other] of [
      [alice, bob],
      [bob, alice],
    ] as const) {
      const reason = await keepOut(findings, observed, owner, other)
      if (reason !== undefined) return notTestable(reason)
    }
    return judge(findings.list(), observed)
  },
})

function person(ctx: CheckContext, name: UserName, session: McpSession): Person {
  return { name, session, tools: new NotesTools(session), notes: sharedNotes(ctx, name) }
}

/** The owner makes a note through the server; the other one tries everything on it. */
async function keepOut(
  findings: Findings,
  observed: Record<string, unknown>,
  owner: Person,
  other: Person,
): Promise<string | undefined> {
  const word = newMarker()
  const fields = { title: newMarker(), content: `only for ${owner.name}: ${word}`, category: NOTE_CATEGORY }
  const noteId = noteIdOf(await owner.tools.create(fields))
  if (noteId === undefined) return `positive control: ${owner.name} cannot create a note`
  try {
    const before = await owner.notes.get(noteId)
    if (before === undefined) {
      if ((await other.notes.get(noteId)) === undefined)
        return `Nextcloud does not show the note of ${owner.name}`
      findings.add({
        id: 'note-created-for-other-user',
        message: "a note is created in the space of another user than the token's",
        expected: owner.name,
        observed: other.name,
      })
      return undefined
    }
    observed[`${other.name} on a note of ${owner.name}`] = await tryEverything(findings, other, before, word)
    const after = await owner.notes.get(noteId)
    if (after?.content !== before.content || after.title !== before.title) {
      findings.add({
        id: 'note-changed-by-other-user',
        message: 'a note is changed or deleted by a user whose note it is not',
        expected: 'the note as it was',
        observed: after === undefined ? 'deleted' : 'changed',
      })
    }
  } finally {
    await Promise.all([owner.notes.remove(noteId), other.notes.remove(noteId)])
  }
  return undefined
}

/** Searches for a word of the note's content and looks for its title, so that an echoed query shows nothing. */
async function tryEverything(
  findings: Findings,
  { session, tools }: Person,
  note: NextcloudNote,
  word: string,
): Promise<Record<string, string>> {
  const reading = {
    get: (await tools.get(note.id)).raw,
    search: (await tools.search(word)).raw,
    resources: (await session.request('resources/list')).text,
    resource: (await session.request('resources/read', { uri: `nc://Notes/${note.id}` })).text,
  }
  const seen: Record<string, string> = {}
  for (const [name, text] of Object.entries(reading)) {
    const isShown = text.includes(note.title) || text.includes(note.content)
    seen[name] = isShown ? 'shown' : 'not shown'
    if (!isShown) continue
    findings.add({
      id: 'note-shown-to-other-user',
      message: 'a note is shown to a user whose note it is not',
      expected: 'not found',
      observed: name,
    })
  }
  const changing = {
    update: await tools.update(note.id, note.etag, { content: 'changed by somebody else' }),
    append: await tools.append(note.id, 'appended by somebody else'),
    delete: await tools.remove(note.id),
  }
  for (const [name, answer] of Object.entries(changing)) seen[name] = answer.kind
  return seen
}

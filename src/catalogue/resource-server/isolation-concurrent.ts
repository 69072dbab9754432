import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, UserName } from '../context.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote, type NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const USERS = ['alice', 'bob'] as const satisfies readonly UserName[]
const CONNECTIONS_EACH = 5
const CALLS_EACH = 50

interface Person {
  readonly name: UserName
  readonly notes: NextcloudNotes
  readonly note: NextcloudNote
  readonly sessions: readonly McpSession[]
}

/** Who the caller is must travel with the request; a variable that requests share mixes people up under load. */
export const isolationConcurrent = defineCheck({
  id: 'rs.isolation.concurrent',
  suite: 'resource-server',
  title: 'Interleaved calls of two users over ten connections each get their own data',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'project', clause: 'each request acts as the user of its token' },
  ],
  modes: ['oauth'],
  mutants: [
    {
      id: 's-global-current-user',
      alsoRed: ['rs.isolation.users', 'rs.session.not-authentication', 'rs.token.query'],
      alsoNotTestable: ['rs.token.query'],
    },
  ],
  async run(ctx) {
    await using probe = await openTargetSession(ctx, 'alice')
    const lacking = await lackOfTools(probe, ['getNote', 'searchNotes'])
    if (lacking !== undefined) return lacking
    const common = newMarker()
    const people = await Promise.all(USERS.map((name) => settle(ctx, name, common)))
    try {
      const reason = await aloneReason(people, common)
      const findings = (await interleave(people, common)).list()
      // Somebody else's data is proof by itself, also when another client's calls disturbed the control.
      const isProven = findings.some(({ id }) => id === 'data-of-other-user')
      if (reason !== undefined && !isProven) return notTestable(`positive control: ${reason}`)
      return judge(findings, {
        callsOfEachUser: CALLS_EACH,
        connections: CONNECTIONS_EACH * USERS.length,
      })
    } finally {
      await Promise.all(
        people.flatMap(({ notes, note, sessions }) => [
          notes.remove(note.id),
          ...sessions.map((session) => session.end()),
        ]),
      )
    }
  },
})

/** A note of the person's own, which a common word finds, and connections. */
async function settle(ctx: CheckContext, name: UserName, common: string): Promise<Person> {
  const notes = sharedNotes(ctx, name)
  const sessions = await Promise.all(
    Array.from({ length: CONNECTIONS_EACH }, () => openTargetSession(ctx, name)),
  )
  const note = await notes.create({
    title: newMarker(),
    content: `${common} of ${name}`,
    category: NOTE_CATEGORY,
  })
  return { name, notes, note, sessions }
}

/** Why a person does not even get the own note when nobody else of this check calls; `undefined` when all do. */
async function aloneReason(people: readonly Person[], common: string): Promise<string | undefined> {
  for (const person of people) {
    const answer = await callOf(person, 0, common)
    if (answer.raw.includes(person.note.title)) continue
    return `${person.name} alone does not get the own note: ${describeToolAnswer(answer)}`
  }
  return undefined
}

/** Reads the own note, and every other time searches for what both have. */
function callOf({ sessions, note }: Person, call: number, common: string) {
  const tools = new NotesTools(sessions[call % sessions.length] as McpSession)
  return call % 2 === 0 ? tools.get(note.id) : tools.search(common)
}

async function interleave(people: readonly Person[], common: string): Promise<Findings> {
  const findings = new Findings()
  const titles = people.map(({ note }) => note.title)
  const lanes = people.flatMap((person) => person.sessions.map((_, lane) => ({ person, lane })))
  await Promise.all(
    lanes.map(async ({ person, lane }) => {
      // Each connection is used for one call at a time; the connections run side by side.
      for (let call = lane; call < CALLS_EACH; call += CONNECTIONS_EACH) {
        const answer = await callOf(person, call, common)
        const foreign = titles.filter((title) => title !== person.note.title && answer.raw.includes(title))
        if (foreign.length > 0) {
          findings.add({
            id: 'data-of-other-user',
            message: "an answer holds another user's data",
            expected: `data of ${person.name} only`,
            observed: `call ${call} of ${person.name}`,
          })
        } else if (!answer.raw.includes(person.note.title)) {
          findings.add({
            id: 'own-data-missing',
            message: "under load an answer lacks the caller's own data",
            expected: `the note of ${person.name}`,
            observed: `call ${call} of ${person.name}: ${describeToolAnswer(answer)}`,
          })
        }
      }
    }),
  )
  return findings
}

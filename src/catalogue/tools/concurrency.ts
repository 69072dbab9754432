import { defineCheck, judge, NotTestableError } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { sharedNotes, type NextcloudNote, type NextcloudNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY } from '../support/notes-tools.js'
import { describeToolAnswer, readToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES } from '../support/tool-names.js'

const CALLS_OF_EACH_KIND = 10

/** One call; its marker stands in its own answer and in no other. */
interface Call {
  readonly id: number | string
  readonly name: string
  readonly args: Readonly<Record<string, unknown>>
  readonly marker: string
}

/** Models call tools in parallel; an answer under the wrong id is another question's answer. */
export const concurrency = defineCheck({
  id: 'tools.concurrency',
  suite: 'tools',
  title: 'Thirty parallel calls in one session each get their own answer, and every write is there',
  level: 'MUST',
  source: [
    { document: 'MCP-Base', clause: 'Responses' },
    { document: 'project', clause: 'parallel calls do not disturb each other' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-response-id-swapped' }],
  timeoutMs: 90_000,
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const lacking = await lackOfTools(session, ['createNote', 'getNote', 'searchNotes'])
    if (lacking !== undefined) return lacking
    const notes = sharedNotes(ctx, 'alice')
    const findings = await playRound(session, notes)
    return judge(findings.list(), { parallelCalls: 3 * CALLS_OF_EACH_KIND, writes: CALLS_OF_EACH_KIND })
  },
})

/**
 * Ten notes are read, ten are searched for and ten are created, all at the same time.
 *
 * @throws NotTestableError when a call does not work by itself.
 */
async function playRound(session: McpSession, notes: NextcloudNotes): Promise<Findings> {
  const titles = Array.from({ length: CALLS_OF_EACH_KIND }, newMarker)
  const stored = await Promise.all(
    Array.from({ length: 2 * CALLS_OF_EACH_KIND }, () =>
      notes.create({ title: newMarker(), content: 'to be read', category: NOTE_CATEGORY }),
    ),
  )
  try {
    const calls = callsOf(stored, titles)
    for (const call of [calls[0], calls[CALLS_OF_EACH_KIND]] as Call[]) {
      const { kind, raw } = readToolAnswer(await send(session, call))
      if (kind === 'result' && raw.includes(call.marker)) continue
      throw new NotTestableError(`positive control: ${call.name} alone does not find ${call.marker}`)
    }
    const findings = new Findings()
    await Promise.all(calls.map((call) => judgeCall(findings, session, call, calls)))
    await judgeWrites(findings, notes, titles)
    return findings
  } finally {
    await notes.remove(...stored.map(({ id }) => id), ...(await idsOf(notes, titles)).flat())
  }
}

function callsOf(stored: readonly NextcloudNote[], titles: readonly string[]): readonly Call[] {
  const reads = stored.map(({ id, title }, index) =>
    index < CALLS_OF_EACH_KIND
      ? { name: TOOL_NAMES.getNote, args: { note_id: id }, marker: title }
      : { name: TOOL_NAMES.searchNotes, args: { query: title }, marker: title },
  )
  const writes = titles.map((title) => ({
    name: TOOL_NAMES.createNote,
    args: { title, content: 'written in parallel', category: NOTE_CATEGORY },
    marker: title,
  }))
  return [...reads, ...writes].map((call, index) => ({ ...call, id: requestId(index) }))
}

/** Numbers, words and digits as text by turns: an id comes back as it was sent, with its type. */
function requestId(index: number): number | string {
  return [1_000 + index, `call-${index}`, String(2_000 + index)][index % 3] ?? index
}

function send(session: McpSession, { id, name, args }: Call) {
  return session.send({
    body: { jsonrpc: '2.0', id, method: 'tools/call', params: { name, arguments: args } },
  })
}

async function judgeCall(
  findings: Findings,
  session: McpSession,
  call: Call,
  calls: readonly Call[],
): Promise<void> {
  const sent = `${call.name} with id ${JSON.stringify(call.id)}`
  const reply = await send(session, call).catch(() => undefined)
  if (reply === undefined) {
    findings.add({ id: 'answer-lost', message: 'a parallel call gets no answer', observed: sent })
    return
  }
  if (reply.message !== undefined && reply.message.id !== call.id) {
    findings.add({
      id: 'other-id',
      message: 'an answer has another id than its request',
      expected: call.id,
      observed: reply.message.id,
    })
  }
  const answer = readToolAnswer(reply)
  const foreign = calls.some(({ marker }) => marker !== call.marker && answer.raw.includes(marker))
  if (foreign) {
    findings.add({
      id: 'answer-of-other-call',
      message: 'a call gets the answer of another call',
      observed: sent,
    })
  } else if (answer.kind !== 'result') {
    findings.add({
      id: 'fails-in-parallel',
      message: 'a call fails when others run beside it',
      expected: 'result',
      observed: `${sent}: ${describeToolAnswer(answer)}`,
    })
  } else if (!answer.raw.includes(call.marker) && call.name !== TOOL_NAMES.createNote) {
    findings.add({
      id: 'own-data-missing',
      message: 'a parallel call does not get what it asked for',
      observed: `${sent}: ${describeToolAnswer(answer)}`,
    })
  }
}

async function judgeWrites(
  findings: Findings,
  notes: NextcloudNotes,
  titles: readonly string[],
): Promise<void> {
  const counts = (await idsOf(notes, titles)).map(({ length }) => length)
  if (counts.every((count) => count === 1)) return
  findings.add({
    id: 'writes-not-all-there',
    message: 'not every note that was created in parallel is there once',
    expected: titles.length,
    observed: counts,
  })
}

function idsOf(notes: NextcloudNotes, titles: readonly string[]): Promise<(readonly number[])[]> {
  return Promise.all(titles.map((title) => notes.idsByTitle(title)))
}

import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { compileSchema } from '../support/json-schema.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { NextcloudNotes, sharedNotes } from '../support/nextcloud-notes.js'
import { newMarker, NOTE_CATEGORY, noteIdOf, NotesTools } from '../support/notes-tools.js'
import { openPrivateSession } from '../support/private-session.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES } from '../support/tool-names.js'

/** The first revision that asks for tool results instead of protocol errors (SEP-1303). */
const TOOL_RESULTS_SINCE = '2025-11-25'
const APIS_OF_TOOLS = /^\/apps\/notes\/api\/|^\/remote\.php\/|^\/ocs\/v\d\.php\/apps\//

/** A server with a session on it, and how often it has called the APIs behind its tools. */
interface Place {
  readonly session: McpSession
  readonly notes: NextcloudNotes
  /** Absent where nobody can see it. */
  readonly upstreamCalls: (() => number) | undefined
}

type Fault = 'missing-argument' | 'wrong-type' | 'null' | 'unknown-argument'

/** One call that must fail. */
interface Case {
  readonly name: string
  readonly fault: Fault
  readonly purpose: 'createNote' | 'getNote'
  readonly args: Readonly<Record<string, unknown>>
  /** One of them must be named. */
  readonly culprits: readonly string[]
}

/** A model corrects its call when it is told what was wrong with it; a silent default hides that anything was. */
export const errorInvalidArguments = defineCheck({
  id: 'tools.error.invalid-arguments',
  suite: 'tools',
  title: 'Missing, mistyped and unknown arguments are errors that name them, and nothing is done',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'an argument is never made up' },
  ],
  modes: ['basic', 'oauth'],
  covers: ['missing parameters'],
  mutants: [{ id: 's-missing-param-default', alsoRed: ['parity.results'] }],
  async run(ctx) {
    const place = await findPlace(ctx)
    await using session = place.session
    const lacking = await lackOfTools(session, ['createNote', 'getNote'])
    if (lacking !== undefined) return lacking
    const title = newMarker()
    const made: (number | undefined)[] = []
    try {
      const before = place.upstreamCalls?.() ?? 0
      const control = await new NotesTools(session).create({
        title: newMarker(),
        content: 'text',
        category: NOTE_CATEGORY,
      })
      const noteId = noteIdOf(control)
      made.push(noteId)
      if (noteId === undefined) return notTestable(`positive control: ${describeToolAnswer(control)}`)
      if (place.upstreamCalls?.() === before)
        return notTestable('a call that succeeds does not show in the log')
      const findings = new Findings()
      const observed: Record<string, string> = {}
      for (const one of casesOf(title, noteId)) {
        observed[one.name] = (await isAllowed(session, one))
          ? 'not tried: the inputSchema allows it'
          : await judgeCase(findings, ctx, place, one)
      }
      const done = await place.notes.idsByTitle(title)
      made.push(...done)
      if (done.length > 0 && findings.list().every(({ id }) => !id.endsWith('-accepted'))) {
        findings.add({
          id: 'refused-but-done',
          message: 'a call that fails is carried out',
          observed: done.length,
        })
      }
      if (place.upstreamCalls === undefined) {
        ctx.note('calls of Nextcloud could not be watched: the server was given by URL')
      }
      return judge(findings.list(), { ...observed, upstreamWatched: place.upstreamCalls !== undefined })
    } finally {
      await place.notes.remove(...made)
    }
  },
})

/** A private Nextcloud with a request log, when the server can be started on it; else the shared target. */
async function findPlace(ctx: CheckContext): Promise<Place> {
  const stack = await ctx.privateStack()
  try {
    const session = await openPrivateSession(ctx, stack)
    const { nextcloud } = stack
    return {
      session,
      notes: new NextcloudNotes(ctx, nextcloud.baseUrl, nextcloud.users.alice),
      upstreamCalls: () => nextcloud.twin.requests().filter(({ path }) => APIS_OF_TOOLS.test(path)).length,
    }
  } catch (error) {
    if (!(error instanceof NotTestableError)) throw error
    return {
      session: await openTargetSession(ctx),
      notes: sharedNotes(ctx, 'alice'),
      upstreamCalls: undefined,
    }
  }
}

function casesOf(title: string, noteId: number): readonly Case[] {
  const create = { purpose: 'createNote', culprits: ['content'] } as const
  const get = { purpose: 'getNote', culprits: ['note_id'] } as const
  const rest = { title, category: NOTE_CATEGORY }
  return [
    {
      ...create,
      name: 'missing parameters',
      fault: 'missing-argument',
      args: { title },
      culprits: ['content', 'category'],
    },
    { ...get, name: 'no argument at all', fault: 'missing-argument', args: {} },
    { ...create, name: 'an object for a text', fault: 'wrong-type', args: { ...rest, content: { a: 1 } } },
    { ...get, name: 'a word for a number', fault: 'wrong-type', args: { note_id: 'seven' } },
    { ...create, name: 'null for a text', fault: 'null', args: { ...rest, content: null } },
    { ...get, name: 'null for a number', fault: 'null', args: { note_id: null } },
    {
      ...get,
      name: 'an unknown argument',
      fault: 'unknown-argument',
      args: { note_id: noteId, ncmc_unknown: 1 },
      culprits: ['ncmc_unknown'],
    },
  ]
}

/** Null and unknown arguments are faults only where the tool's own schema says so. */
async function isAllowed(session: McpSession, { fault, purpose, args }: Case): Promise<boolean> {
  if (fault !== 'null' && fault !== 'unknown-argument') return false
  const tool = (await session.listTools()).find(({ name }) => name === TOOL_NAMES[purpose])
  const schema = tool?.['inputSchema']
  const compiled = isJsonObject(schema) ? compileSchema(schema) : undefined
  return compiled?.kind === 'usable' && compiled.errorOf(args) === undefined
}

/** @returns what came back, for the evidence. */
async function judgeCase(
  findings: Findings,
  ctx: CheckContext,
  { session, upstreamCalls }: Place,
  { name, fault, purpose, args, culprits }: Case,
): Promise<string> {
  const before = upstreamCalls?.()
  const answer = await session.callTool(TOOL_NAMES[purpose], args)
  const after = upstreamCalls?.()
  const shown = describeToolAnswer(answer)
  const observed = `${name}: ${shown}`
  if (answer.kind === 'result') {
    findings.add({
      id: `${fault}-accepted`,
      message: `a call with ${FAULTS[fault]} succeeds`,
      expected: 'an error that names the argument',
      observed,
    })
    return shown
  }
  if (before !== after) {
    findings.add({
      id: 'nextcloud-called',
      message: 'Nextcloud is called with arguments that are refused afterwards',
      observed: name,
    })
  }
  judgeForm(findings, ctx, answer, observed)
  if (!culprits.some((culprit) => answer.text.includes(culprit))) {
    findings.add({
      id: 'argument-not-named',
      message: 'the error does not name the argument that is wrong',
      expected: culprits,
      observed,
    })
  }
  if (fault === 'missing-argument' && !/required|missing/i.test(answer.text)) {
    findings.add({
      id: 'missing-not-told',
      message: 'the error does not say that an argument is missing',
      expected: '"required" or "missing"',
      observed,
    })
  }
  return shown
}

const FAULTS: Readonly<Record<Fault, string>> = {
  'missing-argument': 'an argument missing',
  'wrong-type': 'an argument of the wrong type',
  null: 'null for an argument',
  'unknown-argument': 'an argument that the tool does not have',
}

function judgeForm(findings: Findings, ctx: CheckContext, { kind }: ToolAnswer, observed: string): void {
  if (kind === 'refused') {
    findings.add({
      id: 'no-json-rpc-answer',
      message: 'a call with wrong arguments gets no JSON-RPC answer',
      expected: 'isError',
      observed,
    })
  } else if (kind === 'protocol-error' && ctx.revision >= TOOL_RESULTS_SINCE) {
    findings.add({
      id: 'no-tool-result',
      message: 'wrong arguments are reported as a protocol error, so that models do not get to see why',
      expected: 'a result with isError',
      observed,
    })
  }
}

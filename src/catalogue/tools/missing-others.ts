import { defineCheck, judge, notTestable, NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'
import { sharedCalendars } from '../support/nextcloud-calendars.js'
import { sharedFiles } from '../support/nextcloud-files.js'
import { sharedNotes } from '../support/nextcloud-notes.js'
import { sharedTables } from '../support/nextcloud-tables.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from '../support/tool-names.js'

const MISSING_TABLE_ID = 999_999
const TELLS_OF_ABSENCE = /not\s*found|does\s*not\s*exist|no such|missing|unknown|\b404\b/i

type Call = (purpose: ToolPurpose, args?: Readonly<Record<string, unknown>>) => Promise<ToolAnswer>

/** A call about something that is not there, and the same call about something that is. */
interface Part {
  readonly tools: readonly ToolPurpose[]
  readonly missing: (call: Call) => Promise<ToolAnswer>
  /** @throws NotTestableError when Nextcloud has nothing to call the tool with. */
  readonly control: (call: Call) => Promise<ToolAnswer>
}

/** A model that is told of a success goes on as if the thing had been there. */
export const missingOthers = defineCheck({
  id: 'tools.missing-others',
  suite: 'tools',
  title:
    'A missing file, calendar, table or attachment is an error that says so, not a success with a 404 in it',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'what does not exist is an error' },
  ],
  modes: ['basic', 'oauth'],
  covers: ['missing file', 'missing calendar', 'missing table'],
  mutants: [{ id: 's-404-as-success' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const listed = new Set((await session.listTools()).map(({ name }) => name))
    const call: Call = (purpose, args = {}) => session.callTool(TOOL_NAMES[purpose], args)
    const notes = sharedNotes(ctx, 'alice')
    const note = await notes.create({ title: newMarker(), content: 'text', category: '' })
    const findings = new Findings()
    const observed: Record<string, string> = {}
    let tried = 0
    try {
      for (const [name, part] of Object.entries(partsOf(ctx, newMarker(), note.id))) {
        const lacking = part.tools.map((purpose) => TOOL_NAMES[purpose]).filter((tool) => !listed.has(tool))
        if (lacking.length > 0) {
          observed[name] = `not tried: the server has no tool ${lacking.join(', ')}`
          continue
        }
        const control = await part.control(call).catch((error: unknown) => {
          if (error instanceof NotTestableError) return error.message
          throw error
        })
        if (typeof control === 'string') {
          observed[name] = `not tried: ${control}`
          ctx.note(`${name} is ${observed[name]}`)
          continue
        }
        if (control.kind !== 'result' || saysFailure(control)) {
          return notTestable(`positive control of ${name}: ${describeToolAnswer(control)}`)
        }
        tried += 1
        const answer = await part.missing(call)
        observed[name] = describeToolAnswer(answer)
        judgeAnswer(findings, name, answer)
      }
    } finally {
      await notes.remove(note.id)
    }
    if (tried === 0) return { kind: 'not-applicable', reason: Object.values(observed).join('; ') }
    return judge(findings.list(), observed)
  },
})

function partsOf(ctx: CheckContext, marker: string, noteId: number): Readonly<Record<string, Part>> {
  const files = sharedFiles(ctx, 'alice')
  const calendars = sharedCalendars(ctx, 'alice')
  const tables = sharedTables(ctx, 'alice')
  const path = `${marker}.txt`
  const missingPath = `${marker}-missing.txt`
  const missingName = `${marker}-missing`
  return {
    'missing file': {
      tools: ['readFile'],
      missing: (call) => call('readFile', { path: missingPath }),
      control: async (call) => {
        await files.write(path, 'text')
        return call('readFile', { path }).finally(() => files.remove(path))
      },
    },
    'delete missing file': {
      tools: ['deleteResource'],
      missing: (call) => call('deleteResource', { path: missingPath }),
      control: async (call) => {
        await files.write(path, 'text')
        return call('deleteResource', { path }).finally(() => files.remove(path))
      },
    },
    'missing calendar': {
      tools: ['createEvent'],
      missing: (call) => call('createEvent', eventIn(missingName, marker)),
      control: async (call) => {
        await calendars.create(marker)
        return call('createEvent', eventIn(marker, marker)).finally(() => calendars.remove(marker))
      },
    },
    'missing table': {
      tools: ['getTableSchema'],
      missing: (call) => call('getTableSchema', { table_id: MISSING_TABLE_ID }),
      control: async (call) => {
        const { id } = await tables.create(marker)
        return call('getTableSchema', { table_id: id }).finally(() => tables.remove(id))
      },
    },
    'missing attachment': {
      tools: ['getNoteAttachment'],
      missing: (call) => call('getNoteAttachment', { note_id: noteId, attachment_filename: missingPath }),
      control: async (call) => {
        const folder = `Notes/.attachments.${noteId}`
        await files.makeFolder(folder)
        try {
          await files.write(`${folder}/${path}`, 'text')
          return await call('getNoteAttachment', { note_id: noteId, attachment_filename: path })
        } finally {
          await files.remove(folder)
        }
      },
    },
  }
}

function eventIn(calendar: string, title: string): Readonly<Record<string, unknown>> {
  return {
    calendar_name: calendar,
    title,
    start_datetime: '2030-01-15T10:00:00Z',
    end_datetime: '2030-01-15T11:00:00Z',
  }
}

/** A result that tells of a failure in its data. */
function saysFailure({ data }: ToolAnswer): boolean {
  const status = Number(data['status_code'] ?? data['status'])
  return data['success'] === false || status >= 400
}

function judgeAnswer(findings: Findings, name: string, answer: ToolAnswer): void {
  const observed = `${name}: ${describeToolAnswer(answer)}`
  if (answer.kind === 'result' && answer.data['success'] !== false) {
    findings.add({
      id: 'missing-thing-succeeds',
      message: 'a call about something that does not exist succeeds',
      expected: 'isError',
      observed,
    })
    return
  }
  if (answer.kind !== 'tool-error') {
    findings.add({
      id: 'no-tool-error',
      message: 'the failure is not marked as one in a tool result',
      expected: 'a result with isError',
      observed,
      level: 'SHOULD',
    })
  }
  if (TELLS_OF_ABSENCE.test(answer.text)) return
  findings.add({
    id: 'reason-not-told',
    message: 'the error does not say that the thing was not found',
    expected: '"not found"',
    observed,
  })
}

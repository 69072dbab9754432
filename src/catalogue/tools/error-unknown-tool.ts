import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { isJsonObject } from '../support/json.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, readToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from '../support/tool-names.js'

const INVALID_PARAMS = -32_602
/** Calls that change nothing, one of which shows that tools can be called at all. */
const CONTROLS: readonly (readonly [ToolPurpose, Readonly<Record<string, unknown>>])[] = [
  ['searchNotes', { query: 'ncmc' }],
  ['listDirectory', { path: '' }],
  ['listCalendars', {}],
  ['listTables', {}],
]

/** A model that misspells a tool must not take the answer for a result. */
export const errorUnknownTool = defineCheck({
  id: 'tools.error.unknown-tool',
  suite: 'tools',
  title: 'A call of a tool that does not exist is answered with the JSON-RPC error -32602',
  level: 'SHOULD',
  source: [{ document: 'MCP-Tools', clause: 'Error Handling' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-unknown-tool-success' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const reason = await controlReason(session)
    if (reason !== undefined) return reason
    const answer = await session.request('tools/call', { name: `nc_${newMarker()}`, arguments: {} })
    const error = answer.message?.error
    const observed = error === undefined ? describeToolAnswer(readToolAnswer(answer)) : `error ${error.code}`
    const finding = error?.code === INVALID_PARAMS ? undefined : findingOf(answer.message?.result, error)
    return judge(finding === undefined ? [] : [{ ...finding, observed }], observed)
  },
})

/** What keeps the check from being run; `undefined` when a tool that exists can be called. */
async function controlReason(session: McpSession) {
  const listed = new Set((await session.listTools()).map(({ name }) => name))
  const [purpose, args] = CONTROLS.find(([known]) => listed.has(TOOL_NAMES[known])) ?? []
  if (purpose === undefined) {
    return { kind: 'not-applicable', reason: 'the server lists no reading tool that we know' } as const
  }
  const control = await session.callTool(TOOL_NAMES[purpose], args ?? {})
  if (control.kind === 'result') return undefined
  return notTestable(`positive control: ${TOOL_NAMES[purpose]}: ${describeToolAnswer(control)}`)
}

function findingOf(result: unknown, error: unknown): Finding {
  const expected = `error ${INVALID_PARAMS}`
  if (error !== undefined) {
    return { id: 'other-error-code', message: 'the error for an unknown tool has another code', expected }
  }
  if (!isJsonObject(result)) {
    return {
      id: 'no-json-rpc-answer',
      message: 'the call of an unknown tool gets no JSON-RPC answer',
      expected,
    }
  }
  return result['isError'] === true
    ? {
        id: 'unknown-tool-as-tool-error',
        message: 'an unknown tool is reported in a tool result instead of a JSON-RPC error',
        expected,
      }
    : { id: 'unknown-tool-succeeds', message: 'the call of an unknown tool succeeds', expected }
}

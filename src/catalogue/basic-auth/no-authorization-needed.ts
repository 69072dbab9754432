import type { ProbeInput, ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession, type ListedTool } from '../support/mcp-session.js'
import { newMarker } from '../support/notes-tools.js'
import { TOOL_NAMES } from '../support/tool-names.js'
import { isJsonObject } from '../support/json.js'

/** In basic mode the MCP client has nothing to show, and nothing may ask it to get something. */
export const noAuthorizationNeeded = defineCheck({
  id: 'basic.no-authorization-needed',
  suite: 'basic-auth',
  title: 'A client without credentials is served from the first to the last request, and never challenged',
  level: 'MUST',
  source: [
    { document: 'project', clause: 'basic mode asks MCP clients for nothing' },
    { document: 'MCP-Authorization', clause: 'Protocol Requirements' },
  ],
  modes: ['basic'],
  mutants: [
    {
      id: 's-basic-demands-token',
      alsoRed: ['protocol.official.stateful', 'resilience.start-while-down'],
      alsoNotTestable: '*',
    },
  ],
  async run(ctx) {
    const { url } = ctx.target('basic')
    const findings = new Findings()
    const first = await ctx.mcp.probe(url, { body: initializeMessage(ctx.revision) })
    judgeAnswer(findings, 'initialize', first)
    if (first.message?.result === undefined) {
      return findings.list().length > 0
        ? judge(findings.list())
        : notTestable(`positive control: initialize is answered with status ${first.status}`)
    }
    await using session = await McpSession.open(recordingProbe(ctx, findings), url)
    const tools = await session.listTools()
    const called = harmlessTool(tools)
    if (called !== undefined) {
      // Whatever the tool makes of it: only a demand for credentials counts here.
      await session.callTool(called, called === TOOL_NAMES.searchNotes ? { query: newMarker() } : {})
    }
    await session.request('resources/list')
    await session.request('ping')
    await session.end()
    return judge(findings.list(), { tools: tools.length, called })
  },
})

/** A tool that changes nothing, whatever the server offers. */
function harmlessTool(tools: readonly ListedTool[]): string | undefined {
  const names = tools.filter(isReadOnly).map(({ name }) => String(name))
  return tools.some(({ name }) => name === TOOL_NAMES.searchNotes) ? TOOL_NAMES.searchNotes : names[0]
}

function isReadOnly({ annotations }: ListedTool): boolean {
  return isJsonObject(annotations) && annotations['readOnlyHint'] === true
}

/** The probe of a session, whose every answer is judged too. */
function recordingProbe(ctx: CheckContext, findings: Findings): Pick<CheckContext, 'mcp' | 'revision'> {
  const probe = async (url: string, input: ProbeInput = {}): Promise<ProbeResult> => {
    const answer = await ctx.mcp.probe(url, input)
    judgeAnswer(findings, nameOf(input), answer)
    return answer
  }
  return { revision: ctx.revision, mcp: { ...ctx.mcp, probe } }
}

function judgeAnswer(findings: Findings, request: string, { status, headers }: ProbeResult): void {
  const challenge = headers.get('www-authenticate')
  if (status === 401 || status === 403) {
    findings.add({
      id: 'authorization-demanded',
      message: 'a request without credentials is refused',
      expected: 'no 401 and no 403',
      observed: `${request}: ${status}`,
    })
  } else if (challenge !== null) {
    findings.add({
      id: 'challenge-sent',
      message: 'an answer carries a challenge',
      expected: 'no WWW-Authenticate',
      observed: `${request}: ${challenge}`,
    })
  }
}

function nameOf({ method, body }: ProbeInput): string {
  const rpcMethod = typeof body === 'object' && body !== null && 'method' in body ? body.method : undefined
  return typeof rpcMethod === 'string' ? rpcMethod : (method ?? 'POST')
}

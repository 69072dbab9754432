import { quoteUntrusted } from '../../errors.js'
import type { ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession, type McpSession } from '../support/mcp-session.js'

const STACK = /\n\s+at .*:\d+:\d+|Traceback \(most recent|File "[^"]+", line \d+/

/** A request that is wrong in one way. */
interface WrongRequest {
  readonly name: string
  readonly body: unknown
  readonly code: number
  /** What the error must carry as id; absent where the request has none that could be read. */
  readonly id?: string | number
}

const WRONG_REQUESTS: readonly WrongRequest[] = [
  { name: 'broken JSON', body: '{"jsonrpc": "2.0", "id": 31, "method": ', code: -32700 },
  { name: 'no request', body: { jsonrpc: '2.0', id: 32, method: 7 }, code: -32600 },
  {
    name: 'unknown method, number as id',
    body: { jsonrpc: '2.0', id: 33, method: 'ncmc/unknown', params: {} },
    code: -32601,
    id: 33,
  },
  {
    name: 'unknown method, text as id',
    body: { jsonrpc: '2.0', id: 'thirty-four', method: 'ncmc/unknown', params: {} },
    code: -32601,
    id: 'thirty-four',
  },
]

/** The id is how a client finds the call that failed; the code is how it knows what to do. */
export const jsonrpcErrors = defineCheck({
  id: 'protocol.jsonrpc-errors',
  suite: 'protocol',
  title: "Wrong requests get the error of their kind with the request's own id, and no stack trace",
  level: 'MUST',
  source: [
    { document: 'MCP-Base', clause: 'Responses' },
    { document: 'project', clause: 'JSON-RPC 2.0, 5.1: the codes of errors' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-error-loses-id' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const wrong of WRONG_REQUESTS) {
      const answer = await session.send({ body: wrong.body })
      observed[wrong.name] = describe(answer)
      judgeAnswer(findings, wrong, answer)
    }
    // A client must not send a null id; what becomes of one is shown and not judged.
    observed['null as id'] = describe(
      await session.send({ body: { jsonrpc: '2.0', id: null, method: 'ping', params: {} } }),
    )
    const goesOn = await livesOn(session)
    if (!goesOn) {
      findings.add({
        id: 'session-lost',
        message: 'after wrong requests the session answers no more',
        expected: 'a result',
      })
    }
    return judge(findings.list(), observed)
  },
})

function judgeAnswer(findings: Findings, { name, code, id }: WrongRequest, answer: ProbeResult): void {
  const observed = `${name}: ${describe(answer)}`
  const error = answer.message?.error
  if (answer.status >= 500 || answer.message?.result !== undefined) {
    findings.add({
      id: answer.status >= 500 ? 'server-error' : 'wrong-request-succeeds',
      message: 'a wrong request is answered with a server error or a result',
      expected: `error ${code}`,
      observed,
    })
    return
  }
  if (error !== undefined && id !== undefined && answer.message?.id !== id) {
    findings.add({
      id: 'id-not-echoed',
      message: "an error does not carry the request's id",
      expected: id,
      observed: `${name}: ${JSON.stringify(answer.message?.id)}`,
    })
  }
  if (STACK.test(answer.text)) {
    findings.add({ id: 'stack-trace', message: 'an error holds a stack trace', observed: name })
  }
  if (error?.code === code) return
  findings.add({
    id: 'other-code',
    message: 'a wrong request gets another error code than that of its kind',
    expected: code,
    observed,
    level: 'SHOULD',
  })
}

async function livesOn(session: McpSession): Promise<boolean> {
  return (await session.request('tools/list')).message?.result !== undefined
}

function describe({ status, message }: ProbeResult): string {
  const error = message?.error
  if (error !== undefined)
    return `status ${status}, error ${error.code}: ${quoteUntrusted(error.message, 80)}`
  return message?.result === undefined ? `status ${status}` : `status ${status}, a result`
}

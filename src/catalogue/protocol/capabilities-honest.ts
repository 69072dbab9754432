import type { ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'

const METHOD_NOT_FOUND = -32601

/** A request that only a server with the capability answers. */
interface Feature {
  readonly capability: string
  readonly method: string
  readonly params?: Readonly<Record<string, unknown>>
  /** False for requests that change the session, or whose parameters cannot be known. */
  readonly worksAlways: boolean
}

const FEATURES: readonly Feature[] = [
  { capability: 'tools', method: 'tools/list', worksAlways: true },
  { capability: 'resources', method: 'resources/list', worksAlways: true },
  { capability: 'prompts', method: 'prompts/list', worksAlways: true },
  { capability: 'logging', method: 'logging/setLevel', params: { level: 'error' }, worksAlways: true },
  {
    capability: 'completions',
    method: 'completion/complete',
    params: { ref: { type: 'ref/prompt', name: 'ncmc' }, argument: { name: 'ncmc', value: '' } },
    worksAlways: false,
  },
]

/** Clients decide by the declared capabilities what they show and call. */
export const capabilitiesHonest = defineCheck({
  id: 'protocol.capabilities-honest',
  suite: 'protocol',
  title: 'Declared capabilities work, tools are declared, and what is not declared is method not found',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Capabilities' },
    { document: 'MCP-Lifecycle', clause: 'Capability Negotiation' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-tools-undeclared' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const { capability, method, params, worksAlways } of FEATURES) {
      const isDeclared = capability in session.capabilities
      const answer = await session.request(method, params)
      const works = answer.message?.result !== undefined
      observed[capability] = `${isDeclared ? 'declared' : 'not declared'}: ${describe(answer)}`
      if (isDeclared && !works && (worksAlways || answer.message?.error?.code === METHOD_NOT_FOUND)) {
        findings.add({
          id: 'declared-does-not-work',
          message: 'a declared capability does not work',
          expected: 'a result',
          observed: `${capability}: ${method}: ${describe(answer)}`,
        })
      }
      if (isDeclared) continue
      if (works) {
        findings.add({
          id: capability === 'tools' ? 'tools-not-declared' : 'undeclared-works',
          message:
            capability === 'tools'
              ? 'the server has tools, and does not declare it'
              : 'what is not declared works',
          expected: capability === 'tools' ? 'capabilities.tools' : `error ${METHOD_NOT_FOUND}`,
          observed: `${capability}: ${method}: ${describe(answer)}`,
        })
      } else if (answer.message?.error?.code !== METHOD_NOT_FOUND) {
        findings.add({
          id: 'undeclared-with-other-error',
          message: 'what is not declared is refused with another error than method not found',
          expected: `error ${METHOD_NOT_FOUND}`,
          observed: `${capability}: ${method}: ${describe(answer)}`,
          level: 'SHOULD',
        })
      }
    }
    return judge(findings.list(), observed)
  },
})

function describe({ status, message }: ProbeResult): string {
  if (message?.error !== undefined) return `error ${message.error.code}`
  return message?.result === undefined ? `status ${status}` : 'a result'
}

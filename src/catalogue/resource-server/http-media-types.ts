import type { ProbeResult } from '../../mcp/mcp.js'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'

const ACCEPTS = ['*/*', 'application/json', 'text/html'] as const
/** Browsers send these across origins without asking first. */
const SIMPLE_TYPES = ['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'] as const

/** What a browser sends without a preflight must not run a tool, whatever page sent it. */
export const httpMediaTypes = defineCheck({
  id: 'rs.http.media-types',
  suite: 'resource-server',
  title: 'Other media types are answered or refused in order, and none that needs no preflight is executed',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Transport', clause: 'Sending Messages to the Server' },
    { document: 'RFC9110', clause: '15.5.16' },
    { document: 'RFC9110', clause: '12.5.1' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-text-plain-executed' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const ask = (headers: Readonly<Record<string, string>>): Promise<ProbeResult> =>
      session.request('tools/list', {}, { headers })
    const usual = await ask({})
    if (usual.message?.result === undefined) {
      return notTestable(`positive control: tools/list is answered with status ${usual.status}`)
    }
    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const accept of ACCEPTS) {
      const answer = await ask({ accept })
      observed[`Accept: ${accept}`] = describe(answer)
      const isRefused = [400, 406, 415].includes(answer.status)
      if (isRefused || answer.message !== undefined) continue
      findings.add({
        id: 'accept-without-answer',
        message: 'a request with another Accept gets neither an answer nor a fitting refusal',
        expected: 'a result, or 406, 415 or 400',
        observed: `${accept}: ${describe(answer)}`,
      })
    }
    for (const type of SIMPLE_TYPES) {
      const answer = await ask({ 'content-type': type })
      observed[`Content-Type: ${type}`] = describe(answer)
      if (answer.message?.result !== undefined) {
        findings.add({
          id: 'simple-type-executed',
          message: 'a request that a browser sends without preflight is executed',
          expected: 415,
          observed: type,
        })
      } else if (answer.status >= 500 || answer.status < 400) {
        findings.add({
          id: 'simple-type-not-refused',
          message: 'a request with another Content-Type is neither answered nor refused',
          expected: 415,
          observed: `${type}: ${describe(answer)}`,
        })
      }
    }
    return judge(findings.list(), observed)
  },
})

function describe({ status, message }: ProbeResult): string {
  if (message?.error !== undefined) return `status ${status}, error ${message.error.code}`
  return message?.result === undefined ? `status ${status}` : `status ${status}, a result`
}

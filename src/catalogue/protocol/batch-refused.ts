import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { openTargetSession } from '../support/mcp-session.js'

/** Batches went with revision 2025-06-18: what passes as one is not seen by whatever looks at single messages. */
export const batchRefused = defineCheck({
  id: 'protocol.batch-refused',
  suite: 'protocol',
  title: 'An array of two requests is refused, and neither of them is answered',
  level: 'SHOULD',
  source: [{ document: 'MCP-Transport', clause: 'Sending Messages to the Server' }],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-batch-executed' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const request = (id: string): Record<string, unknown> => ({
      jsonrpc: '2.0',
      id,
      method: 'tools/list',
      params: {},
    })
    const alone = await session.send({ body: request('ncmc-alone') })
    if (alone.message?.result === undefined) {
      return notTestable(`positive control: one request alone is answered with status ${alone.status}`)
    }
    const batch = await session.send({ body: [request('ncmc-first'), request('ncmc-second')] })
    const answered = ['ncmc-first', 'ncmc-second'].filter(
      (id) => batch.text.includes(`"${id}"`) && /"result"\s*:/.test(batch.text),
    )
    const findings = new Findings()
    if (answered.length > 0) {
      findings.add({
        id: 'batch-executed',
        message: 'the requests of a batch are executed',
        expected: '4xx, or one error',
        observed: `status ${batch.status}, results for ${answered.join(' and ')}`,
      })
    } else if (batch.status >= 500) {
      findings.add({
        id: 'server-error',
        message: 'a batch is answered with a server error',
        expected: '4xx, or one error',
        observed: batch.status,
      })
    }
    return judge(findings.list(), { status: batch.status, error: batch.message?.error?.code ?? 'none' })
  },
})

import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, openTargetSession } from '../support/mcp-session.js'
import { readingCalls } from '../support/reading-call.js'
import { describeToolAnswer } from '../support/tool-answer.js'

const SCHEMES = ['bearer', 'BEARER', 'bEaReR'] as const

/** Names of schemes have no case; Nextcloud itself knows only one spelling, so that passing the header on fails. */
export const schemeCase = defineCheck({
  id: 'rs.token.scheme-case',
  suite: 'resource-server',
  title: 'The name of the Bearer scheme may be written in any case, all the way to Nextcloud',
  level: 'MUST',
  source: [
    { document: 'RFC9110', clause: '11.1' },
    { document: 'OAuth2.1', clause: '5.1.1' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-scheme-case-sensitive' }],
  async run(ctx) {
    await using session = await openTargetSession(ctx)
    const token = session.token ?? ''
    const [call] = await readingCalls(session)
    if (call !== undefined) {
      const control = await session.callTool(call.name, call.args)
      if (control.kind !== 'result') {
        return notTestable(`positive control: with Bearer ${call.name} gives ${describeToolAnswer(control)}`)
      }
    }
    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    for (const scheme of SCHEMES) {
      const authorization = `${scheme} ${token}`
      const opened = await ctx.mcp.probe(session.url, {
        authorization,
        body: initializeMessage(ctx.revision),
      })
      if (opened.status >= 300) {
        findings.add({
          id: 'scheme-refused',
          message: 'a good token is refused because of the case of the scheme',
          expected: 'accepted',
          observed: `${scheme}: ${opened.status}`,
        })
        continue
      }
      const answer =
        call === undefined ? undefined : await session.callTool(call.name, call.args, { authorization })
      observed[scheme] = answer === undefined ? 'accepted' : `${call?.name}: ${answer.kind}`
      if (answer === undefined || answer.kind === 'result') continue
      findings.add({
        id: 'scheme-breaks-calls',
        message: 'with another case of the scheme a request is accepted, but its call fails',
        expected: 'the result that Bearer gives',
        observed: `${scheme}: ${describeToolAnswer(answer)}`,
      })
    }
    return judge(findings.list(), observed)
  },
})

import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import type { McpSession } from '../support/mcp-session.js'
import { openPrivateSession } from '../support/private-session.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES, type ToolPurpose } from '../support/tool-names.js'

/** One call for each entry point of Nextcloud, which words its maintenance in a form of its own. */
const CALLS: readonly (readonly [ToolPurpose, Readonly<Record<string, unknown>>])[] = [
  ['searchNotes', { query: 'ncmc' }],
  ['listDirectory', { path: '' }],
  ['listCalendars', {}],
  ['listTables', {}],
]
const MARKUP = /<(?:!doctype|html|head|body|\?xml|d:error|ocs)\b/i
const SAYS_UNAVAILABLE = /unavailable|not available|maintenance|503|try again later/i

/** Every update of Nextcloud begins with its maintenance mode. */
export const maintenance = defineCheck({
  id: 'resilience.maintenance',
  suite: 'resilience',
  title: "Nextcloud's maintenance mode is told as an outage, without its page, and harms no login",
  level: 'SHOULD',
  source: [
    { document: 'RFC9110', clause: '15.6.4' },
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'maintenance of Nextcloud is told and survived' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-html-as-result' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    await using session = await openPrivateSession(ctx, stack)
    const listed = new Set((await session.listTools()).map(({ name }) => name))
    const calls = CALLS.filter(([purpose]) => listed.has(TOOL_NAMES[purpose]))
    if (calls.length === 0) {
      return { kind: 'not-applicable', reason: 'the server has none of the tools that could be called' }
    }
    const callAll = async (): Promise<readonly (readonly [string, ToolAnswer | undefined])[]> =>
      Promise.all(
        calls.map(
          async ([purpose, args]) => [purpose, await call(ctx, session, TOOL_NAMES[purpose], args)] as const,
        ),
      )
    const before = await callAll()
    const broken = before.find(([, answer]) => answer?.kind !== 'result')
    if (broken !== undefined) {
      return notTestable(`positive control: ${broken[0]} is answered with ${describe(broken[1])}`)
    }

    const lift = stack.nextcloud.twin.inject({ scope: 'all', kind: 'maintenance' })
    const during = await callAll()
    lift()
    const after = await callAll()

    const findings = new Findings()
    for (const [name, answer] of during) judgeDuring(findings, name, answer)
    for (const [name, answer] of after) {
      if (answer?.kind === 'result') continue
      findings.add({
        id: answer?.status === 401 ? 'login-lost' : 'not-recovered',
        message: 'the first call after the maintenance fails',
        expected: 'result',
        observed: `${name}: ${describe(answer)}`,
      })
    }
    return judge(
      findings.list(),
      Object.fromEntries(during.map(([name, answer]) => [name, describe(answer)])),
    )
  },
})

function call(
  ctx: CheckContext,
  session: McpSession,
  tool: string,
  args: Readonly<Record<string, unknown>>,
): Promise<ToolAnswer | undefined> {
  return session.callTool(tool, args, { timeoutMs: ctx.windows.upstreamTimeoutMs }).catch(() => undefined)
}

function judgeDuring(findings: Findings, name: string, answer: ToolAnswer | undefined): void {
  const observed = `${name}: ${describe(answer)}`
  if (answer === undefined) {
    findings.add({ id: 'no-answer', message: 'a call gets no answer in time', expected: 'isError', observed })
    return
  }
  if (answer.status === 401) {
    findings.add({
      id: 'login-lost',
      message: 'a caller is told that the login is no longer good',
      expected: 'isError or 5xx',
      observed,
    })
    return
  }
  if (MARKUP.test(answer.raw)) {
    findings.add({
      id: 'page-in-answer',
      message: "Nextcloud's page is handed to the caller",
      expected: 'no HTML or XML',
      observed,
    })
  }
  const isFailure = answer.kind === 'refused' ? answer.status >= 500 : answer.kind !== 'result'
  if (!isFailure) {
    findings.add({
      id: 'failure-not-told',
      message: 'a call does not fail while Nextcloud is in maintenance',
      expected: 'isError or 5xx',
      observed,
    })
  } else if (answer.status < 500 && !SAYS_UNAVAILABLE.test(answer.text)) {
    findings.add({
      id: 'reason-not-told',
      message: 'the caller is not told that Nextcloud is unavailable',
      expected: 'a text that says so',
      observed,
    })
  }
}

function describe(answer: ToolAnswer | undefined): string {
  return answer === undefined ? 'no answer' : describeToolAnswer(answer)
}

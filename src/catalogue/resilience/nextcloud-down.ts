import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'
import { DEVELOPERS_TEXT } from '../support/developers-text.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** Nextcloud is restarted for every update; a server must survive that without help. */
export const nextcloudDown = defineCheck({
  id: 'resilience.nextcloud-down',
  suite: 'resilience',
  title: 'While Nextcloud is down calls fail in time with a plain reason; afterwards they work again',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'an outage of Nextcloud is survived' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin'],
  mutants: [
    {
      id: 's-dies-when-nextcloud-down',
      alsoRed: ['resilience.start-while-down', 'resilience.restart'],
      alsoNotTestable: ['rs.leak.responses', 'resilience.validation-outage.not-sticky'],
    },
  ],
  timeoutMs: 120_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const target = await stack.launch(mode)
    const token = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
    await using session = await McpSession.open(ctx, target.url, token)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
    const before = await search(ctx, session)
    if (before?.kind !== 'result') return notTestable(`positive control: ${describe(before)}`)

    const findings = new Findings()
    const observed: Record<string, string> = {}
    for (const [name, begin] of Object.entries(outages(stack))) {
      const end = await begin()
      const during = await search(ctx, session)
      await end()
      const after = await search(ctx, session)
      observed[name] = describe(during)
      const finding = judgeOutage(name, target, during, after)
      if (finding === undefined) continue
      findings.add(finding)
      if (finding.id === 'server-stopped') break
    }
    return judge(findings.list(), observed)
  },
})

/** Each starts an outage and returns what ends it. */
function outages({ nextcloud: { twin } }: PrivateStack): Record<string, () => Promise<() => Promise<void>>> {
  return {
    'connection refused': async () => {
      await twin.suspend()
      return () => twin.resume()
    },
    'connection dropped': () => {
      const lift = twin.inject({ scope: 'all', kind: 'refuse' })
      return Promise.resolve(() => {
        lift()
        return Promise.resolve()
      })
    },
  }
}

async function search(ctx: CheckContext, session: McpSession): Promise<ToolAnswer | undefined> {
  return new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
    .search('ncmc')
    .catch(() => undefined)
}

function judgeOutage(
  name: string,
  { server }: LaunchedTarget,
  during: ToolAnswer | undefined,
  after: ToolAnswer | undefined,
): Finding | undefined {
  const observed = `${name}: ${describe(during)}; afterwards ${describe(after)}`
  if (server.hasExited()) {
    return {
      id: 'server-stopped',
      message: 'the server stops when Nextcloud cannot be reached',
      expected: 'the server stays up',
      observed,
    }
  }
  if (during === undefined) {
    return { id: 'no-answer', message: 'a call gets no answer in time', expected: 'isError or 5xx', observed }
  }
  const isFailure = during.kind === 'refused' ? during.status >= 500 : during.kind !== 'result'
  if (!isFailure) {
    return {
      id: 'failure-not-told',
      message: 'a call does not fail as an outage of the server behind',
      expected: 'isError or 5xx',
      observed,
    }
  }
  if (DEVELOPERS_TEXT.test(during.text)) {
    return { id: 'reason-not-plain', message: "the reason is a developer's text", observed, level: 'SHOULD' }
  }
  if (after?.kind === 'result') return undefined
  return {
    id: 'not-recovered',
    message: 'the first call after the outage fails',
    expected: 'result',
    observed,
  }
}

function describe(answer: ToolAnswer | undefined): string {
  return answer === undefined ? 'no answer' : describeToolAnswer(answer)
}

import type { NextcloudTwin } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, NotTestableError, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { seenWithin } from '../support/seen-within.js'
import { describeToolAnswer, readToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools, TOOL_NAMES } from '../support/tool-names.js'

/**
 * Asked of servers that can be told, so that nobody waits for their usual ten seconds or more. It must be longer than
 * what tells a call that had to wait from one that met a busy machine.
 */
const TIMEOUT_SECONDS = '2'
const OTHERS = 3
const GONE_CALLERS = 20
/** Others waited when even the fastest of them took this long and this many times what the fastest took before. */
const WAITED_MS = 1_000
const WAITED_FACTOR = 3

/** One slow answer of Nextcloud is the problem of one caller. */
export const nextcloudSlow = defineCheck({
  id: 'resilience.nextcloud-slow',
  suite: 'resilience',
  title: 'A call that Nextcloud does not answer ends in time and keeps nobody else waiting',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Lifecycle', clause: 'Timeouts' },
    { document: 'MCP-Cancellation', clause: 'Behavior Requirements' },
    { document: 'project', clause: 'a slow Nextcloud is survived' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-blocks-event-loop' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const { url } = await stack.launch(mode, { env: { NEXTCLOUD_TIMEOUT_SECONDS: TIMEOUT_SECONDS } })
    const open = async (user: 'alice' | 'bob'): Promise<McpSession> =>
      McpSession.open(
        ctx,
        url,
        mode === 'oauth' ? (await stack.oauth.mint(user)).tokens.access_token : undefined,
      )
    await using session = await open('alice')
    // In basic mode everybody is the configured user.
    await using otherSession = await open('bob')
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
    await callOthers(ctx, otherSession)
    const before = await callOthers(ctx, otherSession)
    if (before.some(({ answer }) => answer?.kind !== 'result')) {
      return notTestable(`positive control: ${describe(before[0]?.answer)}`)
    }
    const waitedMs = Math.max(WAITED_MS, WAITED_FACTOR * Math.min(...before.map(({ tookMs }) => tookMs)))

    const findings = new Findings()
    const lift = twin.inject({ scope: 'notes', kind: 'timeout', times: 1 })
    const startedMs = performance.now()
    const held = search(ctx, session)
    await whenHeld(twin, 1)
    const during = await callOthers(ctx, otherSession)
    const waiting = judgeOthers(findings, during, waitedMs, {
      id: 'others-wait',
      message: 'while one call waits for Nextcloud, those of others wait, too',
    })
    // Where one call is enough to block a server, twenty tell nothing more.
    const afterGone = waiting ? [] : await afterCallersWent(ctx, twin, session, otherSession)
    judgeOthers(findings, afterGone, waitedMs, {
      id: 'slots-not-freed',
      message: 'calls whose callers have cancelled them and gone keep others waiting',
    })
    const answer = await held
    const heldMs = Math.round(performance.now() - startedMs)
    lift()
    if (answer === undefined) {
      findings.add({
        id: 'no-timeout',
        message: 'a call that Nextcloud does not answer gets no answer',
        expected: `isError or 5xx within ${ctx.windows.upstreamTimeoutMs} ms`,
        observed: 'no answer',
      })
    } else if (answer.kind === 'result' || (answer.kind === 'refused' && answer.status < 500)) {
      findings.add({
        id: 'failure-not-told',
        message: 'a call that Nextcloud does not answer does not fail',
        expected: 'isError or 5xx',
        observed: describe(answer),
      })
    }
    return judge(findings.list(), {
      held: `${describe(answer)}, after ${heldMs} ms`,
      othersMs: { before: times(before), during: times(during), afterCallersWent: times(afterGone) },
    })
  },
})

interface TimedAnswer {
  readonly answer: ToolAnswer | undefined
  readonly tookMs: number
}

function search(ctx: CheckContext, session: McpSession): Promise<ToolAnswer | undefined> {
  return new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
    .search('ncmc')
    .catch(() => undefined)
}

function callOthers(ctx: CheckContext, session: McpSession): Promise<readonly TimedAnswer[]> {
  return Promise.all(
    Array.from({ length: OTHERS }, async () => {
      const startedMs = performance.now()
      const answer = await search(ctx, session)
      return { answer, tookMs: Math.round(performance.now() - startedMs) }
    }),
  )
}

/** Waits until Nextcloud holds this many requests; fewer after a second are taken as they are, but not none. */
async function whenHeld(twin: NextcloudTwin, count: number): Promise<void> {
  const held = (): Promise<number> =>
    Promise.resolve(
      twin.requests().filter(({ path, status }) => path.startsWith('/apps/notes/') && status === 0).length,
    )
  const seen = await seenWithin(held, (number) => number >= count, 1_000)
  if (seen === 0) throw new NotTestableError('the call that should be slow does not reach the notes app')
}

/** Has many calls held whose callers cancel them and close their connections; then the others call. */
async function afterCallersWent(
  ctx: CheckContext,
  twin: NextcloudTwin,
  session: McpSession,
  otherSession: McpSession,
): Promise<readonly TimedAnswer[]> {
  const lift = twin.inject({ scope: 'notes', kind: 'timeout', times: GONE_CALLERS })
  const leave = new AbortController()
  const ids = Array.from({ length: GONE_CALLERS }, (_, index) => `gone-${index}`)
  const calls = ids.map((id) =>
    session
      .send({
        body: {
          jsonrpc: '2.0',
          id,
          method: 'tools/call',
          params: { name: TOOL_NAMES.searchNotes, arguments: { query: 'ncmc' } },
        },
        signal: leave.signal,
      })
      .then(readToolAnswer, () => undefined),
  )
  await whenHeld(twin, GONE_CALLERS + 1)
  await Promise.all(
    ids.map((requestId) =>
      session.send({
        body: { jsonrpc: '2.0', method: 'notifications/cancelled', params: { requestId, reason: 'gone' } },
      }),
    ),
  )
  leave.abort()
  await Promise.all(calls)
  const answers = await callOthers(ctx, otherSession)
  lift()
  return answers
}

/** True when there is something to find. */
function judgeOthers(
  findings: Findings,
  answers: readonly TimedAnswer[],
  waitedMs: number,
  finding: { readonly id: string; readonly message: string },
): boolean {
  const fastestMs = Math.min(...answers.map(({ tookMs }) => tookMs))
  const failed = answers.find(({ answer }) => answer?.kind !== 'result')
  if (answers.length === 0 || (fastestMs < waitedMs && failed === undefined)) return false
  findings.add({
    ...finding,
    expected: `answered in less than ${waitedMs} ms`,
    observed: failed === undefined ? `the fastest after ${fastestMs} ms` : describe(failed.answer),
  })
  return true
}

function times(answers: readonly TimedAnswer[]): readonly number[] {
  return answers.map(({ tookMs }) => tookMs)
}

function describe(answer: ToolAnswer | undefined): string {
  return answer === undefined ? 'no answer' : describeToolAnswer(answer)
}

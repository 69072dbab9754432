import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, LaunchedTarget } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { MIB, processUsage, type ProcessUsage } from '../support/process-usage.js'
import { seenWithin } from '../support/seen-within.js'
import type { Mode } from '../../servers/server.js'

/**
 * A descriptor for each session shows at any number well above the connections that we hold ourselves (one for each
 * request at a time and each stream, which are closed again), and memory from some hundred KiB for a session on, which
 * is several times what the protocol libraries take.
 */
const SESSIONS = 100
const STREAMS = 10
const AT_ONCE = 10
const ALLOWED_DESCRIPTORS = SESSIONS / 2
const ALLOWED_GROWTH_BYTES = 64 * MIB
const CLOSING_MS = 3_000

/** Clients vanish without a word: laptops are closed, programs are killed. */
export const manySessions = defineCheck({
  id: 'resilience.many-sessions',
  suite: 'resilience',
  title: 'Sessions that nobody ends hold no files or sockets and keep no new user out',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'abandoned sessions are survived' },
    { document: 'MCP-Transport', clause: 'Session Management' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin', 'process'],
  mutants: [{ id: 's-descriptor-leak-per-session' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const mode: Mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const target = await stack.launch(mode, { process: true })
    const tokenOf = async (user: 'alice' | 'bob'): Promise<string | undefined> =>
      mode === 'oauth' ? (await stack.oauth.mint(user)).tokens.access_token : undefined
    const token = await tokenOf('alice')
    const first = await McpSession.open(ctx, target.url, token)
    if (first.sessionId === undefined) {
      return { kind: 'not-applicable', reason: 'the server issues no session ids' }
    }

    const before = await processUsage(target.server)
    const opened = await openSessions(ctx, target.url, token)
    await openStreams(ctx, target.url, token, opened.slice(0, STREAMS))
    const after = await whenClosed(target, before)
    if (opened.length === 0) return notTestable('the server opens no second session')

    const findings = new Findings()
    const newcomer = await McpSession.open(ctx, target.url, await tokenOf('bob')).then(
      (session) => session.request('tools/list').then(({ status }) => status),
      () => 'no session',
    )
    if (newcomer !== 200) {
      findings.add({
        id: 'newcomer-refused',
        message: 'after many sessions that nobody ended, a new user is not served',
        expected: 200,
        observed: newcomer,
      })
    }
    await judgeEnded(findings, first)
    judgeUsage(findings, before, after)
    return judge(findings.list(), {
      opened: opened.length,
      before: describe(before),
      after: describe(after),
    })
  },
})

/** Opens them as clients do that vanish. Those that are refused are left out: a server may have a limit. */
async function openSessions(
  ctx: CheckContext,
  url: string,
  token: string | undefined,
): Promise<readonly string[]> {
  const ids: string[] = []
  for (let lot = 0; lot < SESSIONS / AT_ONCE; lot += 1) {
    const answers = await Promise.all(
      Array.from({ length: AT_ONCE }, () =>
        ctx.mcp
          .probe(url, { ...(token === undefined ? {} : { token }), body: initializeMessage(ctx.revision) })
          .catch(() => undefined),
      ),
    )
    ids.push(...answers.flatMap((answer) => answer?.sessionId ?? []))
  }
  return ids
}

/** Opens the event streams of sessions at the same time, and closes the connections. */
async function openStreams(
  ctx: CheckContext,
  url: string,
  token: string | undefined,
  sessionIds: readonly string[],
): Promise<void> {
  const leave = new AbortController()
  await Promise.all(
    sessionIds.map((sessionId) =>
      ctx
        .fetch(url, {
          signal: AbortSignal.any([leave.signal, AbortSignal.timeout(ctx.windows.upstreamTimeoutMs)]),
          headers: {
            accept: 'text/event-stream',
            'mcp-session-id': sessionId,
            'mcp-protocol-version': ctx.revision,
            ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          },
        })
        .catch(() => undefined),
    ),
  )
  leave.abort()
}

/** The server may take a moment to see that connections are closed. */
function whenClosed(
  { server }: LaunchedTarget,
  before: ProcessUsage | undefined,
): Promise<ProcessUsage | undefined> {
  return seenWithin(
    () => processUsage(server),
    (usage) =>
      usage === undefined ||
      before === undefined ||
      usage.descriptors - before.descriptors <= ALLOWED_DESCRIPTORS,
    CLOSING_MS,
  )
}

/** A server that does not let clients end sessions (405) has nothing to forget. */
async function judgeEnded(findings: Findings, session: McpSession): Promise<void> {
  const ended = await session.send({ method: 'DELETE' })
  if (ended.status < 200 || ended.status > 299) return
  const { status } = await session.request('tools/list')
  if (status === 404) return
  findings.add({
    id: 'ended-session-without-404',
    message: 'among many sessions, one that was ended is not answered with 404',
    expected: 404,
    observed: status,
  })
}

function judgeUsage(
  findings: Findings,
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
): void {
  if (before === undefined || after === undefined) return
  const descriptors = after.descriptors - before.descriptors
  if (descriptors > ALLOWED_DESCRIPTORS) {
    findings.add({
      id: 'descriptors-leak',
      message: 'sessions that nobody ends hold open files or sockets',
      expected: `at most ${ALLOWED_DESCRIPTORS} more after ${SESSIONS} sessions`,
      observed: `${descriptors} more`,
    })
  }
  const grownBytes = after.residentBytes - before.residentBytes
  if (grownBytes > ALLOWED_GROWTH_BYTES) {
    findings.add({
      id: 'memory-grows',
      message: 'sessions that nobody ends hold much memory',
      expected: `at most ${ALLOWED_GROWTH_BYTES / MIB} MiB more after ${SESSIONS} sessions`,
      observed: `${Math.round(grownBytes / MIB)} MiB more`,
    })
  }
}

function describe(usage: ProcessUsage | undefined): string {
  if (usage === undefined) return 'not visible here'
  return `${usage.descriptors} descriptors, ${Math.round(usage.residentBytes / MIB)} MiB`
}

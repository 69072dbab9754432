import type { NextcloudTwin } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage, McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { seenWithin } from '../support/seen-within.js'
import { lackOfTools } from '../support/tool-names.js'
import type { Mode } from '../../servers/server.js'

const CALLS_IN_FLIGHT = 5
/** Long enough for the restart to come in between. */
const SLOW_MS = 500
const RECOVERY_MS = 2_000

/** Servers are restarted for every update; nobody should have to log in for that. */
export const restart = defineCheck({
  id: 'resilience.restart',
  suite: 'resilience',
  title:
    'Restarts of the server and of Nextcloud end calls, not logins, and old sessions are told to begin anew',
  level: 'MUST',
  source: [
    { document: 'MCP-Transport', clause: 'Session Management' },
    { document: 'project', clause: 'tokens and the stored client survive a restart' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-restart-rejects-tokens' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const mode: Mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const folder = await stack.temporaryFolder()
    const first = await stack.launch(mode, { folder })
    const registrations = countRegistrations(twin)
    const token = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
    const session = await McpSession.open(ctx, first.url, token)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
    const findings = new Findings()

    await underLoad(ctx, findings, twin, session, 'the server', () => first.server.stop())
    twin.clearRequests()
    // It gets another port; what it is called must not change with it.
    const serverUrl = new URL(first.url).origin
    const second = await stack.launch(mode, {
      folder,
      ...(mode === 'oauth' ? { env: { NEXTCLOUD_MCP_SERVER_URL: serverUrl } } : {}),
    })
    if (registrations > 0 && countRegistrations(twin) > 0) {
      findings.add({
        id: 'registered-again',
        message: 'the restarted server registers another client, though it has stored one',
        expected: 0,
        observed: countRegistrations(twin),
      })
    }
    const oldSession = await judgeOldSession(ctx, findings, second.url, session)
    const login = await ctx.mcp.probe(second.url, {
      ...(token === undefined ? {} : { token }),
      body: initializeMessage(ctx.revision),
    })
    if (login.message?.result === undefined) {
      findings.add({
        id: mode === 'oauth' && login.status === 401 ? 'token-refused' : 'not-served',
        message: 'the restarted server does not let in who was let in before',
        expected: 'a new session',
        observed: login.status,
      })
    } else {
      await restartNextcloud(ctx, findings, stack, await McpSession.open(ctx, second.url, token))
    }
    return judge(findings.list(), { oldSession, newSession: login.status })
  },
})

function countRegistrations(twin: NextcloudTwin): number {
  return twin.requests().filter(({ method, path }) => method === 'POST' && path === '/apps/oidc/register')
    .length
}

/** Restarts or stops something while calls are in flight: each of them must end, in whatever way. */
async function underLoad(
  ctx: CheckContext,
  findings: Findings,
  twin: NextcloudTwin,
  session: McpSession,
  what: string,
  restartIt: () => Promise<void>,
): Promise<void> {
  const lift = twin.inject({ scope: 'notes', kind: 'slow', delayMs: SLOW_MS })
  twin.clearRequests()
  const tools = new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
  const calls = Array.from({ length: CALLS_IN_FLIGHT }, () =>
    tools.search('ncmc').then(
      () => 'ended',
      (error: unknown) => (error instanceof Error && error.name === 'TimeoutError' ? 'hangs' : 'ended'),
    ),
  )
  await seenWithin(
    () => Promise.resolve(twin.requests().some(({ path }) => path.startsWith('/apps/notes/'))),
    (isUnderWay) => isUnderWay,
    SLOW_MS,
  )
  await restartIt()
  const hanging = (await Promise.all(calls)).filter((end) => end === 'hangs').length
  lift()
  if (hanging === 0) return
  findings.add({
    id: 'call-hangs',
    message: `calls that were in flight when ${what} stopped never end`,
    expected: `an end within ${ctx.windows.upstreamTimeoutMs} ms`,
    observed: `${hanging} of ${CALLS_IN_FLIGHT}`,
  })
}

/** 404 makes a client begin anew; a server that keeps its sessions over a restart may serve it as well. */
async function judgeOldSession(
  ctx: CheckContext,
  findings: Findings,
  url: string,
  { sessionId, token }: McpSession,
): Promise<string> {
  if (sessionId === undefined) return 'none was given'
  const { status, message } = await ctx.mcp.probe(url, {
    sessionId,
    ...(token === undefined ? {} : { token }),
    body: { jsonrpc: '2.0', id: 'old-session', method: 'tools/list', params: {} },
  })
  if (message?.result !== undefined) return 'served'
  if (status !== 404) {
    findings.add({
      id: 'old-session-without-404',
      message: 'a session from before the restart is refused in a way that does not make a client begin anew',
      expected: 404,
      observed: status,
    })
  }
  return String(status)
}

async function restartNextcloud(
  ctx: CheckContext,
  findings: Findings,
  { nextcloud: { twin } }: PrivateStack,
  session: McpSession,
): Promise<void> {
  const tools = new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
  const kindOf = (): Promise<string> =>
    tools.search('ncmc').then(
      ({ kind }) => kind,
      () => 'no answer',
    )
  const before = await kindOf()
  if (before !== 'result') {
    findings.add({
      id: 'not-served',
      message: 'the restarted server does not serve the calls that it served before',
      expected: 'result',
      observed: before,
    })
    return
  }
  await underLoad(ctx, findings, twin, session, 'Nextcloud', async () => {
    await twin.suspend()
    await twin.resume()
  })
  const after = await seenWithin(kindOf, (kind) => kind === 'result', RECOVERY_MS)
  await session.end()
  if (after === 'result') return
  findings.add({
    id: 'not-recovered',
    message: 'calls still fail after Nextcloud was restarted',
    expected: `a result within ${RECOVERY_MS} ms`,
    observed: after,
  })
}

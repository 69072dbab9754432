import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { responsesOf, scanForLeaks } from '../support/leak-scan.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { attemptStart, type StartAttempt } from '../support/start-attempt.js'
import { TOOL_NAMES } from '../support/tool-names.js'

const MISSING_NOTE_ID = 999_999

/** The password is in the server's environment; a URL or a header in an error message would give it away. */
export const noCredentialLeak = defineCheck({
  id: 'basic.no-credential-leak',
  suite: 'basic-auth',
  title: "The configured user's password is in no answer and in no log line",
  level: 'MUST',
  source: [
    { document: 'project', clause: 'credentials stay inside the server' },
    { document: 'MCP-Authorization', clause: 'Token Theft' },
  ],
  modes: ['basic'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-password-in-error' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { internalUrl, users } = stack.nextcloud
    const { userId, password } = users.alice
    const secrets = [password, Buffer.from(`${userId}:${password}`).toString('base64')].map((value) => ({
      kind: 'password',
      value,
    }))
    const withCredentials = new URL(internalUrl)
    withCredentials.username = userId
    withCredentials.password = password
    const [usual, credentialsInUrl] = await Promise.all([
      attemptStart(stack, 'basic', {}),
      attemptStart(stack, 'basic', { NEXTCLOUD_HOST: withCredentials.href }),
    ])
    if (usual.kind !== 'started') return notTestable('positive control: the server does not start')

    const findings = new Findings()
    await driveThroughFailures(ctx, stack, usual.target.url, credentialsInUrl)
    // Only then is the log complete.
    for (const attempt of [usual, credentialsInUrl]) {
      if (attempt.kind === 'started') await attempt.target.server.stop()
    }
    let responsesScanned = 0
    let logLinesScanned = 0
    for (const [name, attempt] of Object.entries({ usual, credentialsInUrl })) {
      const responses = attempt.kind === 'started' ? responsesOf(ctx, attempt.target.url) : []
      if (attempt.kind === 'started' && responses.length < 3) {
        return notTestable('positive control: the server hardly answers at all')
      }
      const lines = attempt.log().map((text, index) => ({ name: `${name}, line ${index + 1}`, text }))
      scanForLeaks(findings, responses, secrets, 'response')
      scanForLeaks(findings, lines, secrets, 'log')
      responsesScanned += responses.length
      logLinesScanned += lines.length
    }
    return judge(findings.list(), {
      responsesScanned,
      logLinesScanned,
      hostWithCredentials: credentialsInUrl.kind,
    })
  },
})

/** Every way for a call to fail that this Nextcloud can cause, on each server that runs. */
async function driveThroughFailures(
  ctx: CheckContext,
  { nextcloud: { twin, admin, users } }: PrivateStack,
  url: string,
  other: StartAttempt,
): Promise<void> {
  const sessions = await Promise.all(
    [url, ...(other.kind === 'started' ? [other.target.url] : [])].map((endpoint) =>
      McpSession.open(ctx, endpoint),
    ),
  )
  const useEverything = async (): Promise<void> => {
    // What stops a server here is the matter of other checks.
    await Promise.allSettled(sessions.flatMap(requestsOf))
  }
  await useEverything()
  await twin.suspend()
  await useEverything()
  await twin.resume()
  const lift = twin.inject({ scope: 'api', kind: 'status-500' })
  await useEverything()
  lift()
  await admin.setUserPassword(users.alice.userId, randomBytes(18).toString('base64url'))
  await useEverything()
  await Promise.all(sessions.map((session) => session.end()))
}

function requestsOf(session: McpSession): Promise<unknown>[] {
  const tools = new NotesTools(session)
  return [
    tools.search('nothing'),
    tools.get(MISSING_NOTE_ID),
    session.callTool(TOOL_NAMES.getNote, { note_id: 'not a number' }),
    session.request('resources/list'),
    session.request('resources/read', { uri: 'nc://capabilities' }),
    session.request('resources/read', { uri: 'notes://settings' }),
  ]
}

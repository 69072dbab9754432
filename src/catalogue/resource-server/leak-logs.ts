import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { scanForLeaks, type KnownSecret } from '../support/leak-scan.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { presentToken } from '../support/token-probe.js'
import { TOOL_NAMES } from '../support/tool-names.js'

const MISSING_NOTE_ID = 999_999

/** Logs are copied, mailed and kept; a token in them is a token for everybody who reads them. */
export const leakLogs = defineCheck({
  id: 'rs.leak.logs',
  suite: 'resource-server',
  title: "No line of the server's output holds a token or a password, whole or in part",
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Theft' },
    { document: 'project', clause: 'credentials stay inside the server' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'process', 'twin'],
  mutants: [{ id: 's-token-in-log' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const mode = ctx.mode === 'basic' ? 'basic' : 'oauth'
    const stack = await ctx.privateStack()
    const { users, twin } = stack.nextcloud
    const { url, server } = await stack.launch(mode, { process: true })
    const good = mode === 'oauth' ? (await stack.oauth.mint('alice')).tokens.access_token : undefined
    const bad = randomBytes(54).toString('base64url')
    ctx.secret('access_token', bad)

    await using session = await McpSession.open(ctx, url, good)
    const calls = async (): Promise<unknown> => {
      const tools = new NotesTools(session)
      return Promise.allSettled([
        tools.search('nothing'),
        tools.get(MISSING_NOTE_ID),
        session.callTool(TOOL_NAMES.getNote, { note_id: 'not a number' }),
        session.request('no/such/method'),
        presentToken(ctx, url, bad),
      ])
    }
    await calls()
    const lift = twin.inject({ scope: 'api', kind: 'status-500' })
    await calls()
    lift()
    await twin.suspend()
    await calls()
    await twin.resume()
    await session.end()
    // Only then is the log complete.
    await server.stop()

    const secrets: KnownSecret[] = [
      { kind: 'token', value: bad },
      ...(good === undefined ? [] : [{ kind: 'token', value: good }]),
      ...Object.values(users).flatMap(({ userId, password }) => [
        { kind: 'password', value: password },
        { kind: 'password', value: Buffer.from(`${userId}:${password}`).toString('base64') },
      ]),
    ]
    const lines = server.logs().map((text, index) => ({ name: `line ${index + 1}`, text }))
    if (lines.length === 0) return notTestable('positive control: the server logs nothing at all')
    const findings = new Findings()
    scanForLeaks(findings, lines, secrets, 'log')
    return judge(findings.list(), { linesScanned: lines.length })
  },
})

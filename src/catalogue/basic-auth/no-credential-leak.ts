import { randomBytes } from 'node:crypto'
import { setImmediate as nextTurn } from 'node:timers/promises'
import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { responsesOf, scanForLeaks } from '../support/leak-scan.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
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
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin, admin, users } = stack.nextcloud
    const { userId, password } = users.alice
    const target = await stack.launch('basic')
    await using session = await McpSession.open(ctx, target.url)
    const tools = new NotesTools(session)
    const useEverything = async (): Promise<void> => {
      // What stops a server here is the matter of other checks.
      await Promise.allSettled([
        tools.search('nothing'),
        tools.get(MISSING_NOTE_ID),
        session.callTool(TOOL_NAMES.getNote, { note_id: 'not a number' }),
        session.request('resources/list'),
        session.request('resources/read', { uri: 'nc://capabilities' }),
        session.request('resources/read', { uri: 'notes://settings' }),
      ])
    }
    await useEverything()
    await twin.suspend()
    await useEverything()
    await twin.resume()
    const lift = twin.inject({ scope: 'api', kind: 'status-500' })
    await useEverything()
    lift()
    await admin.setUserPassword(userId, randomBytes(18).toString('base64url'))
    await useEverything()
    await nextTurn()

    const responses = responsesOf(ctx, target.url)
    if (responses.length < 3) return notTestable('positive control: the server hardly answers at all')
    const secrets = [password, Buffer.from(`${userId}:${password}`).toString('base64')].map((value) => ({
      kind: 'password',
      value,
    }))
    const lines = target.server.logs().map((text, index) => ({ name: `line ${index + 1}`, text }))
    const findings = new Findings()
    scanForLeaks(findings, responses, secrets, 'response')
    scanForLeaks(findings, lines, secrets, 'log')
    return judge(findings.list(), { responsesScanned: responses.length, logLinesScanned: lines.length })
  },
})

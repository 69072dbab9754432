import { randomBytes } from 'node:crypto'
import { defineCheck, judge, type Finding } from '../check.js'
import type { CheckContext, LaunchedTarget } from '../context.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

/** More would lock the account: Nextcloud's brute-force protection counts each one. */
const MAX_TRIES_PER_CALL = 2
const POINTS_TO_CREDENTIALS = /credential|password|unauthori[sz]ed|authenticat|log\s?in|\b401\b/i

/** A password is changed sooner or later; the operator must be told and the server must survive it. */
export const wrongPassword = defineCheck({
  id: 'basic.wrong-password',
  suite: 'basic-auth',
  title: 'With a wrong password calls fail with a reason, the server stays up, and recovers',
  level: 'MUST',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'a wrong password is a tool error that points to the credentials' },
  ],
  modes: ['basic'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-crash-on-401', alsoNotTestable: ['rs.upstream.refusal-is-tool-error'] }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin, admin, users } = stack.nextcloud
    const wrong = randomBytes(18).toString('base64url')
    ctx.secret('password', wrong)
    const target = await stack.launch('basic', { env: { NEXTCLOUD_PASSWORD: wrong } })
    await using session = await McpSession.open(ctx, target.url)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking

    twin.clearRequests()
    const refused = await search(ctx, session)
    const tries = twin.requests().filter(({ basicUser }) => basicUser !== undefined).length
    // The server's end may come after its answer.
    const again = await search(ctx, session)
    if (target.server.hasExited() || again === undefined) {
      return judge([stopped(target, refused ?? again)])
    }
    const findings = judgeRefusal(refused)
    if (tries > MAX_TRIES_PER_CALL) {
      findings.push({
        id: 'too-many-tries',
        message: 'one call tries the wrong password more often than twice, which locks the account',
        expected: `at most ${MAX_TRIES_PER_CALL}`,
        observed: tries,
      })
    }
    await admin.setUserPassword(users.alice.userId, wrong)
    const recovered = await search(ctx, session)
    if (recovered?.kind !== 'result') findings.push(notRecovered(recovered))
    return judge(findings, { error: refused?.text, triesPerCall: tries, afterwards: recovered?.kind })
  },
})

async function search(ctx: CheckContext, session: McpSession): Promise<ToolAnswer | undefined> {
  return new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
    .search('ncmc')
    .catch(() => undefined)
}

function judgeRefusal(answer: ToolAnswer | undefined): Finding[] {
  const observed = answer === undefined ? 'no answer' : describeToolAnswer(answer)
  if (answer?.kind === 'protocol-error') {
    return [
      {
        id: 'protocol-error-instead-of-tool-error',
        message: 'the refusal is a JSON-RPC error, which models do not get to see',
        expected: 'a result with isError',
        observed,
        level: 'SHOULD',
      },
    ]
  }
  if (answer?.kind !== 'tool-error') {
    return [
      { id: 'not-a-tool-error', message: 'the refusal is no tool error', expected: 'isError', observed },
    ]
  }
  if (POINTS_TO_CREDENTIALS.test(answer.text)) return []
  return [
    {
      id: 'reason-not-told',
      message: 'the error does not point to the credentials',
      expected: 'a text about credentials, password or authentication',
      observed,
    },
  ]
}

function stopped({ server }: LaunchedTarget, answer: ToolAnswer | undefined): Finding {
  return {
    id: 'server-stopped',
    message: 'the server stops, or answers no more, when Nextcloud refuses the password',
    expected: 'the server stays up',
    observed: {
      exited: server.hasExited(),
      firstAnswer: answer === undefined ? 'none' : describeToolAnswer(answer),
    },
  }
}

function notRecovered(answer: ToolAnswer | undefined): Finding {
  return {
    id: 'not-recovered',
    message: 'calls still fail after the password was put right on Nextcloud',
    expected: 'result',
    observed: answer === undefined ? 'no answer' : describeToolAnswer(answer),
  }
}

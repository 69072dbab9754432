import { defineCheck, judge, notTestable } from '../check.js'
import { Findings } from '../support/findings.js'
import { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { describeToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const TELLS_REFUSAL =
  /nextcloud|refus|denied|reject|unauthori[sz]ed|\b401\b|credential|token|sign.?in|log.?in/i

/** The client's token is good; telling it otherwise makes the client throw it away and log its user in again. */
export const upstreamRefusal = defineCheck({
  id: 'rs.upstream.refusal-is-tool-error',
  suite: 'resource-server',
  title: 'When Nextcloud refuses a token that was found good, the call fails as a tool error that says so',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'app APIs may refuse bearer tokens' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-upstream-401-as-empty' }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    const { url } = await stack.launch('oauth')
    const { tokens } = await stack.oauth.mint('alice')
    await using session = await McpSession.open(ctx, url, tokens.access_token)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
    const tools = new NotesTools(session)
    const before = await tools.search('ncmc')
    if (before.kind !== 'result') return notTestable(`positive control: ${describeToolAnswer(before)}`)

    twin.clearRequests()
    const lift = twin.inject({ scope: 'api', kind: 'status-401' })
    const during = await tools.search('ncmc')
    lift()
    const upstream = twin.requests().filter(({ path }) => path.includes('/notes/'))
    const after = await tools.search('ncmc')

    const findings = new Findings()
    const observed = describeToolAnswer(during)
    if (during.kind === 'result') {
      findings.add({
        id: 'refusal-as-success',
        message: 'a call that Nextcloud refused succeeds',
        expected: 'isError',
        observed,
      })
    } else if (during.kind === 'refused') {
      findings.add({
        id: 'refusal-as-http-error',
        message: "Nextcloud's refusal becomes an HTTP status of the server",
        expected: 'status 200 with isError',
        observed,
      })
    } else if (!TELLS_REFUSAL.test(during.text)) {
      findings.add({
        id: 'refusal-not-told',
        message: 'the error does not say that Nextcloud refused',
        expected: 'a reason',
        observed,
      })
    }
    const withOther = upstream.filter(({ basicUser, hasCookie }) => basicUser !== undefined || hasCookie)
    if (withOther.length > 0) {
      findings.add({
        id: 'tried-with-other-credentials',
        message: 'the refused request is tried again with other credentials',
        expected: 'the token alone',
        observed: withOther.length,
      })
    }
    if (after.kind !== 'result') {
      findings.add({
        id: 'not-recovered',
        message: 'the first call after the refusal fails',
        expected: 'result',
        observed: describeToolAnswer(after),
      })
    }
    return judge(findings.list(), { during: observed, upstreamRequests: upstream.length })
  },
})

import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { McpSession } from '../support/mcp-session.js'
import { SIGN_IN_TOOL } from '../support/tool-names.js'

/** How a user got in is no reason to offer less. */
export const toolSet = defineCheck({
  id: 'parity.tool-set',
  suite: 'parity',
  title: 'Both modes list the same tools, those for signing in apart',
  level: 'MUST',
  source: [{ document: 'project', clause: 'both modes offer the same tools' }],
  modes: ['both'],
  mutants: [{ id: 's-oauth-drops-tool' }],
  async run(ctx) {
    await using basic = await McpSession.open(ctx, ctx.target('basic').url)
    await using oauth = await McpSession.open(ctx, ctx.target('oauth').url, await ctx.token('alice'))
    const inBasic = await namesOf(basic)
    const inOauth = await namesOf(oauth)
    if (inBasic.length === 0 && inOauth.length === 0) return notTestable('neither mode lists a tool')
    const findings: Finding[] = []
    for (const [id, mode, listed, other] of [
      ['missing-in-oauth', 'oauth', inOauth, inBasic],
      ['missing-in-basic', 'basic', inBasic, inOauth],
    ] as const) {
      const missing = other.filter((name) => !listed.includes(name) && !SIGN_IN_TOOL.test(name))
      if (missing.length === 0) continue
      findings.push({
        id,
        message: `tools are missing in ${mode} mode: ${missing.join(', ')}`,
        expected: other,
        observed: missing,
      })
    }
    return judge(findings, { basic: inBasic.length, oauth: inOauth.length })
  },
})

async function namesOf(session: McpSession): Promise<string[]> {
  return (await session.listTools()).map(({ name }) => String(name))
}

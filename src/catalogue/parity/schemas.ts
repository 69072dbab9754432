import { defineCheck, judge, notTestable } from '../check.js'
import { firstDifference } from '../support/difference.js'
import { Findings } from '../support/findings.js'
import { isJsonObject } from '../support/json.js'
import { McpSession, type ListedTool } from '../support/mcp-session.js'
import { SIGN_IN_TOOL } from '../support/tool-names.js'

/** What a list entry says about calling the tool, with the finding that a difference is. */
const MEMBERS = {
  inputSchema: 'input-schema-differs',
  outputSchema: 'output-schema-differs',
  annotations: 'annotations-differ',
  title: 'title-differs',
  description: 'description-differs',
} as const

/** Keywords of JSON Schema whose arrays are sets. */
const SETS = new Set(['required', 'enum', 'type'])

/** A model that has learned to call a tool in one mode must be able to call it in the other. */
export const schemas = defineCheck({
  id: 'parity.schemas',
  suite: 'parity',
  title: 'Both modes describe each tool alike: schemas, annotations, title, description',
  level: 'MUST',
  source: [{ document: 'project', clause: 'both modes offer the same tools' }],
  modes: ['both'],
  mutants: [{ id: 's-oauth-extra-required-argument' }],
  async run(ctx) {
    await using basic = await McpSession.open(ctx, ctx.target('basic').url)
    await using oauth = await McpSession.open(ctx, ctx.target('oauth').url, await ctx.token('alice'))
    const inBasic = byName(await basic.listTools())
    const inOauth = byName(await oauth.listTools())
    const common = [...inBasic.keys()].filter((name) => inOauth.has(name) && !SIGN_IN_TOOL.test(name))
    if (common.length === 0) return notTestable('the modes have no tool in common')
    const findings = new Findings()
    for (const name of common.sort()) {
      for (const [member, id] of Object.entries(MEMBERS)) {
        const difference = firstDifference(
          inNormalForm(inBasic.get(name)?.[member]),
          inNormalForm(inOauth.get(name)?.[member]),
        )
        if (difference === undefined) continue
        findings.add({
          id,
          message: `the ${member} of a tool differs`,
          expected: 'deeply equal',
          observed: {
            tool: name,
            at: `/${member}${difference.pointer}`,
            basic: difference.left ?? 'absent',
            oauth: difference.right ?? 'absent',
          },
        })
      }
    }
    return judge(findings.list(), { toolsCompared: common.length })
  },
})

function byName(tools: readonly ListedTool[]): ReadonlyMap<string, ListedTool> {
  return new Map(tools.map((tool) => [String(tool['name']), tool]))
}

/** Sets in alphabetical order. */
function inNormalForm(value: unknown, keyword = ''): unknown {
  if (Array.isArray(value)) {
    const items = value.map((item: unknown) => inNormalForm(item))
    return SETS.has(keyword) ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)) : items
  }
  if (!isJsonObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, inNormalForm(member, name)]))
}

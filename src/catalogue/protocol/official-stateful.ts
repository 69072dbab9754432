import { hasEvidence, runOfficialSuite, type OfficialCheck } from '../../mcp/official-suite.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import type { McpSession } from '../support/mcp-session.js'
import { openTargetSession } from '../support/mcp-session.js'

/** Scenarios that say something about any server; the others ask for fixture tools. */
const ALWAYS = ['server-initialize', 'ping', 'tools-list', 'server-sse-multiple-streams']
/** Needs a server on this machine. */
const LOOPBACK_ONLY = ['dns-rebinding-protection']
/** Part of the suite's requirement set only after its release. */
const UNSCORED = ['server-session-lifecycle']
const BY_CAPABILITY: Readonly<Record<string, string>> = {
  resources: 'resources-list',
  prompts: 'prompts-list',
}
const LOOPBACK_HOST = /^(localhost|127\.0\.0\.1|\[::1\])$/

/** Delegated: what the official suite can say about any server is not said a second time. */
export const officialStateful = defineCheck({
  id: 'protocol.official.stateful',
  suite: 'protocol',
  title: 'The official MCP conformance suite finds nothing in what it can judge of any server',
  level: 'MUST',
  source: [
    { document: 'MCP-Conformance', clause: 'requirement set 2025-11-25' },
    { document: 'MCP-Lifecycle', clause: 'Initialization' },
  ],
  modes: ['basic', 'oauth'],
  mutants: [{ id: 's-initialize-result-invalid' }],
  timeoutMs: 70_000,
  async run(ctx) {
    const wanted = await scenariosFor(ctx)
    const { url } = ctx.target(ctx.mode === 'basic' ? 'basic' : 'oauth')
    const { scenarios, packageVersion, shimmed, timedOut } = await runOfficialSuite({
      url,
      revision: ctx.revision,
      ...(ctx.mode === 'basic' ? {} : { token: await ctx.token('alice') }),
    })
    const results = wanted.map((name) => ({ name, checks: scenarios.get(name) ?? [] }))
    const findings = results.flatMap(({ name, checks }) => judgeScenario(name, checks))
    const silent = results
      .filter(
        ({ name, checks }) => !hasEvidence(checks) && !findings.some(({ id }) => id === findingId(name)),
      )
      .map(({ name }) => name)
    if (timedOut && silent.length > 0 && findings.length === 0) {
      return notTestable(
        `the official suite does not end with this server; nothing is said of ${silent.join(', ')}`,
      )
    }
    if (silent.includes('server-initialize')) {
      return notTestable('the official suite gives no verdict on initialize')
    }
    return judge(findings, {
      suite: `@modelcontextprotocol/conformance ${packageVersion}`,
      ...(shimmed ? { shim: 'fs.globSync was supplied by us: the suite does not start on Node 20' } : {}),
      ...(timedOut ? { ended: 'by us, as it took too long' } : {}),
      scenarios: Object.fromEntries(results.map(({ name, checks }) => [name, count(checks)])),
      ...(silent.length === 0 ? {} : { withoutEvidence: silent }),
      unscored: Object.fromEntries(UNSCORED.map((name) => [name, count(scenarios.get(name) ?? [])])),
    })
  },
})

/** What applies to this server at this revision. */
async function scenariosFor(ctx: CheckContext): Promise<string[]> {
  await using session: McpSession = await openTargetSession(ctx)
  const declared = Object.keys(BY_CAPABILITY).filter((name) => name in session.capabilities)
  const isAtLeast202511 = ctx.revision >= '2025-11-25'
  return [
    ...ALWAYS.filter((name) => isAtLeast202511 || name !== 'server-sse-multiple-streams'),
    ...declared.map((name) => BY_CAPABILITY[name] ?? name),
    ...(isAtLeast202511 && LOOPBACK_HOST.test(new URL(session.url).hostname) ? LOOPBACK_ONLY : []),
  ]
}

function judgeScenario(name: string, checks: readonly OfficialCheck[]): Finding[] {
  const failures = checks.filter(({ status }) => status === 'FAILURE')
  const warnings = checks.filter(({ status }) => status === 'WARNING')
  const serious = failures.length > 0 ? failures : warnings
  if (serious.length === 0) return []
  return [
    {
      id: findingId(name),
      message: `the official scenario ${name} reports: ${serious.map(describe).join('; ')}`,
      expected: 'SUCCESS',
      observed: serious.map(({ id, status, errorMessage }) => ({ id, status, errorMessage })),
      ...(failures.length > 0 ? {} : { level: 'SHOULD' as const }),
    },
  ]
}

function findingId(scenario: string): string {
  return `official-${scenario}`
}

function describe({ id, description, errorMessage }: OfficialCheck): string {
  return `${id}: ${errorMessage ?? description}`
}

function count(checks: readonly OfficialCheck[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { status } of checks) counts[status] = (counts[status] ?? 0) + 1
  return counts
}

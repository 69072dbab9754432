import { defineCheck, judge, notTestable, NotTestableError, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { firstDifference, type Difference } from '../support/difference.js'
import { Masking } from '../support/masking.js'
import { McpSession } from '../support/mcp-session.js'
import { newMarker } from '../support/notes-tools.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { TOOL_NAMES } from '../support/tool-names.js'
import { PARITY_SCRIPTS } from './scripts/index.js'
import type { Script, Seen, Step } from './scripts/script.js'

const UNKNOWN_TOOL = 'ncmc_no_such_tool'

/** How a user got in is no reason for another answer: the same prompts must work in both modes. */
export const results = defineCheck({
  id: 'parity.results',
  suite: 'parity',
  title: 'The same calls as the same user give the same results and the same errors in both modes',
  level: 'MUST',
  source: [{ document: 'project', clause: 'all tools work alike in both modes' }],
  modes: ['both'],
  mutants: [{ id: 's-oauth-different-shape', alsoRed: ['tools.output.conforms'] }],
  timeoutMs: 120_000,
  async run(ctx) {
    await using basic = await McpSession.open(ctx, ctx.target('basic').url)
    await using oauth = await McpSession.open(ctx, ctx.target('oauth').url, await ctx.token('alice'))
    const [inBasic, inOauth] = await Promise.all([basic, oauth].map(toolNames))
    // A tool of one mode only is the matter of parity.tool-set.
    const offered = new Set([...(inBasic ?? [])].filter((name) => inOauth?.has(name) === true))

    const findings: Finding[] = []
    const observed: Record<string, string> = {}
    let succeeded = 0
    for (const script of PARITY_SCRIPTS) {
      const steps = script.steps.filter(({ tool }) => tool === 'unknown' || offered.has(TOOL_NAMES[tool]))
      if (!steps.some(({ tool }) => tool !== 'unknown')) continue
      const runs = await playInBoth(ctx, [basic, oauth], script, steps)
      if (runs instanceof NotTestableError) {
        observed[script.app] = `not compared: ${runs.message}`
        continue
      }
      const [left, right] = runs
      const { differing, compared } = compareRuns(script, steps, left, right)
      findings.push(...differing)
      const results = [...left.answers.values()].filter(({ kind }) => kind === 'result').length
      observed[script.app] = `${compared} answers compared, ${results} of them results`
      succeeded += results
    }
    if (Object.keys(observed).length === 0) {
      return {
        kind: 'not-applicable',
        reason: 'the modes have none of the tools that are compared in common',
      }
    }
    if (succeeded === 0) return notTestable('positive control: no call succeeds in basic mode')
    return judge(findings, observed)
  },
})

async function toolNames(session: McpSession): Promise<ReadonlySet<string>> {
  return new Set((await session.listTools()).map(({ name }) => String(name)))
}

/** Both runs of a script, or why Nextcloud did not let us prepare them. */
async function playInBoth(
  ctx: CheckContext,
  [basic, oauth]: readonly [McpSession, McpSession],
  script: Script,
  steps: readonly Step[],
): Promise<readonly [Seen, Seen] | NotTestableError> {
  const runs = await Promise.allSettled([basic, oauth].map((session) => play(ctx, session, script, steps)))
  const failed = runs.find((run) => run.status === 'rejected')
  if (failed !== undefined) {
    if (failed.reason instanceof NotTestableError) return failed.reason
    throw failed.reason
  }
  const seen = runs.flatMap((run) => (run.status === 'fulfilled' ? [run.value] : []))
  return seen as [Seen, Seen]
}

/** Runs the steps in order in one session. What they make is gone afterwards. */
async function play(
  ctx: CheckContext,
  session: McpSession,
  script: Script,
  steps: readonly Step[],
): Promise<Seen> {
  const answers = new Map<string, ToolAnswer>()
  const marker = newMarker()
  const seen: Seen = { marker, answers, prepared: await script.prepare(ctx, marker) }
  try {
    for (const { name, tool, args } of steps) {
      const given = args(seen)
      if (given === undefined) continue
      answers.set(name, await session.callTool(tool === 'unknown' ? UNKNOWN_TOOL : TOOL_NAMES[tool], given))
    }
  } finally {
    await script.cleanUp(ctx, seen)
  }
  return seen
}

function compareRuns(
  { app }: Script,
  steps: readonly Step[],
  basic: Seen,
  oauth: Seen,
): { readonly differing: readonly Finding[]; readonly compared: number } {
  const masking = new Masking()
  for (const { marker, answers, prepared } of [basic, oauth]) {
    masking.learnMarker(marker)
    masking.learnIds(prepared)
    for (const { data } of answers.values()) masking.learnIds(data)
  }
  const differing: Finding[] = []
  let compared = 0
  for (const step of steps) {
    const answers = [basic, oauth].map((seen) => {
      const answer = seen.answers.get(step.name)
      return answer === undefined ? undefined : { answer, shown: show(masking, step, answer, seen) }
    })
    const [left, right] = answers
    // Left out in one mode: the step that it builds on differs, and is a finding already.
    if (left === undefined || right === undefined) continue
    compared += 1
    const difference = firstDifference(left.shown, right.shown)
    if (difference === undefined) continue
    differing.push({
      id: `${app}-${step.name}-differs`,
      message: `${app}, ${step.name}: the answers of the two modes differ at ${difference.pointer}`,
      expected: `basic: ${describe(masking, difference, 'left', left.answer)}`,
      observed: `oauth: ${describe(masking, difference, 'right', right.answer)}`,
    })
  }
  return { differing, compared }
}

/** What is compared of an answer, masked. */
function show(masking: Masking, { own }: Step, answer: ToolAnswer, seen: Seen): unknown {
  const { kind, status, structured, blocks, text } = answer
  const head = { kind, ...(kind === 'refused' ? { status } : {}) }
  if (kind !== 'result') return { ...head, text: masking.text(text) }
  if (own !== undefined) return { ...head, data: masking.mask(own(answer, seen)) }
  return {
    ...head,
    structured: masking.mask(structured),
    content: blocks.map((block) => masking.mask(parsed(block))),
  }
}

function parsed(block: string): unknown {
  try {
    return JSON.parse(block)
  } catch {
    return block
  }
}

function describe(
  masking: Masking,
  difference: Difference,
  side: 'left' | 'right',
  answer: ToolAnswer,
): string {
  const value = JSON.stringify(difference[side]) as string | undefined
  return `${(value ?? 'absent').slice(0, 300)} of ${masking.text(describeToolAnswer(answer))}`
}

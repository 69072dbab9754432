import type { Fault, UpstreamRequest } from '../../nextcloud/nextcloud.js'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import type { McpSession } from '../support/mcp-session.js'
import { NotesTools } from '../support/notes-tools.js'
import { openPrivateSession } from '../support/private-session.js'
import { describeToolAnswer, type ToolAnswer } from '../support/tool-answer.js'
import { lackOfTools } from '../support/tool-names.js'

const MAX_TRIES = 3
/** A shorter pause helps nobody who has just been told that it was too much. */
const MIN_PAUSE_MS = 100
/** Later pauses may be this much shorter than the one before: timers and jitter. */
const PAUSE_TOLERANCE = 0.9
const RETRY_AFTER_SECONDS = 1
const CLOCK_TOLERANCE_MS = 50
const SAYS_RATE_LIMITED = /rate.?limit|too many|429/i

/** A server that answers a rate limit with more requests keeps all of its users locked out. */
export const rateLimited = defineCheck({
  id: 'resilience.rate-limited',
  suite: 'resilience',
  title: 'A rate limit of Nextcloud is not answered with more requests, and the caller is told',
  level: 'SHOULD',
  source: [
    { document: 'RFC6585', clause: '4' },
    { document: 'MCP-Tools', clause: 'Error Handling' },
    { document: 'project', clause: 'at most three tries with growing pauses' },
  ],
  modes: ['basic', 'oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-429-hot-retry' }],
  timeoutMs: 60_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { twin } = stack.nextcloud
    await using session = await openPrivateSession(ctx, stack)
    const lacking = await lackOfTools(session, ['searchNotes'])
    if (lacking !== undefined) return lacking
    const control = await search(ctx, session)
    if (control?.kind !== 'result') return notTestable(`positive control: ${describe(control)}`)

    const findings = new Findings()
    const observed: Record<string, unknown> = {}
    const cases: Record<string, Partial<Fault>> = {
      // As a real Nextcloud does it.
      'without Retry-After': {},
      'with Retry-After': { retryAfterSeconds: RETRY_AFTER_SECONDS },
    }
    for (const [name, options] of Object.entries(cases)) {
      twin.clearRequests()
      const lift = twin.inject({ scope: 'notes', kind: 'status-429', ...options })
      const answer = await search(ctx, session)
      lift()
      const pauses = pausesOf(twin.requests())
      judgeAnswer(findings, name, answer)
      judgePauses(findings, name, pauses, options.retryAfterSeconds)
      observed[name] = { answer: describe(answer), pausesMs: pauses }
    }
    const after = await search(ctx, session)
    if (after?.kind !== 'result') {
      findings.add({
        id: 'not-recovered',
        message: 'the first call after the rate limit fails',
        expected: 'result',
        observed: describe(after),
      })
    }
    return judge(findings.list(), observed)
  },
})

function search(ctx: CheckContext, session: McpSession): Promise<ToolAnswer | undefined> {
  return new NotesTools(session, { timeoutMs: ctx.windows.upstreamTimeoutMs })
    .search('ncmc')
    .catch(() => undefined)
}

function judgeAnswer(findings: Findings, name: string, answer: ToolAnswer | undefined): void {
  const observed = `${name}: ${describe(answer)}`
  if (answer === undefined) {
    findings.add({ id: 'no-answer', message: 'a call gets no answer in time', expected: 'isError', observed })
    return
  }
  const isFailure = answer.kind === 'refused' ? answer.status >= 400 : answer.kind !== 'result'
  if (!isFailure) {
    findings.add({
      id: 'failure-not-told',
      message: 'a call that Nextcloud refused does not fail',
      expected: 'isError',
      observed,
    })
  } else if (!SAYS_RATE_LIMITED.test(answer.text) && answer.status !== 429) {
    findings.add({
      id: 'reason-not-told',
      message: 'the caller is not told that Nextcloud limits the rate',
      expected: 'a text that says so',
      observed,
    })
  }
}

/** For each request that came more than once: the pauses between its tries, ms. */
function pausesOf(requests: readonly UpstreamRequest[]): readonly (readonly number[])[] {
  const times = new Map<string, number[]>()
  for (const { method, path, query, status, atMs } of requests) {
    if (status !== 429) continue
    const key = `${method} ${path}?${query}`
    times.set(key, [...(times.get(key) ?? []), atMs])
  }
  return [...times.values()].map((tries) => tries.slice(1).map((atMs, index) => atMs - (tries[index] ?? 0)))
}

function judgePauses(
  findings: Findings,
  name: string,
  pausesByRequest: readonly (readonly number[])[],
  retryAfterSeconds: number | undefined,
): void {
  for (const pauses of pausesByRequest) {
    const tries = pauses.length + 1
    // The first ones show the pattern.
    const observed = `${name}: ${tries} tries, pauses of ${pauses.slice(0, 5).join(', ')} ms`
    const leastMs = retryAfterSeconds === undefined ? MIN_PAUSE_MS : retryAfterSeconds * 1000
    if (tries > MAX_TRIES) {
      findings.add({
        id: 'too-many-tries',
        message: 'a request that Nextcloud refuses for its rate is repeated too often',
        expected: `at most ${MAX_TRIES} tries`,
        observed,
      })
    }
    if (pauses.some((pauseMs) => pauseMs < leastMs - CLOCK_TOLERANCE_MS)) {
      findings.add({
        id: retryAfterSeconds === undefined ? 'repeated-at-once' : 'retry-after-ignored',
        message: 'a request is repeated before Nextcloud may have recovered',
        expected: `pauses of at least ${leastMs} ms`,
        observed,
      })
    } else if (
      retryAfterSeconds === undefined &&
      pauses.some((pauseMs, index) => pauseMs < (pauses[index - 1] ?? 0) * PAUSE_TOLERANCE)
    ) {
      findings.add({
        id: 'pauses-shrink',
        message: 'the pauses between the tries of a request get shorter',
        expected: 'growing pauses',
        observed,
      })
    }
  }
}

function describe(answer: ToolAnswer | undefined): string {
  return answer === undefined ? 'no answer' : describeToolAnswer(answer)
}

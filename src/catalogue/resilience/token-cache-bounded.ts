import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext, LaunchedTarget, PrivateStack } from '../context.js'
import { Findings } from '../support/findings.js'
import { createJwtForge } from '../support/jwt.js'
import { MIB, processUsage, type ProcessUsage } from '../support/process-usage.js'
import { presentToken } from '../support/token-probe.js'

/**
 * Memory of a process goes up and down by some ten MiB whatever it does, so that a second's worth of tokens shows only
 * what keeps much for each: 200 KiB and more. That is what kills servers: a client, a session or an error with its
 * trace and buffers for each token. Hashes of tokens take 100 bytes, and no number that fits in here would show them.
 */
const WARM_UP_TOKENS = 50
const BAD_TOKENS = 200
const ALLOWED_GROWTH_BYTES = 40 * MIB
const GOOD_TOKENS = 20
const AT_ONCE = 10
const SLOW_MS = 5_000

/** Bad tokens cost nothing to make: whoever sends many must not get at the server's memory or at other users. */
export const tokenCacheBounded = defineCheck({
  id: 'resilience.token-cache-bounded',
  suite: 'resilience',
  title: 'A flood of bad tokens neither fills the memory nor harms those who have good ones',
  level: 'SHOULD',
  source: [
    { document: 'project', clause: 'what is remembered about tokens is bounded' },
    { document: 'MCP-Authorization', clause: 'Token Theft' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin', 'process'],
  mutants: [{ id: 's-unbounded-cache' }],
  timeoutMs: 90_000,
  async run(ctx) {
    const stack = await ctx.privateStack()
    const target = await stack.launch('oauth', { process: true })
    const good = await goodTokens(ctx, stack, target)
    const first = await presentAll(ctx, target.url, good)
    const refused = first.find(({ reception }) => reception !== 'accepted')
    if (refused !== undefined) return notTestable(`positive control: a good token is ${refused.reception}`)

    await flood(ctx, target.url, WARM_UP_TOKENS, [])
    const before = await processUsage(target.server)
    const { bad, served } = await flood(ctx, target.url, BAD_TOKENS, good)
    const after = await processUsage(target.server)

    const findings = new Findings()
    if (target.server.hasExited()) {
      findings.add({
        id: 'server-stopped',
        message: 'the server stops in a flood of bad tokens',
        expected: 'it stays up',
        observed: 'stopped',
      })
      return judge(findings.list())
    }
    if (!bad.includes('refused')) {
      return notTestable(`no bad token is refused: ${[...new Set(bad)].join(', ')}`)
    }
    judgeGood(findings, [...served, ...(await presentAll(ctx, target.url, good))])
    judgeMemory(findings, before, after)
    return judge(findings.list(), {
      memoryMiB: [before, after].map((usage) =>
        usage === undefined ? 'not visible here' : Math.round(usage.residentBytes / MIB),
      ),
      slowestGoodTokenMs: Math.max(...served.map(({ tookMs }) => tookMs)),
    })
  },
})

interface Served {
  readonly reception: string
  readonly tookMs: number
}

/** Different ones of the usual format, all good here. */
async function goodTokens(
  ctx: CheckContext,
  stack: PrivateStack,
  target: LaunchedTarget,
): Promise<readonly string[]> {
  const { twin, users } = stack.nextcloud
  if (ctx.tokenFormats[0] === 'jwt') {
    const forge = await createJwtForge(ctx, stack, target)
    return Promise.all(
      Array.from({ length: GOOD_TOKENS }, (_, index) =>
        forge.sign({ claims: { ...forge.real.claims, jti: `good-${index}` } }),
      ),
    )
  }
  return Array.from({ length: GOOD_TOKENS }, () => {
    const token = randomBytes(54).toString('base64url')
    ctx.secret('access_token', token)
    twin.honourToken(token, users.bob.userId)
    return token
  })
}

/** Presents invented tokens, some at a time, and a good one with each lot as long as there are some. */
async function flood(
  ctx: CheckContext,
  url: string,
  count: number,
  good: readonly string[],
): Promise<{ readonly bad: readonly string[]; readonly served: readonly Served[] }> {
  const bad: string[] = []
  const served: Served[] = []
  for (let lot = 0; lot < count / AT_ONCE; lot += 1) {
    const [ofGood, ofBad] = await Promise.all([
      presentAll(ctx, url, good.slice(lot, lot + 1)),
      presentAll(
        ctx,
        url,
        Array.from({ length: AT_ONCE }, () => randomBytes(54).toString('base64url')),
      ),
    ])
    served.push(...ofGood)
    bad.push(...ofBad.map(({ reception }) => reception))
  }
  return { bad, served }
}

function presentAll(ctx: CheckContext, url: string, tokens: readonly string[]): Promise<readonly Served[]> {
  return Promise.all(
    tokens.map(async (token) => {
      const startedMs = performance.now()
      const reception = await presentToken(ctx, url, token).catch(() => 'no answer')
      return { reception, tookMs: Math.round(performance.now() - startedMs) }
    }),
  )
}

function judgeGood(findings: Findings, served: readonly Served[]): void {
  for (const { reception, tookMs } of served) {
    if (reception === 'accepted' && tookMs <= SLOW_MS) continue
    findings.add({
      id: reception === 'accepted' ? 'good-token-slow' : 'good-token-refused',
      message: 'good tokens suffer from a flood of bad ones',
      expected: `accepted within ${SLOW_MS} ms`,
      observed: reception === 'accepted' ? `${tookMs} ms` : reception,
    })
  }
}

function judgeMemory(
  findings: Findings,
  before: ProcessUsage | undefined,
  after: ProcessUsage | undefined,
): void {
  if (before === undefined || after === undefined) return
  const grownBytes = after.residentBytes - before.residentBytes
  if (grownBytes <= ALLOWED_GROWTH_BYTES) return
  findings.add({
    id: 'memory-grows',
    message: 'the memory of the server grows with every bad token',
    expected: `at most ${ALLOWED_GROWTH_BYTES / MIB} MiB more after ${BAD_TOKENS} bad tokens`,
    observed: `${Math.round(grownBytes / MIB)} MiB more`,
  })
}

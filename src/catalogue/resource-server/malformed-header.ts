import { defineCheck, judge } from '../check.js'
import type { CheckContext } from '../context.js'
import { Findings } from '../support/findings.js'
import { initializeMessage } from '../support/mcp-session.js'
import { requireAccepted } from '../support/token-probe.js'

const TIMEOUT_MS = 10_000
const OVERSIZED = 64 * 1024
/** Besides 400 and 401: HTTP servers refuse oversized headers before anybody looks at what they hold. */
const OVERSIZED_STATUSES = [413, 431]

/** A header that is no token is refused, not guessed at, and breaks nothing. */
export const malformedHeader = defineCheck({
  id: 'rs.token.malformed-header',
  suite: 'resource-server',
  title: 'A malformed Authorization header is refused with 400 or 401',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Error Handling' },
    { document: 'OAuth2.1', clause: '5.3.2' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-500-on-malformed' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const good = await ctx.token('alice')
    await requireAccepted(ctx, url, good, 'the token as it should be sent')
    const headers: Readonly<Record<string, string>> = {
      'no token': 'Bearer',
      'two tokens': `Bearer ${good} ${good}`,
      'two headers, joined as HTTP has it': `Bearer ${good}, Bearer ${good}`,
      'token in quotes': `Bearer "${good}"`,
      'characters outside ASCII': 'Bearer \u00e4\u00f6\u00fc',
      'a tab inside': 'Bearer a\tb',
      '64 KiB': `Bearer ${'x'.repeat(OVERSIZED)}`,
    }
    const findings = new Findings()
    const seen: Record<string, number | string> = {}
    await Promise.all(
      Object.entries(headers).map(async ([name, authorization]) => {
        const status = await statusOf(ctx, url, authorization)
        seen[name] = status
        const allowed = name === '64 KiB' ? OVERSIZED_STATUSES : []
        if (status === 400 || status === 401 || allowed.some((known) => known === status)) return
        findings.add({ ...fault(status), expected: '400 or 401', observed: `${name}: ${status}` })
      }),
    )
    const ordered = Object.fromEntries(Object.keys(headers).map((name) => [name, seen[name]]))
    return judge(findings.list(), ordered)
  },
})

async function statusOf(
  ctx: CheckContext,
  url: string,
  authorization: string,
): Promise<number | 'no answer'> {
  try {
    const body = initializeMessage(ctx.revision)
    return (await ctx.mcp.probe(url, { authorization, body, timeoutMs: TIMEOUT_MS })).status
  } catch {
    return 'no answer'
  }
}

function fault(status: number | 'no answer'): { readonly id: string; readonly message: string } {
  if (status === 'no answer') {
    return { id: 'no-answer', message: 'a malformed Authorization header is not answered' }
  }
  if (status < 300) {
    return { id: 'malformed-accepted', message: 'a request with a malformed Authorization header is served' }
  }
  return status >= 500
    ? { id: 'server-error', message: 'a malformed Authorization header causes a server error' }
    : { id: 'other-status', message: 'a malformed Authorization header is refused with another status' }
}

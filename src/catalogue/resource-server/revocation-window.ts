import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, judge, type Finding, type Outcome } from '../check.js'
import type { CheckContext, PrivateStack } from '../context.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

const POLL_MS = 250
/** For slow answers on top of the window. */
const GRACE_MS = 1_000

/** Revoking is what a user does who no longer trusts a client; a cache may delay it, not undo it. */
export const revocationWindow = defineCheck({
  id: 'rs.cache.revocation-window',
  suite: 'resource-server',
  title:
    'A revoked opaque token in constant use is refused within the allowed time, and at once after a restart',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Handling' },
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'project', clause: 'a revocation is noticed within 300 s' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-cache-ignores-revocation' }],
  timeoutMs: 420_000,
  async run(ctx): Promise<Outcome> {
    if (!ctx.tokenFormats.includes('opaque')) {
      return { kind: 'not-applicable', reason: 'a JWT is good until its end, as nobody is asked about it' }
    }
    const stack = await ctx.privateStack()
    const { url } = await stack.launch('oauth')
    const [alices, bobs] = [await opaqueToken(stack, 'alice'), await opaqueToken(stack, 'bob')]
    await requireAccepted(ctx, url, alices, 'the opaque token before it is revoked')
    stack.nextcloud.twin.revokeTokensOf(stack.nextcloud.users.alice.userId)
    const revokedAtMs = performance.now()
    const [refusedAfterMs, afterRestart] = await Promise.all([
      useUntilRefused(ctx, url, alices, revokedAtMs),
      presentAfterRestart(ctx, stack, url, alices, bobs),
    ])
    const seconds = ctx.windows.revocationSeconds
    const findings: Finding[] = []
    if (refusedAfterMs === undefined) {
      findings.push({
        id: 'revoked-accepted',
        message: `a revoked token is still accepted ${seconds} s after it was revoked`,
        expected: `refused within ${seconds} s`,
        observed: 'accepted all the time',
      })
    }
    if (afterRestart === 'accepted') {
      findings.push({
        id: 'revoked-accepted-after-restart',
        message: 'a revoked token is accepted by a server that was started after the revocation',
        expected: 'refused',
        observed: afterRestart,
      })
    }
    return judge(findings, { refusedAfterMs: refusedAfterMs ?? 'never', afterRestart })
  },
})

async function opaqueToken({ oauth }: PrivateStack, user: 'alice' | 'bob'): Promise<string> {
  return (await oauth.mint(user, { format: 'opaque' })).tokens.access_token
}

// Real time, because a server's cache goes by the server's own clock. Ours remembers for three seconds.
async function useUntilRefused(
  ctx: CheckContext,
  url: string,
  token: string,
  sinceMs: number,
): Promise<number | undefined> {
  for (;;) {
    const isAccepted = (await presentToken(ctx, url, token)) === 'accepted'
    const passedMs = Math.round(performance.now() - sinceMs)
    if (!isAccepted) return passedMs
    if (passedMs > ctx.windows.revocationSeconds * 1000 + GRACE_MS) return undefined
    await delay(POLL_MS)
  }
}

/** A second server of the same name stands for the first one after a restart; where it cannot, nothing is claimed. */
async function presentAfterRestart(
  ctx: CheckContext,
  stack: PrivateStack,
  resource: string,
  revoked: string,
  living: string,
): Promise<string> {
  const { url } = await stack.launch('oauth', { env: { NEXTCLOUD_MCP_SERVER_URL: resource } })
  if ((await presentToken(ctx, url, living)) !== 'accepted') {
    return 'not tested: a second server does not take the tokens of the first'
  }
  return presentToken(ctx, url, revoked)
}

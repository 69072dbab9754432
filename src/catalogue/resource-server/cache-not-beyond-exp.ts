import { setTimeout as delay } from 'node:timers/promises'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PrivateStack, TokenFormat } from '../context.js'
import { readJwt } from '../support/jwt.js'
import { presentToken } from '../support/token-probe.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

/** Long enough to be used several times before the end; oidc 2.0.9 lets opaque tokens live twice as long. */
const EXPIRE_SECONDS = { opaque: '2', jwt: '3' }
const POLL_MS = 150
/** For slow answers on top of the window. */
const GRACE_MS = 1_000

/** What a token's use showed. */
interface LastUse {
  readonly format: TokenFormat
  readonly timesAcceptedBefore: number
  /** How long after the token's end it was still accepted, ms; `undefined` when to the end of the window. */
  readonly refusedAfterMs: number | undefined
}

/** A cache of validated tokens must forget each at its end, not when the entry is old enough. */
export const cacheNotBeyondExp = defineCheck({
  id: 'rs.cache.not-beyond-exp',
  suite: 'resource-server',
  title: 'A token that is in constant use is refused after its end, within the allowed clock skew',
  level: 'MUST',
  source: [
    { document: 'OAuth2.1', clause: '5.2' },
    { document: 'MCP-Authorization', clause: 'Token Handling' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-cache-fixed-ttl', alsoRed: ['rs.cache.revocation-window'] }],
  timeoutMs: 180_000,
  async run(ctx) {
    const uses = await Promise.all(ctx.tokenFormats.map((format) => useUntilRefused(ctx, format)))
    const unused = uses.find(({ timesAcceptedBefore }) => timesAcceptedBefore === 0)
    if (unused !== undefined) {
      return notTestable(`positive control: the ${unused.format} token is not accepted before its end`)
    }
    const findings = uses
      .filter(({ refusedAfterMs }) => refusedAfterMs === undefined)
      .map(({ format }): Finding => ({
        id: `used-beyond-end-${format}`,
        message: `the ${format} token is still accepted ${ctx.windows.clockSkewSeconds} s after its end`,
        expected: `refused within ${ctx.windows.clockSkewSeconds} s`,
        observed: 'accepted all the time',
      }))
    return judge(findings, uses)
  },
})

async function useUntilRefused(ctx: CheckContext, format: TokenFormat): Promise<LastUse> {
  const stack = await ctx.privateStack({ oidcConfig: { expire_time: EXPIRE_SECONDS[format] } })
  const { url } = await stack.launch('oauth')
  const { tokens } = await stack.oauth.mint('alice', { format })
  const token = tokens.access_token
  let timesAcceptedBefore = 0
  let endedAtMs: number | undefined
  for (;;) {
    // Asked first: what is accepted after this answer was accepted after the end.
    endedAtMs ??= await endOf(ctx, stack, token, format)
    const isAccepted = (await presentToken(ctx, url, token)) === 'accepted'
    if (endedAtMs === undefined) {
      if (!isAccepted && timesAcceptedBefore === 0) return { format, timesAcceptedBefore, refusedAfterMs: 0 }
      if (isAccepted) timesAcceptedBefore += 1
    } else {
      const sinceEndMs = Date.now() - endedAtMs
      if (!isAccepted) return { format, timesAcceptedBefore, refusedAfterMs: sinceEndMs }
      if (sinceEndMs > ctx.windows.clockSkewSeconds * 1000 + GRACE_MS) {
        return { format, timesAcceptedBefore, refusedAfterMs: undefined }
      }
    }
    await delay(POLL_MS)
  }
}

/** When the token ended, once it has: a JWT says it itself; about an opaque one Nextcloud is asked. */
async function endOf(
  ctx: CheckContext,
  { oauth }: PrivateStack,
  token: string,
  format: TokenFormat,
): Promise<number | undefined> {
  if (format === 'jwt') {
    const endMs = Number(readJwt(token).claims['exp']) * 1000
    return Date.now() >= endMs ? endMs : undefined
  }
  return isAlive(await askUserinfo(ctx, oauth, token)) ? undefined : Date.now()
}

import { defineCheck, judge } from '../check.js'
import type { TokenFormat } from '../context.js'
import { mintExpiredToken } from '../support/expired-token.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** Tokens that the server has never seen while they were good, so that no cache can excuse it. */
export const expiredToken = defineCheck({
  id: 'rs.token.expired',
  suite: 'resource-server',
  title: 'A token that the server first sees after its end is refused with 401',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Handling' },
    { document: 'OAuth2.1', clause: '5.2' },
  ],
  modes: ['oauth'],
  needs: ['launch', 'twin'],
  mutants: [{ id: 's-expired-accepted', alsoRed: ['rs.cache.not-beyond-exp'] }],
  async run(ctx) {
    const stack = await ctx.privateStack()
    const { url } = await stack.launch('oauth')
    const expired: { format: TokenFormat; token: string }[] = []
    for (const format of ctx.tokenFormats) {
      // One after the other: there is one clock.
      expired.push({ format, token: await mintExpiredToken(ctx, stack, 'alice', { format }) })
      const { tokens } = await stack.oauth.mint('alice', { format })
      await requireAccepted(ctx, url, tokens.access_token, `a fresh ${format} token of the same client`)
    }
    const forgeries = await Promise.all(
      expired.map(async ({ format, token }) => ({
        name: `${format} token, over for minutes`,
        findingId: `expired-accepted-${format}`,
        reception: await presentToken(ctx, url, token),
      })),
    )
    return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
  },
})

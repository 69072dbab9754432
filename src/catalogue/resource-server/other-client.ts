import { defineCheck, judge } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** A token that some other application of the same Nextcloud got for itself is not meant for this server. */
export const otherClient = defineCheck({
  id: 'rs.token.other-client',
  suite: 'resource-server',
  title: 'A good token that a client got without naming any resource is refused with 401',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'MCP-Authorization', clause: 'Token Handling' },
    { document: 'RFC9068', clause: '4' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-any-client-token' }],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const minted = await Promise.all(
      ctx.tokenFormats.map(async (format) => {
        const own = await ctx.oauth.mint('alice', { format })
        const unbound = await ctx.oauth.mint('alice', { format, resource: null, client: own.client })
        return { format, own, unbound }
      }),
    )
    try {
      await Promise.all(
        minted.map(({ format, own }) =>
          requireAccepted(ctx, url, own.tokens.access_token, `the ${format} token for this server`),
        ),
      )
      const forgeries = await Promise.all(
        minted.map(async ({ format, unbound }) => ({
          name: `${format} token for no resource`,
          findingId: `other-client-accepted-${format}`,
          reception: await presentToken(ctx, url, unbound.tokens.access_token),
        })),
      )
      return judge(judgeForgeries(forgeries), describeForgeries(forgeries))
    } finally {
      await removeClients(
        ctx,
        minted.map(({ own }) => own.client),
      )
    }
  },
})

import { defineCheck, judge } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { describeForgeries, judgeForgeries } from '../support/forged-tokens.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

const OTHER_RESOURCE = 'https://other.example/mcp'

/** A token for another server must not open this one, or whoever runs that server is everybody here. */
export const otherAudience = defineCheck({
  id: 'rs.token.other-audience',
  suite: 'resource-server',
  title: 'A good token that was requested for another resource is refused with 401',
  level: 'MUST',
  source: [
    { document: 'MCP-Authorization', clause: 'Token Handling' },
    { document: 'MCP-Authorization', clause: 'Access Token Privilege Restriction' },
    { document: 'RFC9068', clause: '4' },
    { document: 'RFC8707', clause: '2' },
  ],
  modes: ['oauth'],
  mutants: [
    {
      id: 's-aud-unchecked',
      alsoRed: ['tokens.verify.audience-exact', 'tokens.verify.no-fallback-bypass', 'rs.token.other-client'],
      alsoNotTestable: ['rs.passthrough.foreign-token'],
    },
  ],
  async run(ctx) {
    const { url } = ctx.target('oauth')
    const minted = await Promise.all(
      ctx.tokenFormats.map(async (format) => {
        // Same client, same user: only the resource differs.
        const own = await ctx.oauth.mint('alice', { format })
        const other = await ctx.oauth.mint('alice', { format, resource: OTHER_RESOURCE, client: own.client })
        return { format, own, other }
      }),
    )
    try {
      await Promise.all(
        minted.map(({ format, own }) =>
          requireAccepted(ctx, url, own.tokens.access_token, `the ${format} token for this server`),
        ),
      )
      const forgeries = await Promise.all(
        minted.map(async ({ format, other }) => ({
          name: `${format} token for ${OTHER_RESOURCE}`,
          findingId: `other-audience-accepted-${format}`,
          reception: await presentToken(ctx, url, other.tokens.access_token),
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

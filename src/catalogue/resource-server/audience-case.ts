import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { readJwt } from '../support/jwt.js'
import { presentToken, requireAccepted } from '../support/token-probe.js'

/** A client that writes the address as its user typed it gets tokens for the very same server. */
export const audienceCase = defineCheck({
  id: 'rs.token.audience-case',
  suite: 'resource-server',
  title: 'A JWT is accepted whose audience has scheme and host of the server in upper case',
  level: 'SHOULD',
  source: [{ document: 'MCP-Authorization', clause: 'Canonical Server URI' }],
  modes: ['oauth'],
  mutants: [{ id: 's-aud-case-sensitive' }],
  async run(ctx): Promise<Outcome> {
    if (!ctx.tokenFormats.includes('jwt')) {
      return {
        kind: 'not-applicable',
        reason: 'the server is not meant to accept JWTs; of others Nextcloud compares the audience',
      }
    }
    const { url } = ctx.target('oauth')
    const { origin } = new URL(url)
    const resource = origin.toUpperCase() + url.slice(origin.length)
    const own = await ctx.oauth.mint('alice', { format: 'jwt' })
    try {
      await requireAccepted(ctx, url, own.tokens.access_token, 'the JWT for the address as it is')
      const { tokens } = await ctx.oauth.mint('alice', { format: 'jwt', resource, client: own.client })
      const audience = [readJwt(tokens.access_token).claims['aud']].flat()
      if (!audience.includes(resource)) {
        return notTestable(`Nextcloud names another audience than was asked for: ${audience.join(' ')}`)
      }
      const reception = await presentToken(ctx, url, tokens.access_token)
      if (reception === 'accepted') return judge([], { [resource]: reception })
      return judge([
        {
          id: 'upper-case-refused',
          message:
            'a token for the address of the server is refused because of the case of its scheme and host',
          expected: 'accepted',
          observed: { audience: resource, reception },
        },
      ])
    } finally {
      await removeClients(ctx, [own.client])
    }
  },
})

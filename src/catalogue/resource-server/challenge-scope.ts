import { defineCheck, judge, notTestable, type Outcome } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { askForChallenge } from '../support/resource-metadata.js'
import { presentToken } from '../support/token-probe.js'

/** Without it a client can only guess what to ask for, and asks for everything or for too little. */
export const challengeScope = defineCheck({
  id: 'rs.www-authenticate.scope',
  suite: 'resource-server',
  title: 'The 401 challenge names the scope that is needed, and a token with exactly this scope is accepted',
  level: 'SHOULD',
  source: [
    { document: 'MCP-Authorization', clause: 'Protected Resource Metadata Discovery Requirements' },
    { document: 'MCP-Authorization', clause: 'Scope Selection Strategy' },
    { document: 'RFC6750', clause: '3' },
  ],
  modes: ['oauth'],
  mutants: [{ id: 's-no-scope-hint' }],
  async run(ctx): Promise<Outcome> {
    if (ctx.revision < '2025-11-25') {
      return { kind: 'not-applicable', reason: `revision ${ctx.revision} does not ask for it` }
    }
    const { url } = ctx.target('oauth')
    const { status, challenge } = await askForChallenge(ctx, url)
    if (status !== 401 || challenge === undefined) {
      return notTestable(`a request without a token is answered with ${status} and no Bearer challenge`)
    }
    const scope = challenge.parameters.get('scope')?.value
    if (scope === undefined) {
      return judge([
        {
          id: 'scope-missing',
          message: 'the challenge has no scope; clients must take all of scopes_supported, or none',
          expected: 'scope="…"',
          observed: [...challenge.parameters.keys()],
        },
      ])
    }
    const { tokens, client } = await ctx.oauth.mint('alice', { scope })
    try {
      const reception = await presentToken(ctx, url, tokens.access_token)
      return judge(
        reception === 'accepted'
          ? []
          : [
              {
                id: 'named-scope-not-enough',
                message: 'a token with the scope that the challenge names is refused for the same request',
                expected: 'accepted',
                observed: { scope, reception },
              },
            ],
        { scope },
      )
    } finally {
      await removeClients(ctx, [client])
    }
  },
})

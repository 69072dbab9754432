import { defineCheck, judge, notTestable } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { introspect, introspectionEndpoint } from '../support/introspection.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import { askUserinfo } from '../support/userinfo.js'
import type { RegisteredClient } from '../../oauth/registration.js'

const REGISTERED = 'openid profile'
const REQUESTED = 'openid profile email'

/** A client that is not told goes on as if it had what it asked for. */
export const responseScope = defineCheck({
  id: 'tokens.response.scope-when-narrowed',
  suite: 'tokens',
  title: 'When less scope is granted than was asked for, the token response says which',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '5.1' },
    { document: 'RFC6749', clause: '3.3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-token-scope-silent', profile: 'strict' }],
  async run(ctx) {
    const client = await ctx.oauth.register({ scope: REGISTERED })
    const pending = await ctx.oauth.obtainCode('alice', { client, scope: REQUESTED })
    const answer = await redeemCode(ctx, ctx.oauth, pending)
    if (answer.accessToken === undefined) {
      return notTestable(`no token is issued for a code (${describeAnswer(answer)})`)
    }
    const granted = await grantedScope(ctx, answer.accessToken, client)
    await removeClients(ctx, [client])
    if (granted === undefined) return notTestable('nothing tells the scope of a token')
    if (words(REQUESTED).every((word) => granted.includes(word))) {
      return notTestable('a client that was registered for less scope than it asks for gets all of it')
    }
    const { scope } = answer.members
    const observed = { requested: REQUESTED, granted: granted.join(' '), told: scope ?? 'nothing' }
    if (scope === undefined) {
      return judge([
        {
          id: 'scope-untold',
          message: 'the token response does not say that less scope was granted',
          expected: { scope: granted.join(' ') },
          observed,
        },
      ])
    }
    const same = typeof scope === 'string' && words(scope).sort().join(' ') === [...granted].sort().join(' ')
    return judge(
      same
        ? []
        : [
            {
              id: 'scope-mistold',
              message: 'the token response names another scope than the one that was granted',
              expected: { scope: granted.join(' ') },
              observed,
            },
          ],
      observed,
    )
  },
})

/** What introspection, or else userinfo, says about the scope of a token; the claims, where neither names it. */
async function grantedScope(
  ctx: CheckContext,
  token: string,
  client: RegisteredClient,
): Promise<readonly string[] | undefined> {
  const endpoint = await introspectionEndpoint(ctx.oauth)
  if (endpoint !== undefined) {
    const { scope } = (await introspect(ctx, endpoint, token, client)).members
    if (typeof scope === 'string') return words(scope)
  }
  const { status, members } = await askUserinfo(ctx, ctx.oauth, token)
  if (status !== 200) return undefined
  if (typeof members['scope'] === 'string') return words(members['scope'])
  return members['email'] === undefined ? words(REGISTERED) : words(REQUESTED)
}

function words(scope: string): string[] {
  return scope.split(' ').filter((word) => word !== '')
}

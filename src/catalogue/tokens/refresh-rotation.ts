import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { judgeReuse, judgeRotation } from '../support/refresh-judgement.js'
import { describeAnswer, redeemCode, refresh, type TokenAnswer } from '../support/token-request.js'
import { askUserinfo, isAlive } from '../support/userinfo.js'

const SCOPE = 'openid profile offline_access'

/** A refresh token that was seen by somebody else lives on for ever where it stays good after its use. */
export const refreshRotation = defineCheck({
  id: 'tokens.refresh.rotation',
  suite: 'tokens',
  title:
    'A refresh gives a new access token and a new refresh token, and the old refresh token is worth nothing',
  // For confidential clients. Of public ones RFC 9700 and MCP demand it: tokens.refresh.rotation-public.
  level: 'SHOULD',
  source: [
    { document: 'RFC9700', clause: '4.14.2' },
    { document: 'OAuth2.1', clause: '4.3.1' },
    { document: 'MCP-Authorization', clause: 'Token Theft' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-refresh-reusable' }],
  async run(ctx) {
    const pending = await ctx.oauth.obtainCode('alice', { scope: SCOPE })
    const { client } = pending
    const first = await redeemCode(ctx, ctx.oauth, pending)
    const firstRefreshToken = first.members['refresh_token']
    if (typeof firstRefreshToken !== 'string') {
      return notTestable(`no refresh token is issued for offline_access (${describeAnswer(first)})`)
    }
    const second = await refresh(ctx, ctx.oauth, client, firstRefreshToken)
    if (second.accessToken === undefined) {
      return notTestable(`positive control: a fresh refresh token is refused (${describeAnswer(second)})`)
    }
    const before = await askUserinfo(ctx, ctx.oauth, first.accessToken)
    const after = await askUserinfo(ctx, ctx.oauth, second.accessToken)
    const reuse = await refresh(ctx, ctx.oauth, client, firstRefreshToken)
    const afterReuse = await askUserinfo(ctx, ctx.oauth, second.accessToken)
    const successor = second.members['refresh_token']
    const next = typeof successor === 'string' ? await refresh(ctx, ctx.oauth, client, successor) : undefined
    await removeClients(ctx, [client])
    return judge(
      [
        ...judgeNewTokens(first, second, isAlive(after)),
        ...judgeScope(after.members['scope'], second),
        ...judgeReuse(reuse),
      ],
      {
        oldAccessTokenAfterRefresh: before.status,
        oldRefreshToken: describeAnswer(reuse),
        newAccessTokenAfterReuse: afterReuse.status,
        newRefreshTokenAfterReuse: next === undefined ? 'none was issued' : describeAnswer(next),
      },
    )
  },
})

function judgeNewTokens(first: TokenAnswer, second: TokenAnswer, isNewAlive: boolean): Finding[] {
  const findings: Finding[] = []
  if (second.accessToken === first.accessToken || !isNewAlive) {
    findings.push({
      id: 'access-token-not-renewed',
      message: 'a refresh does not give a new, living access token',
      observed: { same: second.accessToken === first.accessToken, alive: isNewAlive },
    })
  }
  return [...findings, ...judgeRotation(first, second)]
}

function judgeScope(known: unknown, second: TokenAnswer): Finding[] {
  const scope = second.members['scope'] ?? known
  if (typeof scope !== 'string' || sorted(scope) === sorted(SCOPE)) return []
  return [
    {
      id: 'scope-changed',
      message: 'a refresh without scope changes the scope',
      expected: SCOPE,
      observed: scope,
    },
  ]
}

function sorted(scope: string): string {
  return scope.split(' ').sort().join(' ')
}

import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { describeAnswer, redeemCode, refresh, type TokenAnswer } from '../support/token-request.js'
import { askUserinfo } from '../support/userinfo.js'

const SCOPE = 'openid offline_access'
const MORE_SCOPE = 'openid offline_access profile email'

/** A refresh token is worth what was granted, to whom it was granted, and nothing else is one. */
export const refreshBinding = defineCheck({
  id: 'tokens.refresh.binding',
  suite: 'tokens',
  title: 'A refresh token is good for its own client and scope only, and an access token is none',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '6' },
    { document: 'RFC6749', clause: '10.4' },
    { document: 'OAuth2.1', clause: '4.3.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-refresh-any-client' }],
  async run(ctx) {
    const other = await ctx.oauth.register()
    const pending = await ctx.oauth.obtainCode('alice', { scope: SCOPE })
    const { client } = pending
    const first = await redeemCode(ctx, ctx.oauth, pending)
    const refreshToken = first.members['refresh_token']
    if (typeof refreshToken !== 'string' || first.accessToken === undefined) {
      return notTestable(`no refresh token is issued for offline_access (${describeAnswer(first)})`)
    }
    const byOther = await refresh(ctx, ctx.oauth, other, refreshToken)
    const accessToken = await refresh(ctx, ctx.oauth, client, first.accessToken)
    const control = await refresh(ctx, ctx.oauth, client, refreshToken)
    const next = control.members['refresh_token']
    const more =
      typeof next === 'string'
        ? await refresh(ctx, ctx.oauth, client, next, { scope: MORE_SCOPE })
        : undefined
    const widened = more === undefined ? undefined : await scopeAfter(ctx, more)
    await removeClients(ctx, [client, other])
    // A server may well end a refresh token that another client tried; then there is no control.
    if (control.accessToken === undefined && byOther.accessToken === undefined) {
      return notTestable(`positive control: its own client is refused, too (${describeAnswer(control)})`)
    }
    return judge(
      [
        ...judgeRefusal('foreign-client-accepted', "another client's refresh token", byOther),
        ...judgeRefusal(
          'access-token-accepted',
          'an access token in the place of a refresh token',
          accessToken,
        ),
        ...judgeWidening(more, widened),
        ...judgeErrors({ "another client's refresh token": byOther, 'an access token': accessToken }),
      ],
      {
        byAnotherClient: describeAnswer(byOther),
        accessTokenAsRefreshToken: describeAnswer(accessToken),
        withMoreScope:
          more === undefined
            ? 'not tried'
            : `${describeAnswer(more)}${widened === undefined ? '' : `, ${widened}`}`,
      },
    )
  },
})

/** The scope of what a refresh gave, as far as anything tells; `undefined` when it gave nothing. */
async function scopeAfter(ctx: CheckContext, answer: TokenAnswer): Promise<string | undefined> {
  if (answer.accessToken === undefined) return undefined
  const { members } = await askUserinfo(ctx, ctx.oauth, answer.accessToken)
  // Where userinfo does not name the scope, the claims that come with it do.
  const byClaims = ['name', 'email'].some((claim) => members[claim] !== undefined) ? MORE_SCOPE : SCOPE
  return typeof members['scope'] === 'string' ? members['scope'] : byClaims
}

function judgeRefusal(id: string, what: string, answer: TokenAnswer): Finding[] {
  if (answer.accessToken === undefined) return []
  return [
    {
      id,
      message: `${what} buys tokens`,
      expected: '400 invalid_grant',
      observed: describeAnswer(answer),
    },
  ]
}

/** Refused or ignored: RFC 6749 §3.3 lets a server ignore a scope. It must not be granted. */
function judgeWidening(answer: TokenAnswer | undefined, scope: string | undefined): Finding[] {
  const granted = new Set(scope?.split(' '))
  const told = answer?.members['scope']
  const gained = ['profile', 'email'].filter(
    (word) => granted.has(word) || (typeof told === 'string' && told.split(' ').includes(word)),
  )
  if (gained.length === 0) return []
  return [
    {
      id: 'scope-widened',
      message: 'a refresh gives more scope than the person granted',
      expected: 'invalid_scope, or the scope that was granted',
      observed: gained,
    },
  ]
}

function judgeErrors(answers: Readonly<Record<string, TokenAnswer>>): Finding[] {
  const other = Object.entries(answers).filter(
    ([, { accessToken, status, members }]) =>
      accessToken === undefined && !(status === 400 && members['error'] === 'invalid_grant'),
  )
  if (other.length === 0) return []
  return [
    {
      id: 'other-error',
      level: 'SHOULD',
      message: 'the refusal is not 400 with invalid_grant',
      expected: '400 invalid_grant',
      observed: Object.fromEntries(other.map(([name, answer]) => [name, describeAnswer(answer)])),
    },
  ]
}

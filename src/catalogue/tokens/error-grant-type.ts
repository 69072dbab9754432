import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import { removeClients } from '../support/client-lifetime.js'
import { describeAnswer, redeemCode, requestTokens, type TokenAnswer } from '../support/token-request.js'

/** A password grant would take people's passwords past login page, second factor and consent. */
export const errorGrantType = defineCheck({
  id: 'tokens.error.grant-type',
  suite: 'tokens',
  title: 'Only codes and refresh tokens buy tokens; every other grant is unsupported_grant_type',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '5.2' },
    { document: 'RFC9700', clause: '2.4' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-password-grant-enabled' }],
  async run(ctx) {
    const pending = await ctx.oauth.obtainCode('alice')
    const { client_id, client_secret } = pending.client
    const { userId, password } = ctx.users.alice
    const grants: readonly Readonly<Record<string, string>>[] = [
      { grant_type: 'password', username: userId, password },
      { grant_type: 'client_credentials' },
      { grant_type: 'urn:ncmc:invented' },
    ]
    const answers = new Map<string, TokenAnswer>()
    for (const grant of grants) {
      const parameters = { ...grant, scope: 'openid profile', client_id, client_secret }
      answers.set(String(grant['grant_type']), await requestTokens(ctx, ctx.oauth, parameters))
    }
    const control = await redeemCode(ctx, ctx.oauth, pending)
    await removeClients(ctx, [pending.client])
    if (control.accessToken === undefined) {
      return notTestable(`positive control: the client's code is refused (${describeAnswer(control)})`)
    }
    if ([...answers.values()].some(({ status }) => status === 429)) {
      return notTestable('token requests are rate limited at the moment')
    }
    return judge(judgeAnswers([...answers]), describe([...answers]))
  },
})

type Answers = readonly (readonly [grantType: string, answer: TokenAnswer])[]

function judgeAnswers(answers: Answers): Finding[] {
  const findings: Finding[] = []
  const issued = answers.filter(([, { accessToken }]) => accessToken !== undefined)
  if (issued.length > 0) {
    findings.push({
      id: 'tokens-for-other-grant',
      message: `tokens are issued for the grant ${issued.map(([grantType]) => grantType).join(', ')}`,
      expected: '400 unsupported_grant_type',
      observed: describe(issued),
    })
  }
  const other = answers.filter(
    ([, { accessToken, status, members }]) =>
      accessToken === undefined && !(status === 400 && members['error'] === 'unsupported_grant_type'),
  )
  if (other.length > 0) {
    findings.push({
      id: 'other-error',
      message: 'an unsupported grant is not refused with 400 and unsupported_grant_type',
      expected: '400 unsupported_grant_type',
      observed: describe(other),
    })
  }
  return findings
}

function describe(answers: Answers): Record<string, string> {
  return Object.fromEntries(answers.map(([grantType, answer]) => [grantType, describeAnswer(answer)]))
}

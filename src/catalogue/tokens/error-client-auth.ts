import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PendingCode } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import {
  describeAnswer,
  redeemCode,
  type ClientCredentials,
  type TokenAnswer,
} from '../support/token-request.js'

const WRONG_SECRET = 'ncmc-this-is-not-the-secret-of-any-client-0000000000000000000000'
const UNKNOWN_CLIENT = 'ncmcUnknownClient00000000000000000000000000000000000000000000000'

interface Attempt {
  readonly name: string
  readonly answer: TokenAnswer
  readonly isBasic: boolean
}

/** The secret is all that keeps somebody who saw a code from using it, where PKCE is not demanded. */
export const errorClientAuth = defineCheck({
  id: 'tokens.error.client-auth',
  suite: 'tokens',
  title: 'Tokens are refused with invalid_client to whoever does not know the secret of the client',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '5.2' },
    { document: 'RFC6749', clause: '3.2.1' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-wrong-secret-accepted' }],
  async run(ctx) {
    const other = await ctx.oauth.register()
    // A code for each attempt, as a refusal may use it up.
    const first = await ctx.oauth.obtainCode('alice')
    const { client } = first
    const { client_id, client_secret } = client
    const next = (): Promise<PendingCode> => ctx.oauth.obtainCode('alice', { client })
    const controls = [
      await redeemCode(ctx, ctx.oauth, first),
      await redeemCode(ctx, ctx.oauth, await next(), {}, { client_id, client_secret }),
    ]
    const refused = controls.find(({ accessToken }) => accessToken === undefined)
    if (refused !== undefined) {
      return notTestable(`positive control: a client with its secret is refused (${describeAnswer(refused)})`)
    }
    const cases: readonly (readonly [name: string, credentials: ClientCredentials])[] = [
      ['a wrong secret', { client_id, client_secret: WRONG_SECRET }],
      ['an unknown client', { client_id: UNKNOWN_CLIENT, client_secret }],
      ["another client's secret", { client_id, client_secret: other.client_secret }],
    ]
    const attempts = (
      await Promise.all(cases.map(([name, credentials]) => attempt(ctx, name, credentials, next)))
    ).flat()
    await removeClients(ctx, [client, other])
    if (attempts.some(({ answer }) => answer.status === 429)) {
      return notTestable('token requests are rate limited at the moment')
    }
    return judge(judgeAttempts(attempts), describe(attempts))
  },
})

/** The same credentials in the body and by HTTP Basic. */
async function attempt(
  ctx: CheckContext,
  name: string,
  credentials: ClientCredentials,
  next: () => Promise<PendingCode>,
): Promise<Attempt[]> {
  const inBody = await redeemCode(ctx, ctx.oauth, await next(), { ...credentials })
  const byBasic = await redeemCode(ctx, ctx.oauth, await next(), {}, credentials)
  return [
    { name: `${name} in the body`, answer: inBody, isBasic: false },
    { name: `${name} by Basic`, answer: byBasic, isBasic: true },
  ]
}

function judgeAttempts(attempts: readonly Attempt[]): Finding[] {
  const rules: readonly (Finding & { readonly breaks: (attempt: Attempt) => boolean })[] = [
    {
      id: 'tokens-without-secret',
      message: 'tokens are issued to somebody who does not know the secret',
      expected: 'invalid_client',
      breaks: ({ answer }) => answer.accessToken !== undefined,
    },
    {
      id: 'other-error',
      message: 'a failed client authentication is not refused with 400 or 401 and invalid_client',
      expected: '400 or 401 invalid_client',
      breaks: ({ answer: { accessToken, status, members } }) =>
        accessToken === undefined && !([400, 401].includes(status) && members['error'] === 'invalid_client'),
    },
    {
      id: 'basic-refused-without-challenge',
      message: 'a failed authentication by Basic is not answered with 401 and a Basic challenge',
      expected: '401 with WWW-Authenticate: Basic',
      breaks: ({ isBasic, answer: { accessToken, status, headers } }) =>
        isBasic &&
        accessToken === undefined &&
        !(status === 401 && /^basic\b/i.test(headers.get('www-authenticate') ?? '')),
    },
  ]
  return rules.flatMap(({ breaks, ...finding }) => {
    const broken = attempts.filter(breaks)
    return broken.length === 0 ? [] : [{ ...finding, observed: describe(broken) }]
  })
}

function describe(attempts: readonly Attempt[]): Record<string, string> {
  return Object.fromEntries(
    attempts.map(({ name, answer }) => {
      const challenge = answer.headers.get('www-authenticate')
      return [name, describeAnswer(answer) + (challenge === null ? '' : `, WWW-Authenticate: ${challenge}`)]
    }),
  )
}

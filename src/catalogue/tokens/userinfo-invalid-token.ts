import { randomBytes } from 'node:crypto'
import { deleteClient } from '../../oauth/registration.js'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import { mintExpiredToken } from '../support/expired-token.js'
import { breakSignature } from '../support/jwt.js'
import { askUserinfo, isAlive, type UserinfoAnswer } from '../support/userinfo.js'

const NO_TOKEN = 'no token'

/** Servers that ask userinfo whether a token is good rely on the refusals. */
export const userinfoInvalidToken = defineCheck({
  id: 'tokens.userinfo.invalid-token',
  suite: 'tokens',
  title: 'Userinfo refuses every token that is not alive with 401 and a Bearer challenge',
  level: 'MUST',
  source: [
    { document: 'OIDC-Core', clause: '5.3.3' },
    { document: 'RFC6750', clause: '3.1' },
    { document: 'RFC6750', clause: '3' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-userinfo-200-on-invalid' }],
  async run(ctx) {
    const { oauth, cases, skipped } = await prepare(ctx)
    const control = await oauth.mint('alice')
    const alive = await askUserinfo(ctx, oauth, control.tokens.access_token)
    if (!isAlive(alive)) {
      return notTestable(`positive control: a living token is answered with ${alive.status}`)
    }
    const answers = await Promise.all(
      [...cases].map(async ([name, token]) => [name, await askUserinfo(ctx, oauth, token)] as const),
    )
    return judge(judgeAnswers(answers), {
      answers: Object.fromEntries(answers.map(([name, answer]) => [name, describe(answer)])),
      skipped,
    })
  },
})

interface Prepared {
  readonly oauth: OAuthDriver
  readonly cases: ReadonlyMap<string, string | undefined>
  readonly skipped: readonly string[]
}

/** Tokens that are not alive; on a Nextcloud that is not ours without those that need its clock or end a client. */
async function prepare(ctx: CheckContext): Promise<Prepared> {
  const unknown = randomBytes(54).toString('base64url')
  ctx.secret('access_token', unknown)
  const stack = ctx.nextcloud.kind === 'embedded' ? await ctx.privateStack() : undefined
  const oauth = stack?.oauth ?? ctx.oauth
  // First, so that the clients that are shared with it stem from the same, earlier time.
  const expired = stack === undefined ? undefined : await mintExpiredToken(ctx, stack, 'bob')
  const jwt = await oauth.mint('alice', { format: 'jwt' })
  const tampered = breakSignature(jwt.tokens.access_token)
  ctx.secret('access_token', tampered)
  const cases = new Map<string, string | undefined>([
    [NO_TOKEN, undefined],
    ['unknown token', unknown],
    ['tampered JWT', tampered],
  ])
  if (expired === undefined) {
    return { oauth, cases, skipped: ['expired token', 'token of a deleted client'] }
  }
  cases.set('expired token', expired)
  const orphan = await oauth.mint('alice', { client: await oauth.register() })
  if (orphan.client.registration_client_uri === undefined) {
    return { oauth, cases, skipped: ['token of a deleted client'] }
  }
  await deleteClient(orphan.client, { fetch: ctx.fetch })
  cases.set('token of a deleted client', orphan.tokens.access_token)
  return { oauth, cases, skipped: [] }
}

function judgeAnswers(answers: readonly (readonly [string, UserinfoAnswer])[]): Finding[] {
  const rules: (Omit<Finding, 'observed'> & {
    readonly breaks: (name: string, answer: UserinfoAnswer) => boolean
  })[] = [
    {
      id: 'accepted-invalid-token',
      message: 'userinfo answers a token that is not alive as if it were',
      expected: 401,
      breaks: (_, { status, members }) => status < 300 || typeof members['sub'] === 'string',
    },
    {
      id: 'no-refusal',
      message: 'userinfo answers with neither a success nor a refusal',
      expected: 401,
      breaks: (_, { status }) => (status >= 300 && status < 400) || status >= 500,
    },
    {
      id: 'refusal-without-challenge',
      message: 'userinfo refuses in another form than 401 with a Bearer challenge',
      expected: '401 with WWW-Authenticate: Bearer',
      breaks: (_, { status, challenge }) =>
        status >= 400 && status < 500 && !(status === 401 && /^bearer\b/i.test(challenge ?? '')),
    },
    {
      id: 'challenge-without-error',
      level: 'SHOULD',
      message: 'the challenge does not say invalid_token',
      expected: 'error="invalid_token"',
      breaks: (name, { status, challenge }) =>
        name !== NO_TOKEN &&
        status === 401 &&
        /^bearer\b/i.test(challenge ?? '') &&
        !/\berror="?invalid_token"?/.test(challenge ?? ''),
    },
  ]
  return rules.flatMap(({ breaks, ...finding }) => {
    const broken = answers.filter(([name, answer]) => breaks(name, answer))
    if (broken.length === 0) return []
    const observed = Object.fromEntries(broken.map(([name, answer]) => [name, describe(answer)]))
    return [{ ...finding, observed }]
  })
}

function describe({ status, members, challenge }: UserinfoAnswer): string {
  const error = typeof members['error'] === 'string' ? ` ${members['error']}` : ''
  return `${status}${error}${challenge === null ? '' : `, WWW-Authenticate: ${challenge}`}`
}

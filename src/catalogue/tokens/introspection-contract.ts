import { randomBytes } from 'node:crypto'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import { mintExpiredToken } from '../support/expired-token.js'
import {
  describeIntrospection,
  introspect,
  introspectionEndpoint,
  isActive,
  type IntrospectionAnswer,
} from '../support/introspection.js'

const WRONG_SECRET = 'ncmc-this-is-not-the-secret-of-any-client-0000000000000000000000'
const TOLD = ['sub', 'scope', 'client_id', 'exp']

type Answers = Readonly<Record<string, IntrospectionAnswer>>

/** The only way to ask about the audience of an opaque token, and a way to try out tokens for whoever may ask freely. */
export const introspectionContract = defineCheck({
  id: 'tokens.introspection.contract',
  suite: 'tokens',
  title:
    'Introspection answers authenticated clients only, and tells nothing of tokens that are not theirs or are over',
  level: 'MAY-when-offered',
  source: [
    { document: 'RFC7662', clause: '2.1' },
    { document: 'RFC7662', clause: '2.2' },
    { document: 'RFC7662', clause: '2.3' },
    { document: 'project', clause: 'a client that did not get a token may not introspect it' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-introspect-unauthenticated' }],
  async run(ctx) {
    const endpoint = await introspectionEndpoint(ctx.oauth)
    if (endpoint === undefined) {
      return { kind: 'not-applicable', reason: 'no introspection_endpoint is advertised' }
    }
    const { oauth, expired } = await prepare(ctx)
    const at = (await introspectionEndpoint(oauth)) ?? endpoint
    const { client, tokens } = await oauth.mint('alice')
    const other = await oauth.register()
    const unknown = randomBytes(54).toString('base64url')
    ctx.secret('access_token', unknown)
    const token = tokens.access_token

    const own = await introspect(ctx, at, token, client)
    if (!isActive(own)) {
      return notTestable(`positive control: a client is told ${describeIntrospection(own)} of its own token`)
    }
    const unauthenticated: Answers = {
      'no credentials': await introspect(ctx, at, token),
      'a wrong secret': await introspect(ctx, at, token, { ...client, client_secret: WRONG_SECRET }),
      'an unknown client': await introspect(ctx, at, token, { ...client, client_id: 'ncmc-unknown-client' }),
    }
    const inactive: Answers = {
      'an unknown token': await introspect(ctx, at, unknown, client),
      "another client's token": await introspect(ctx, at, token, other),
      ...(expired === undefined ? {} : { 'an expired token': await introspect(ctx, at, expired, client) }),
    }
    return judge(
      [...judgeUnauthenticated(unauthenticated), ...judgeActive(own), ...judgeInactive(inactive)],
      Object.fromEntries(
        Object.entries({ 'its own token': own, ...unauthenticated, ...inactive }).map(([name, answer]) => [
          name,
          describeIntrospection(answer),
        ]),
      ),
    )
  },
})

/** A token that is over needs a clock that can be set; without one that case is left out. */
async function prepare(ctx: CheckContext): Promise<{ oauth: OAuthDriver; expired?: string }> {
  if (ctx.nextcloud.kind !== 'embedded') {
    ctx.note('introspection of an expired token was not tried: that needs the clock')
    return { oauth: ctx.oauth }
  }
  const stack = await ctx.privateStack()
  return { oauth: stack.oauth, expired: await mintExpiredToken(ctx, stack, 'alice') }
}

function judgeUnauthenticated(answers: Answers): Finding[] {
  const findings: Finding[] = []
  const answered = select(answers, ({ status, members }) => status < 300 || members['active'] !== undefined)
  if (answered !== undefined) {
    findings.push({
      id: 'answers-unauthenticated',
      message: 'introspection answers whoever does not authenticate as a client',
      expected: 401,
      observed: answered,
    })
  }
  const other = select(
    answers,
    ({ status, members }) => status >= 300 && status !== 401 && members['active'] === undefined,
  )
  if (other !== undefined) {
    findings.push({
      id: 'not-refused-with-401',
      message: 'introspection without client authentication is not refused with 401',
      expected: 401,
      observed: other,
    })
  }
  const bare = select(answers, ({ status, challenge }) => status === 401 && challenge === null)
  if (bare !== undefined) {
    findings.push({
      id: 'refusal-without-challenge',
      level: 'SHOULD',
      message: 'a 401 of introspection has no WWW-Authenticate',
      expected: '401 with WWW-Authenticate',
      observed: bare,
    })
  }
  return findings
}

function judgeActive(own: IntrospectionAnswer): Finding[] {
  const missing = TOLD.filter((member) => own.members[member] === undefined)
  if (missing.length === 0) return []
  return [
    {
      id: 'active-answer-incomplete',
      level: 'SHOULD',
      message: `introspection of a living token does not tell ${missing.join(', ')}`,
      expected: TOLD,
      observed: Object.keys(own.members),
    },
  ]
}

function judgeInactive(answers: Answers): Finding[] {
  const findings: Finding[] = []
  const active = select(answers, isActive)
  if (active !== undefined) {
    findings.push({
      id: 'inactive-called-active',
      message: `introspection calls ${Object.keys(active).join(', ')} active`,
      expected: { active: false },
      observed: active,
    })
  }
  const odd = select(
    answers,
    (answer) => !isActive(answer) && !(answer.status === 200 && answer.members['active'] === false),
  )
  if (odd !== undefined) {
    findings.push({
      id: 'inactive-not-told',
      message: 'introspection does not answer 200 with active false',
      expected: { active: false },
      observed: odd,
    })
  }
  const more = select(
    answers,
    ({ members }) => members['active'] === false && Object.keys(members).length > 1,
  )
  if (more !== undefined) {
    findings.push({
      id: 'inactive-tells-more',
      level: 'SHOULD',
      message: 'introspection tells more than that a token is inactive',
      expected: { active: false },
      observed: more,
    })
  }
  return findings
}

function select(
  answers: Answers,
  wanted: (answer: IntrospectionAnswer) => boolean,
): Record<string, string> | undefined {
  const selected = Object.entries(answers).filter(([, answer]) => wanted(answer))
  if (selected.length === 0) return undefined
  return Object.fromEntries(selected.map(([name, answer]) => [name, describeIntrospection(answer)]))
}

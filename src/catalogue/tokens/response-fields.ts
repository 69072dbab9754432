import type { JWTPayload } from 'jose'
import { defineCheck, judge, notTestable, type Finding } from '../check.js'
import type { CheckContext, PendingCode } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { readJwt } from '../support/jwt.js'
import { fetchSigningKeys, isSignedWith } from '../support/signing-keys.js'
import { describeAnswer, redeemCode, refresh, type TokenAnswer } from '../support/token-request.js'

/** Few logins and many refreshes: both issue tokens, and a login takes Nextcloud longer. */
const FLOWS = 4
const REFRESHES_PER_FLOW = 4
/** RFC 6749 §10.10: the chance to guess a token must not be more than 2^-128. */
const LEAST_BITS = 128

/** What a client reads first, and what decides whether a token can be guessed or found in a cache. */
export const responseFields = defineCheck({
  id: 'tokens.response.fields',
  suite: 'tokens',
  title:
    'A token response is uncacheable JSON with a Bearer token that cannot be guessed and a verifiable ID token',
  level: 'MUST',
  source: [
    { document: 'RFC6749', clause: '5.1' },
    { document: 'RFC6749', clause: '10.10' },
    { document: 'OAuth2.1', clause: '3.2.3' },
    { document: 'OIDC-Core', clause: '3.1.3.3' },
    { document: 'OIDC-Core', clause: '3.1.3.7' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-token-cacheable' }],
  async run(ctx) {
    const first = await ctx.oauth.obtainCode('alice', {
      format: 'opaque',
      scope: 'openid profile offline_access',
    })
    const { client } = first
    const rest = await Promise.all(
      Array.from({ length: FLOWS - 1 }, () =>
        ctx.oauth.obtainCode('alice', { client, scope: 'openid profile offline_access' }),
      ),
    )
    const flows = await Promise.all([first, ...rest].map((pending) => answersOf(ctx, pending)))
    await removeClients(ctx, [client])
    const answers = flows.flat()
    const [answer] = answers
    if (answer?.accessToken === undefined) {
      return notTestable(
        `no token is issued (${answer === undefined ? 'no answer' : describeAnswer(answer)})`,
      )
    }
    const tokens = answers.flatMap(({ accessToken }) => accessToken ?? [])
    const refreshed = flows[0]?.[1]
    const envelopes = refreshed?.accessToken === undefined ? [answer] : [answer, refreshed]
    return judge(
      [
        ...new Map(envelopes.flatMap(judgeEnvelope).map((finding) => [finding.id, finding])).values(),
        ...(await judgeIdToken(ctx, first, answer.members['id_token'])),
        ...judgeTokens(tokens),
      ],
      {
        members: Object.keys(answer.members),
        cacheControl: answer.headers.get('cache-control'),
        tokens: tokens.length,
        bits: guessableBits(tokens),
        refreshed: refreshed?.accessToken !== undefined,
      },
    )
  },
})

/** What a code bought, and after it what each refresh token in turn did. */
async function answersOf(ctx: CheckContext, pending: PendingCode): Promise<TokenAnswer[]> {
  const answers = [await redeemCode(ctx, ctx.oauth, pending)]
  while (answers.length <= REFRESHES_PER_FLOW) {
    const refreshToken = answers.at(-1)?.members['refresh_token']
    if (typeof refreshToken !== 'string') return answers
    answers.push(await refresh(ctx, ctx.oauth, pending.client, refreshToken))
  }
  return answers
}

function judgeEnvelope({ status, headers, members }: TokenAnswer): Finding[] {
  const mediaType = headers.get('content-type')
  const cacheControl = headers.get('cache-control')
  const { token_type: type, expires_in: life } = members
  const rules: readonly (readonly [holds: boolean, finding: Finding])[] = [
    [
      status === 200,
      {
        id: 'status-not-200',
        message: 'tokens do not come with status 200',
        expected: 200,
        observed: status,
      },
    ],
    [
      /^application\/json\b/i.test(mediaType ?? ''),
      {
        id: 'not-json',
        message: 'tokens do not come as application/json',
        expected: 'application/json',
        observed: mediaType,
      },
    ],
    [
      /(?:^|[\s,])no-store(?:$|[\s,])/i.test(cacheControl ?? ''),
      {
        id: 'cacheable',
        message: 'an answer with tokens may be stored by caches',
        expected: 'Cache-Control: no-store',
        observed: cacheControl,
      },
    ],
    [
      typeof type === 'string' && type.toLowerCase() === 'bearer',
      { id: 'not-bearer', message: 'token_type is not Bearer', expected: 'Bearer', observed: type },
    ],
    [
      typeof life === 'number' && life > 0,
      {
        id: 'expires-in-unusable',
        // RECOMMENDED, but what is there must be a number.
        ...(life === undefined ? { level: 'SHOULD' as const } : {}),
        message: 'expires_in is not a number of seconds above 0',
        expected: 'a number above 0',
        observed: life,
      },
    ],
  ]
  return rules.flatMap(([holds, finding]) => (holds ? [] : [finding]))
}

async function judgeIdToken(
  ctx: CheckContext,
  { server, client, request }: PendingCode,
  idToken: unknown,
): Promise<Finding[]> {
  if (typeof idToken !== 'string') {
    return [{ id: 'id-token-missing', message: 'openid was granted, but there is no ID token' }]
  }
  const keys = await fetchSigningKeys(ctx, server.metadata.jwks_uri)
  if (!(await isSignedWith(keys, idToken))) {
    return [{ id: 'id-token-signature', message: 'no published key verifies the ID token' }]
  }
  const { iss, aud, nonce, exp, iat, sub } = readJwt(idToken).claims as JWTPayload
  const now = Date.now() / 1000
  const skew = ctx.windows.clockSkewSeconds
  const wrong = Object.entries({
    iss: iss === server.issuer,
    aud: [aud].flat().includes(client.client_id),
    nonce: nonce === request.nonce,
    exp: typeof exp === 'number' && exp + skew > now,
    iat: typeof iat === 'number' && iat - skew < now,
    sub: typeof sub === 'string' && sub !== '',
  })
    .filter(([, holds]) => !holds)
    .map(([name]) => name)
  if (wrong.length === 0) return []
  return [
    {
      id: 'id-token-claims',
      message: `the ID token has the wrong ${wrong.join(', ')}`,
      expected: { iss: server.issuer, aud: client.client_id, nonce: 'the one of the request' },
      observed: wrong,
    },
  ]
}

function judgeTokens(tokens: readonly string[]): Finding[] {
  const findings: Finding[] = []
  const different = new Set(tokens).size
  if (different < tokens.length) {
    findings.push({
      id: 'tokens-repeat',
      message: 'the same token is issued twice',
      expected: `${tokens.length} different tokens`,
      observed: different,
    })
  }
  const bits = guessableBits(tokens)
  if (tokens.length > 1 && bits < LEAST_BITS) {
    findings.push({
      id: 'tokens-guessable',
      message: 'tokens are shorter, or of fewer different characters, than can be random enough',
      expected: `${LEAST_BITS} bits`,
      observed: bits,
    })
  }
  return findings
}

/** An upper bound of what one has to guess: the places in which tokens differ, by the characters that they use. */
function guessableBits(tokens: readonly string[]): number {
  const length = Math.min(...tokens.map((token) => token.length))
  const places = Array.from({ length }, (_, index) => new Set(tokens.map((token) => token[index])))
  const characters = new Set(tokens.join('')).size
  return Math.floor(places.filter(({ size }) => size > 1).length * Math.log2(characters))
}

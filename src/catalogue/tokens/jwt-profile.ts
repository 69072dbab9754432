import { refreshTokens } from '../../oauth/code-flow.js'
import { defineCheck, judge, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { CHECKS_WITH_GOOD_JWT } from '../support/jwt-checks.js'
import { readJwt, type JwtContent } from '../support/jwt.js'
import { fetchSigningKeys, isSignedWith } from '../support/signing-keys.js'

const FLOWS = 6

/** What a server needs to verify a token by itself, and to tell tokens apart. */
export const jwtProfile = defineCheck({
  id: 'tokens.jwt.profile',
  suite: 'tokens',
  title: 'JWT access tokens are signed with a published key and carry the claims of RFC 9068',
  level: 'MUST',
  source: [
    { document: 'RFC9068', clause: '2.2' },
    { document: 'RFC9068', clause: '2.1' },
    { document: 'RFC9068', clause: '2.2.3' },
    { document: 'RFC7519', clause: '4.1.7' },
  ],
  modes: ['nextcloud'],
  mutants: [
    {
      id: 'n-jwt-missing-client-id',
      // A server that follows the profile refuses such tokens, and with them every positive control.
      alsoNotTestable: CHECKS_WITH_GOOD_JWT,
    },
  ],
  async run(ctx) {
    const first = await ctx.oauth.mint('alice', { format: 'jwt', scope: 'openid profile offline_access' })
    const others = await Promise.all(
      Array.from({ length: FLOWS - 1 }, () => ctx.oauth.mint('alice', { client: first.client })),
    )
    const jwt = readJwt(first.tokens.access_token)
    const findings = [
      ...(await judgeSignature(ctx, first.server.metadata.jwks_uri, first.tokens.access_token, jwt)),
      ...judgeClaims(jwt.claims, {
        iss: first.server.issuer,
        sub: ctx.users.alice.userId,
        client_id: first.client.client_id,
      }),
    ]
    const ids = [jwt, ...others.map(({ tokens }) => readJwt(tokens.access_token))].map(
      ({ claims }) => claims['jti'],
    )
    if (new Set(ids).size < ids.length && !ids.includes(undefined)) {
      findings.push({
        id: 'jti-repeats',
        message: 'tokens of different flows have the same jti',
        expected: `${ids.length} different values`,
        observed: ids,
      })
    }
    const refreshToken = first.tokens.refresh_token
    if (refreshToken === undefined) {
      ctx.note('no refresh token was issued for offline_access; jti after a refresh was not looked at')
    } else {
      const refreshed = await refreshTokens(first.server, first.client, refreshToken, { fetch: ctx.fetch })
      ctx.secret('access_token', refreshed.access_token)
      const { jti } = readJwt(refreshed.access_token).claims
      if (jti !== undefined && jti === jwt.claims['jti']) {
        findings.push({
          id: 'jti-survives-refresh',
          message: 'a refreshed token has the jti of its predecessor',
          expected: 'another value',
          observed: jti,
        })
      }
    }
    return judge(findings, {
      header: jwt.header,
      claims: Object.keys(jwt.claims),
      flows: ids.length,
      refreshed: refreshToken !== undefined,
    })
  },
})

async function judgeSignature(
  ctx: CheckContext,
  jwksUri: string,
  token: string,
  { header }: JwtContent,
): Promise<Finding[]> {
  const findings: Finding[] = []
  const { alg, typ, kid } = header
  if (typeof alg !== 'string' || !/^(?:RS|PS|ES|Ed)/.test(alg)) {
    findings.push({
      id: 'alg-not-asymmetric',
      message: 'the token is not signed with an asymmetric algorithm',
      expected: 'RS256 or another of its kind',
      observed: alg,
    })
  }
  if (typeof typ !== 'string' || !/^(?:application\/)?at\+jwt$/i.test(typ)) {
    findings.push({
      id: 'typ-not-at-jwt',
      message: 'the header does not call the token at+jwt',
      expected: 'at+jwt',
      observed: typ,
    })
  }
  const published = await fetchSigningKeys(ctx, jwksUri)
  if (!published.keys.some((key) => key.kid === kid)) {
    findings.push({
      id: 'kid-not-published',
      message: 'the kid of the token is not in the JWKS',
      observed: kid,
    })
  }
  if (!(await isSignedWith(published, token))) {
    findings.push({ id: 'signature-not-verifiable', message: 'no published key verifies the signature' })
  }
  return findings
}

function judgeClaims(
  claims: JwtContent['claims'],
  expected: Readonly<Record<'iss' | 'sub' | 'client_id', string>>,
): Finding[] {
  const findings: Finding[] = []
  const required = ['iss', 'exp', 'aud', 'sub', 'client_id', 'iat', 'jti']
  const missing = required.filter((name) => claims[name] === undefined)
  if (missing.length > 0) {
    findings.push({
      id: 'claims-missing',
      message: `the token lacks ${missing.join(', ')}`,
      expected: required,
      observed: Object.keys(claims),
    })
  }
  const wrong = (Object.keys(expected) as (keyof typeof expected)[]).filter(
    (name) => claims[name] !== undefined && claims[name] !== expected[name],
  )
  const badTimes = ['exp', 'iat'].filter(
    (name) => claims[name] !== undefined && typeof claims[name] !== 'number',
  )
  if (wrong.length + badTimes.length > 0) {
    findings.push({
      id: 'claims-wrong',
      message: `wrong value in ${[...wrong, ...badTimes].join(', ')}`,
      expected,
      observed: Object.fromEntries([...wrong, ...badTimes].map((name) => [name, claims[name]])),
    })
  }
  if (claims['scope'] === undefined) {
    findings.push({ id: 'scope-missing', level: 'SHOULD', message: 'the token does not say its scope' })
  }
  return findings
}

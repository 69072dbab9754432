import { defineCheck, judge, NotTestableError, type Finding } from '../check.js'
import type { CheckContext } from '../context.js'
import { removeClients } from '../support/client-lifetime.js'
import { Findings } from '../support/findings.js'
import { describeAnswer, redeemCode } from '../support/token-request.js'
import { askUserinfo } from '../support/userinfo.js'

type Claims = Readonly<Record<string, unknown>>

/** Claims by the scope that asks for them: OpenID Connect Core 5.4, and Nextcloud's own two. */
const CLAIMS_BY_SCOPE = {
  profile: [
    'name',
    'family_name',
    'given_name',
    'middle_name',
    'nickname',
    'profile',
    'picture',
    'website',
    'gender',
    'birthdate',
    'zoneinfo',
    'locale',
    'updated_at',
    'quota',
  ],
  email: ['email', 'email_verified'],
  address: ['address'],
  phone: ['phone_number', 'phone_number_verified'],
  roles: ['roles'],
  groups: ['groups'],
} as const
type ScopeWord = keyof typeof CLAIMS_BY_SCOPE

/** Nextcloud puts address and phone number under `profile`. */
const ASKED_BY_PROFILE: readonly string[] = [...CLAIMS_BY_SCOPE.address, ...CLAIMS_BY_SCOPE.phone]
type LeastClaims = Readonly<Partial<Record<ScopeWord, string>>>
const SCOPES: readonly (readonly ScopeWord[])[] = [
  [],
  ['profile'],
  ['email'],
  ['roles'],
  ['groups'],
  ['profile', 'email'],
]

/** Whoever consents to a login alone has not given away name, address and groups. */
export const userinfoClaims = defineCheck({
  id: 'tokens.userinfo.claims-by-scope',
  suite: 'tokens',
  title: 'Userinfo tells of a person what the granted scope asks for, and no more',
  level: 'SHOULD',
  source: [
    { document: 'OIDC-Core', clause: '5.4' },
    { document: 'project', clause: 'roles and groups are scopes with a claim of their own' },
  ],
  modes: ['nextcloud'],
  mutants: [{ id: 'n-userinfo-overshares', alsoRed: ['authz.scope.narrowing'] }],
  async run(ctx) {
    const client = await ctx.oauth.register()
    const seen: { readonly words: readonly ScopeWord[]; readonly claims: Claims }[] = []
    // One after the other: a consent to one scope is asked for again when another is wanted.
    for (const words of SCOPES) {
      const scope = scopeOf(words)
      const answer = await redeemCode(ctx, ctx.oauth, await ctx.oauth.obtainCode('alice', { client, scope }))
      const { status, members } = await askUserinfo(ctx, ctx.oauth, answer.accessToken)
      if (status !== 200) {
        throw new NotTestableError(
          `userinfo answers ${status} to a token for ${scope} (${describeAnswer(answer)})`,
        )
      }
      seen.push({ words, claims: members })
    }
    await removeClients(ctx, [client])
    const findings = new Findings()
    for (const { words, claims } of seen) {
      const more = judgeMore(words, claims, ctx.users.alice.userId)
      for (const finding of [...more, ...judgeLess(words, claims, leastClaims(ctx))]) findings.add(finding)
    }
    return judge(
      findings.list(),
      Object.fromEntries(seen.map(({ words, claims }) => [scopeOf(words), Object.keys(claims)])),
    )
  },
})

function scopeOf(words: readonly ScopeWord[]): string {
  return ['openid', ...words].join(' ')
}

/** What a scope must bring. Whether alice has an address is not known of a Nextcloud that is not ours. */
function leastClaims({ nextcloud }: CheckContext): LeastClaims {
  const common = { profile: 'name', roles: 'roles', groups: 'groups' }
  return nextcloud.kind === 'attached' ? common : { ...common, email: 'email' }
}

function judgeMore(words: readonly ScopeWord[], claims: Claims, userId: string): Finding[] {
  const allowed = new Set<string>(words.flatMap((word) => CLAIMS_BY_SCOPE[word]))
  if (words.includes('profile')) ASKED_BY_PROFILE.forEach((claim) => allowed.add(claim))
  const others = Object.values(CLAIMS_BY_SCOPE).flat()
  const more: string[] = others.filter((claim) => claims[claim] !== undefined && !allowed.has(claim))
  // As long as it is the user id, it tells nothing that sub does not.
  const name = claims['preferred_username']
  if (name !== undefined && name !== userId && !words.includes('profile')) more.push('preferred_username')
  if (more.length === 0) return []
  return [
    {
      id: 'claims-not-asked-for',
      message: 'userinfo tells more of a person than the scope asks for',
      expected: 'the claims of the scope',
      observed: `${scopeOf(words)}: ${more.join(' ')}`,
    },
  ]
}

function judgeLess(words: readonly ScopeWord[], claims: Claims, least: LeastClaims): Finding[] {
  const missing = words.filter((word) => {
    const claim = least[word]
    return claim !== undefined && claims[claim] === undefined
  })
  if (missing.length === 0) return []
  return [
    {
      id: 'claims-missing',
      message: 'userinfo does not tell what the scope asks for',
      expected: 'the claims of the scope',
      observed: `${scopeOf(words)}: no ${missing.map((word) => least[word]).join(' ')}`,
    },
  ]
}

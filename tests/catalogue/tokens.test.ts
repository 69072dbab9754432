import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { newFindings, withRun } from './support/handle.js'

/** Checks that the default profile breaks in ways which are known. */
const DEVIATING = [
  'tokens.response.scope-when-narrowed',
  'tokens.lifetime.honest',
  'tokens.error.client-auth',
  'tokens.error.grant-type',
  'tokens.jwt.profile',
  'tokens.audience.resource',
  'tokens.resource.invalid',
  'tokens.userinfo.invalid-token',
  'tokens.introspection.contract',
]
const DEVIATING_1_9_0 = [
  'tokens.lifetime.honest',
  'tokens.error.client-auth',
  'tokens.error.grant-type',
  'tokens.jwt.profile',
  'tokens.resource.invalid',
  'tokens.refresh.binding',
  'tokens.userinfo.invalid-token',
]

describe('the tokens suite', () => {
  itJudgesTheModelCitizen('tokens', {
    ...Object.fromEntries(DEVIATING.map((id) => [id, 'known-deviation'] as const)),
    // Nextcloud registers no public clients.
    'tokens.refresh.rotation-public': 'not-applicable',
  })
  itTurnsRed([
    ['tokens.response.fields', 'nextcloud', 'n-token-cacheable', ['cacheable']],
    ['tokens.response.scope-when-narrowed', 'nextcloud', 'n-token-scope-silent', ['scope-untold']],
    [
      'tokens.lifetime.honest',
      'nextcloud',
      'n-token-outlives-expires-in',
      ['introspection-outlives-expires-in', 'userinfo-outlives-expires-in'],
    ],
    ['tokens.error.client-auth', 'nextcloud', 'n-wrong-secret-accepted', ['tokens-without-secret']],
    ['tokens.error.grant-type', 'nextcloud', 'n-password-grant-enabled', ['tokens-for-other-grant']],
    ['tokens.jwt.profile', 'nextcloud', 'n-jwt-missing-client-id', ['claims-missing']],
    ['tokens.audience.resource', 'nextcloud', 'n-resource-ignored', ['jwt-audience-other']],
    [
      'tokens.resource.invalid',
      'nextcloud',
      'n-resource-unvalidated',
      ['relative-resource-accepted', 'fragment-resource-accepted'],
    ],
    ['tokens.refresh.rotation', 'nextcloud', 'n-refresh-reusable', ['old-refresh-token-accepted']],
    [
      'tokens.refresh.rotation-public',
      'nextcloud',
      'n-refresh-not-rotated-public',
      ['refresh-token-not-rotated', 'old-refresh-token-accepted'],
    ],
    ['tokens.refresh.binding', 'nextcloud', 'n-refresh-any-client', ['foreign-client-accepted']],
    ['tokens.userinfo.subject', 'nextcloud', 'n-userinfo-sub-differs', ['sub-differs', 'sub-not-user-id']],
    ['tokens.userinfo.claims-by-scope', 'nextcloud', 'n-userinfo-overshares', ['claims-not-asked-for']],
    ['tokens.userinfo.invalid-token', 'nextcloud', 'n-userinfo-200-on-invalid', ['accepted-invalid-token']],
    [
      'tokens.introspection.contract',
      'nextcloud',
      'n-introspect-unauthenticated',
      ['answers-unauthenticated'],
    ],
    [
      'tokens.revoked-are-dead',
      'nextcloud',
      'n-revoked-still-valid',
      ['api-accepts-revoked', 'userinfo-accepts-revoked'],
    ],
    ['tokens.verify.alg-none', 'oauth', 's-accepts-alg-none', ['unsigned-accepted']],
    ['tokens.verify.hs-confusion', 'oauth', 's-hs256-public-key', ['hs256-accepted']],
    [
      'tokens.verify.foreign-key',
      'oauth',
      's-follows-jku',
      ['key-from-token-accepted', 'fetched-from-token'],
    ],
    [
      'tokens.verify.exp-nbf',
      'oauth',
      's-exp-unchecked',
      ['expired-accepted', 'exp-not-required', 'not-yet-valid-accepted'],
    ],
    ['tokens.verify.audience-exact', 'oauth', 's-aud-prefix', ['near-miss-accepted']],
    ['tokens.verify.token-type', 'oauth', 's-accepts-id-token', ['other-type-accepted']],
    [
      'tokens.verify.no-fallback-bypass',
      'oauth',
      's-fallback-overrides-failure',
      ['other-audience-rescued', 'other-issuer-rescued', 'bad-signature-rescued'],
    ],
  ])

  it('tells every kind of audience apart that a server may take for its own', async () => {
    await withRun({ mutants: ['s-aud-unchecked'], modes: ['oauth'] }, async ({ cell }) => {
      expect(newFindings(await cell('tokens.verify.audience-exact', 'oauth'))).toEqual([
        'missing-audience-accepted',
        'other-audiences-accepted',
        'near-miss-accepted',
      ])
    })
  })

  it('leaves open which other addresses of its host a server takes for its own', async () => {
    await withRun({ modes: ['oauth'] }, async ({ cell }) => {
      const { verdict, observed } = await cell('tokens.verify.audience-exact', 'oauth')
      expect(verdict).toBe('passed')
      expect(observed).toMatchObject({
        'no aud': 'refused',
        'a longer host': 'refused',
        'the origin (not judged)': 'refused',
      })
    })
  })

  it('has no deviations to report under the strict profile', { timeout: 60_000 }, async () => {
    await withRun({ profile: 'strict' }, async ({ cell }) => {
      for (const id of [...DEVIATING, 'tokens.refresh.rotation-public']) {
        const { verdict, message } = await cell(id, 'nextcloud')
        expect({ id, verdict, message }).toMatchObject({ id, verdict: 'passed' })
      }
    })
  })

  it('knows what the oldest version does', { timeout: 60_000 }, async () => {
    await withRun({ profile: 'oidc-1.9.0' }, async ({ cell }) => {
      for (const id of DEVIATING_1_9_0) {
        const { verdict, message } = await cell(id, 'nextcloud')
        expect({ id, verdict, message }).toMatchObject({ id, verdict: 'known-deviation' })
      }
      expect((await cell('tokens.introspection.contract', 'nextcloud')).verdict).toBe('not-applicable')
    })
  })

  it('shows a real ID token to a server that takes no JWTs, and says that other types were not tried', async () => {
    await withRun({ tokenFormat: 'opaque', modes: ['oauth'] }, async ({ cell }) => {
      const { verdict, observed } = await cell('tokens.verify.token-type', 'oauth')
      expect(verdict).toBe('passed')
      expect(observed).toEqual({
        'an ID token': 'refused',
        types: 'not tried: the server is not meant to accept JWTs',
      })
    })
  })

  it('takes secrets that Nextcloud does not compare for what they are at introspection, too', async () => {
    await withRun({ mutants: ['n-wrong-secret-accepted'], modes: ['oauth'] }, async ({ cell }) => {
      expect(newFindings(await cell('tokens.introspection.contract', 'nextcloud'))).toEqual([])
    })
  })
})

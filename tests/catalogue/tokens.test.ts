import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { withRun } from './support/handle.js'

describe('the tokens suite', () => {
  itJudgesTheModelCitizen('tokens', {
    'tokens.jwt.profile': 'known-deviation',
    'tokens.userinfo.invalid-token': 'known-deviation',
  })
  itTurnsRed([
    ['tokens.jwt.profile', 'nextcloud', 'n-jwt-missing-client-id', ['claims-missing']],
    ['tokens.userinfo.invalid-token', 'nextcloud', 'n-userinfo-200-on-invalid', ['accepted-invalid-token']],
    ['tokens.verify.alg-none', 'oauth', 's-accepts-alg-none', ['unsigned-accepted']],
    [
      'tokens.verify.foreign-key',
      'oauth',
      's-follows-jku',
      ['key-from-token-accepted', 'fetched-from-token'],
    ],
    ['tokens.verify.token-type', 'oauth', 's-accepts-id-token', ['other-type-accepted']],
    ['tokens.verify.hs-confusion', 'oauth', 's-hs256-public-key', ['hs256-accepted']],
    [
      'tokens.verify.exp-nbf',
      'oauth',
      's-exp-unchecked',
      ['expired-accepted', 'exp-not-required', 'not-yet-valid-accepted'],
    ],
    [
      'tokens.verify.no-fallback-bypass',
      'oauth',
      's-fallback-overrides-failure',
      ['other-audience-rescued', 'other-issuer-rescued', 'bad-signature-rescued'],
    ],
  ])

  it('has no deviations to report under the strict profile', async () => {
    await withRun({ profile: 'strict' }, async ({ cell }) => {
      expect((await cell('tokens.jwt.profile', 'nextcloud')).verdict).toBe('passed')
      expect((await cell('tokens.userinfo.invalid-token', 'nextcloud')).verdict).toBe('passed')
    })
  })
})

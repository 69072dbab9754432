import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { newFindings, withRun } from './support/handle.js'

describe('the registration suite', () => {
  itJudgesTheModelCitizen('registration', {
    'registration.error.invalid-metadata': 'known-deviation',
    'registration.redirect-uri.schemes': 'known-deviation',
    'registration.cap': 'known-deviation',
    'registration.management.read': 'known-deviation',
  })
  itTurnsRed([
    ['registration.success-fields', 'nextcloud', 'n-reg-no-secret-expiry', ['secret-expiry-missing']],
    [
      'registration.duplicate-metadata',
      'nextcloud',
      'n-reg-returns-existing',
      ['client-id-repeats', 'secret-repeats', 'registration-token-repeats'],
    ],
    [
      'registration.expiry-honest',
      'nextcloud',
      'n-reg-expiry-late',
      ['authorize-after-end', 'tokens-after-end'],
    ],
    [
      'registration.error.invalid-metadata',
      'nextcloud',
      'n-reg-accepts-no-redirect',
      ['client-without-redirect-uri'],
    ],
    [
      'registration.redirect-uri.schemes',
      'nextcloud',
      'n-reg-accepts-javascript-uri',
      ['script-uri-registered'],
    ],
    ['registration.disabled-refused', 'nextcloud', 'n-dcr-open-when-off', ['registered-while-off']],
    ['registration.cap', 'nextcloud', 'n-cap-unlimited', ['no-cap']],
    [
      'registration.throttling',
      'nextcloud',
      'n-no-throttle',
      ['registrations-not-limited', 'guessing-not-limited'],
    ],
    ['registration.management.read', 'nextcloud', 'n-mgmt-wrong-client', ['other-client']],
    ['registration.management.auth', 'nextcloud', 'n-mgmt-no-auth', ['read-without-right']],
    ['registration.management.delete', 'nextcloud', 'n-mgmt-delete-keeps-tokens', ['token-alive-at-api']],
    ['registration.store.mode-0600', 'oauth', 's-store-0644', ['client-file-open-to-others']],
    ['registration.store.reload', 'oauth', 's-always-reregister', ['registered-again']],
    ['registration.store.expired', 'oauth', 's-uses-expired-client', ['expired-client-kept']],
    [
      'registration.store.renew-while-running',
      'oauth',
      's-no-runtime-renewal',
      ['flow-after-expiry-refused', 'not-renewed'],
    ],
    ['registration.store.never-expires', 'oauth', 's-zero-means-expired', ['endless-client-replaced']],
    ['registration.store.corrupt', 'oauth', 's-crash-on-corrupt-store', ['stack-trace-in-log']],
    ['registration.store.issuer-bound', 'oauth', 's-store-cross-issuer', ['client-shown-to-other-issuer']],
    ['registration.preconfigured-wins', 'oauth', 's-dcr-despite-static', ['registered-anyway']],
    ['registration.no-way-to-register', 'oauth', 's-starts-without-client', ['starts-without-client']],
    ['registration.application-type', 'oauth', 's-no-application-type', ['application-type-missing']],
  ])

  it('registration.store.concurrent-start [oauth] turns red under s-nonatomic-store-write', async () => {
    await withRun({ mutants: ['s-nonatomic-store-write'], modes: ['oauth'] }, async ({ cell }) => {
      const result = await cell('registration.store.concurrent-start', 'oauth')
      // Whether the torn file is used again as well depends on which start wins.
      expect(newFindings(result)).toContain('file-torn')
      expect(result.verdict).toBe('warning')
    })
  })
})

import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the registration suite', () => {
  itJudgesTheModelCitizen('registration')
  itTurnsRed([
    ['registration.success-fields', 'nextcloud', 'n-reg-no-secret-expiry', ['secret-expiry-missing']],
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
    ['registration.store.concurrent-start', 'oauth', 's-nonatomic-store-write', ['file-torn']],
    ['registration.store.issuer-bound', 'oauth', 's-store-cross-issuer', ['client-shown-to-other-issuer']],
    ['registration.preconfigured-wins', 'oauth', 's-dcr-despite-static', ['registered-anyway']],
    ['registration.no-way-to-register', 'oauth', 's-starts-without-client', ['starts-without-client']],
    ['registration.application-type', 'oauth', 's-no-application-type', ['application-type-missing']],
  ])
})

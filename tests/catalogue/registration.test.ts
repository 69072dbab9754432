import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the registration suite', () => {
  itJudgesTheModelCitizen('registration')
  itTurnsRed([
    ['registration.success-fields', 'nextcloud', 'n-reg-no-secret-expiry', ['secret-expiry-missing']],
    ['registration.store.mode-0600', 'oauth', 's-store-0644', ['client-file-open-to-others']],
    ['registration.store.reload', 'oauth', 's-always-reregister', ['registered-again']],
  ])
})

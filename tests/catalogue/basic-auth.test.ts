import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the basic-auth suite', () => {
  itJudgesTheModelCitizen('basic-auth', {}, ['basic'])
  itTurnsRed([
    ['basic.acts-as-configured-user', 'basic', 's-basic-wrong-user', ['written-for-other-user']],
    ['basic.wrong-password', 'basic', 's-crash-on-401', ['server-stopped']],
    ['basic.no-credential-leak', 'basic', 's-password-in-error', ['password-in-response']],
  ])
})

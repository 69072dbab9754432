import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the resilience suite', () => {
  itJudgesTheModelCitizen('resilience')
  itTurnsRed([
    ['resilience.nextcloud-down', 'basic', 's-dies-when-nextcloud-down', ['server-stopped']],
    ['resilience.nextcloud-down', 'oauth', 's-dies-when-nextcloud-down', ['server-stopped']],
    [
      'resilience.validation-outage.fail-closed',
      'oauth',
      's-fail-open',
      ['forged-token-accepted', 'unvalidated-token-accepted'],
    ],
  ])
})

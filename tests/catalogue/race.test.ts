import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the race suite', () => {
  itJudgesTheModelCitizen('race')
  itTurnsRed([
    [
      'race.first-use.authorize',
      'nextcloud',
      'n-propagation-lag',
      ['unknown-at-authorize', 'unknown-at-registration-client-uri'],
    ],
    ['race.mitigation.wait-covers-short-lag', 'oauth', 's-no-wait-after-register', ['used-before-known']],
  ])
})

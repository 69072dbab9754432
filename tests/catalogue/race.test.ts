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
    [
      'race.probe.authorize',
      'nextcloud',
      'n-prompt-none-login-first',
      ['known-client-not-redirected', 'unknown-client-sent-to-login'],
    ],
    ['race.mitigation.wait-covers-short-lag', 'oauth', 's-no-wait-after-register', ['used-before-known']],
    [
      'race.mitigation.discovery-poll-is-no-evidence',
      'oauth',
      's-discovery-poll-only',
      ['ready-without-evidence'],
    ],
    ['race.mitigation.backoff', 'oauth', 's-hot-poll-loop', ['polls-without-pause']],
    [
      'race.parallel-registrations',
      'nextcloud',
      'n-redirect-crossover',
      ['own-redirect-uri-refused', 'redirect-uri-of-another-accepted', 'redirect-uri-of-another-answered'],
    ],
    ['race.never', 'oauth', 's-double-register', ['registered-several-times', 'several-clients-used']],
  ])
})

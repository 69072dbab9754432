import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { newFindings, withRun } from './support/handle.js'

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

  it('race.mitigation.gives-up [oauth] turns red under s-endless-propagation-wait', async () => {
    // The check waits for three of these windows.
    const options = { mutants: ['s-endless-propagation-wait'], windows: { startupTimeoutMs: 2_500 } } as const
    await withRun(options, async ({ cell }) => {
      const result = await cell('race.mitigation.gives-up', 'oauth')
      expect(newFindings(result)).toEqual(['waits-without-end'])
      expect(result.verdict).toBe('warning')
    })
  })
})

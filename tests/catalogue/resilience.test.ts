import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

const RETRIES = ['repeated-at-once', 'retry-after-ignored', 'too-many-tries'] as const

describe('the resilience suite', () => {
  itJudgesTheModelCitizen('resilience')
  itTurnsRed([
    ['resilience.nextcloud-down', 'basic', 's-dies-when-nextcloud-down', ['server-stopped']],
    ['resilience.nextcloud-down', 'oauth', 's-dies-when-nextcloud-down', ['server-stopped']],
    ['resilience.nextcloud-slow', 'basic', 's-blocks-event-loop', ['others-wait']],
    ['resilience.nextcloud-slow', 'oauth', 's-blocks-event-loop', ['others-wait']],
    ['resilience.rate-limited', 'basic', 's-429-hot-retry', RETRIES],
    ['resilience.rate-limited', 'oauth', 's-429-hot-retry', RETRIES],
    ['resilience.maintenance', 'basic', 's-html-as-result', ['failure-not-told', 'page-in-answer']],
    ['resilience.maintenance', 'oauth', 's-html-as-result', ['failure-not-told', 'page-in-answer']],
    [
      'resilience.validation-outage.fail-closed',
      'oauth',
      's-fail-open',
      ['forged-token-accepted', 'unvalidated-token-accepted'],
    ],
    ['resilience.restart', 'basic', 's-restart-rejects-tokens', ['old-session-without-404']],
    ['resilience.restart', 'oauth', 's-restart-rejects-tokens', ['old-session-without-404']],
    ['resilience.start-while-down', 'basic', 's-start-traceback', ['stopped-later', 'trace-shown']],
    ['resilience.start-while-down', 'oauth', 's-start-traceback', ['trace-shown']],
    ['resilience.token-cache-bounded', 'oauth', 's-unbounded-cache', ['memory-grows']],
    ['resilience.many-sessions', 'basic', 's-descriptor-leak-per-session', ['descriptors-leak']],
    ['resilience.many-sessions', 'oauth', 's-descriptor-leak-per-session', ['descriptors-leak']],
    ['resilience.validation-outage.not-sticky', 'oauth', 's-negative-cache-outage', ['outage-remembered']],
    ['resilience.jwks.bounded-fetch', 'oauth', 's-jwks-fetch-per-token', ['fetches-unbounded']],
  ])
  // It waits for as long as libraries may keep keys.
  itTurnsRed([['resilience.jwks.rotation', 'oauth', 's-jwks-cached-forever', ['new-key-refused']]], {
    timeout: 90_000,
  })
})

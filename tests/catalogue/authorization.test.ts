import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { withRun } from './support/handle.js'

describe('the authorization suite', () => {
  itJudgesTheModelCitizen('authorization', { 'authz.code.not-a-refresh-token': 'known-deviation' })
  itTurnsRed([
    ['authz.code-flow', 'nextcloud', 'n-code-in-fragment', ['code-in-fragment']],
    ['authz.pkce.missing-verifier', 'nextcloud', 'n-pkce-verifier-optional', ['tokens-without-verifier']],
    ['authz.redirect-uri.mismatch', 'nextcloud', 'n-open-redirect', ['redirect-to-unregistered-uri']],
    ['authz.code.single-use', 'nextcloud', 'n-code-replay', ['code-accepted-again']],
    ['authz.consent.denied', 'nextcloud', 'n-deny-issues-code', ['code-issued']],
    [
      'authz.callback.state-mismatch',
      'oauth',
      'c-state-unchecked',
      ['foreign-response-accepted', 'foreign-code-delivered'],
    ],
    [
      'authz.code.not-a-refresh-token',
      'nextcloud',
      'n-code-as-refresh-token',
      ['code-accepted-as-refresh-token'],
    ],
  ])

  it('has no deviations to report under the strict profile', async () => {
    await withRun({ profile: 'strict' }, async ({ cell }) => {
      expect((await cell('authz.code.not-a-refresh-token', 'nextcloud')).verdict).toBe('passed')
      expect((await cell('authz.consent.denied', 'nextcloud')).verdict).toBe('passed')
    })
  })

  it('reports the denial that a browser cannot deliver as a known deviation, with pictures', async () => {
    await withRun({ userAgent: 'browser' }, async ({ cell }) => {
      const result = await cell('authz.consent.denied', 'nextcloud')
      expect(result.verdict).toBe('known-deviation')
      expect(result.findings.map(({ id }) => id)).toEqual(['denial-not-delivered'])
      const pictures = result.evidence.flatMap((item) => (item.kind === 'screenshot' ? [item.name] : []))
      expect(pictures).toEqual([
        'authz.consent.denied-1-login',
        'authz.consent.denied-2-consent',
        'authz.consent.denied-3-dashboard',
      ])
    })
  }, 60_000)
})

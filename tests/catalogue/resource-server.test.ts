import { describe, expect, it } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { newFindings, withRun } from './support/handle.js'

describe('the resource-server suite', () => {
  itJudgesTheModelCitizen('resource-server')
  itTurnsRed([
    ['rs.challenge.401', 'oauth', 's-open-without-token', ['refused-without-401', 'served-without-token']],
    [
      'rs.www-authenticate.resource-metadata',
      'oauth',
      's-no-resource-metadata',
      ['resource-metadata-missing'],
    ],
    ['rs.prm.well-known-path', 'oauth', 's-prm-suffix-appended', ['not-at-well-known-path']],
    ['rs.prm.resource-identical', 'oauth', 's-prm-resource-root', ['resource-differs']],
    ['rs.token.tampered', 'oauth', 's-signature-unverified', ['altered-jwt-accepted']],
    [
      'rs.token.other-audience',
      'oauth',
      's-aud-unchecked',
      ['other-audience-accepted-opaque', 'other-audience-accepted-jwt'],
    ],
    ['rs.token.expired', 'oauth', 's-expired-accepted', ['expired-accepted-opaque']],
    ['rs.passthrough.foreign-token', 'oauth', 's-forwards-before-verify', ['refused-token-forwarded']],
    [
      'rs.session.not-authentication',
      'oauth',
      's-session-identity',
      [
        'ends-session-of-owner',
        'reads-as-session-owner',
        'stream-of-session-owner',
        'writes-as-session-owner',
      ],
    ],
    [
      'rs.isolation.users',
      'oauth',
      's-shared-client',
      ['note-changed-by-other-user', 'note-created-for-other-user', 'note-shown-to-other-user'],
    ],
    ['rs.isolation.concurrent', 'oauth', 's-global-current-user', ['data-of-other-user', 'own-data-missing']],
    ['rs.leak.responses', 'oauth', 's-token-in-error', ['token-in-response']],
    ['rs.isolation.cookies', 'oauth', 's-shared-cookie-jar', ['cookie-of-other-user']],
    ['rs.identity.only-from-token', 'oauth', 's-trusts-user-header', ['identity-from-elsewhere']],
    ['rs.upstream.refusal-is-tool-error', 'oauth', 's-upstream-401-as-empty', ['refusal-as-success']],
    ...(['basic', 'oauth'] as const).flatMap(
      (mode) =>
        [
          ['rs.session.id-quality', mode, 's-session-sequential', ['guessable']],
          ['rs.leak.logs', mode, 's-token-in-log', ['token-in-log']],
          ['rs.host.rebinding', mode, 's-host-unchecked', ['foreign-host-served']],
          ['rs.http.methods', mode, 's-get-200-json', ['get-neither-stream-nor-405']],
          ['rs.http.media-types', mode, 's-text-plain-executed', ['simple-type-executed']],
          ['rs.http.protocol-version', mode, 's-version-header-ignored', ['unknown-version-served']],
        ] as const,
    ),
    ['rs.origin.invalid', 'basic', 's-origin-unchecked', ['foreign-origin-served', 'preflight-granted']],
    ['rs.origin.invalid', 'oauth', 's-origin-unchecked', ['foreign-origin-served', 'preflight-granted']],
  ])

  it('rs.cache.not-beyond-exp [oauth] turns red under s-cache-fixed-ttl', async () => {
    const options = {
      mutants: ['s-cache-fixed-ttl'],
      modes: ['oauth'],
      windows: { clockSkewSeconds: 1 },
    } as const
    await withRun(options, async ({ cell }) => {
      const result = await cell('rs.cache.not-beyond-exp', 'oauth')
      expect(newFindings(result)).toEqual(['used-beyond-end-opaque', 'used-beyond-end-jwt'])
      expect(result.verdict).toBe('failed')
    })
  })

  it('is strict about the challenge at revision 2025-06-18', async () => {
    const options = { mutants: ['s-no-resource-metadata'], modes: ['oauth'], revision: '2025-06-18' } as const
    await withRun(options, async ({ cell }) => {
      expect((await cell('rs.www-authenticate.resource-metadata', 'oauth')).verdict).toBe('failed')
    })
  })
})

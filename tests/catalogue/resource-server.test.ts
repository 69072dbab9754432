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
      ['resource-metadata-missing', 'resource-metadata-missing-on-bad-token'],
    ],
    [
      'rs.www-authenticate.resource-metadata',
      'oauth',
      's-prm-missing-on-bad-token',
      ['resource-metadata-missing-on-bad-token'],
    ],
    ['rs.www-authenticate.error-code', 'oauth', 's-no-error-code', ['error-code-missing']],
    ['rs.www-authenticate.scope', 'oauth', 's-no-scope-hint', ['scope-missing']],
    ['rs.prm.authorization-servers', 'oauth', 's-prm-internal-issuer', ['server-metadata-not-found']],
    ['rs.prm.scopes-supported', 'oauth', 's-prm-offline-access', ['offline-access-listed']],
    ['rs.prm.bearer-methods', 'oauth', 's-prm-bearer-query', ['query-listed']],
    ['rs.token.query', 'oauth', 's-query-token', ['query-token-accepted', 'query-token-wins']],
    ['rs.token.malformed-header', 'oauth', 's-500-on-malformed', ['server-error']],
    ['rs.token.scheme-case', 'oauth', 's-scheme-case-sensitive', ['scheme-refused']],
    [
      'rs.token.wrong-scheme',
      'oauth',
      's-basic-passthrough',
      ['password-forwarded', 'wrong-scheme-accepted'],
    ],
    ['rs.token.other-issuer', 'oauth', 's-iss-unchecked', ['copy-accepted-jwt']],
    ['rs.token.other-client', 'oauth', 's-any-client-token', ['other-client-accepted-jwt']],
    ['rs.scope.insufficient', 'oauth', 's-scope-unchecked', ['done-without-scope', 'hidden-tool-callable']],
    [
      'rs.scope.resources',
      'oauth',
      's-scope-only-on-tools',
      ['hidden-resource-served', 'note-readable-as-resource'],
    ],
    ['rs.passthrough.own-token', 'oauth', 's-auth-follows-redirect', ['token-sent-elsewhere']],
    ['rs.every-request', 'oauth', 's-auth-only-initialize', ['served-without-token']],
    ['rs.cache.key-collision', 'oauth', 's-cache-key-truncated', ['own-data-missing']],
    ['rs.prm.well-known-path', 'oauth', 's-prm-suffix-appended', ['not-at-well-known-path']],
    ['rs.prm.resource-identical', 'oauth', 's-prm-resource-root', ['resource-differs']],
    ['rs.token.tampered', 'oauth', 's-signature-unverified', ['altered-jwt-accepted']],
    [
      'rs.token.other-audience',
      'oauth',
      's-aud-unchecked',
      ['other-audience-accepted-opaque', 'other-audience-accepted-jwt'],
    ],
    ['rs.token.audience-case', 'oauth', 's-aud-case-sensitive', ['upper-case-refused']],
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

  it('rs.cache.revocation-window [oauth] turns red under s-cache-ignores-revocation', async () => {
    const options = {
      mutants: ['s-cache-ignores-revocation'],
      modes: ['oauth'],
      windows: { revocationSeconds: 4 },
    } as const
    await withRun(options, async ({ cell }) => {
      const result = await cell('rs.cache.revocation-window', 'oauth')
      expect(newFindings(result)).toEqual(['revoked-accepted'])
      expect(result.verdict).toBe('warning')
    })
  })

  it('judges tokens of one format where the server is meant to accept no other', async () => {
    await withRun({ modes: ['oauth'], tokenFormat: 'jwt' }, async ({ cell }) => {
      for (const id of [
        'rs.token.other-issuer',
        'rs.token.other-client',
        'rs.scope.insufficient',
        'rs.scope.resources',
      ]) {
        expect((await cell(id, 'oauth')).verdict, id).toBe('passed')
      }
      for (const id of ['rs.cache.revocation-window', 'rs.cache.key-collision']) {
        expect((await cell(id, 'oauth')).verdict, id).toBe('not-applicable')
      }
    })
  })

  it('asks for no scope in the challenge at revision 2025-06-18', async () => {
    const options = { mutants: ['s-no-scope-hint'], modes: ['oauth'], revision: '2025-06-18' } as const
    await withRun(options, async ({ cell }) => {
      expect((await cell('rs.www-authenticate.scope', 'oauth')).verdict).toBe('not-applicable')
      expect((await cell('rs.scope.insufficient', 'oauth')).verdict).toBe('passed')
    })
  })

  it('tries resources that are not listed, and gets them with the scope that a refusal names', async () => {
    await withRun({ mutants: ['s-oauth-no-resources'], modes: ['oauth'] }, async ({ cell }) => {
      const { verdict, observed } = await cell('rs.scope.resources', 'oauth')
      expect(verdict).toBe('passed')
      expect(observed).toEqual({
        'a note': 'refused with 403',
        'a note with openid profile email notes.read': 'served',
      })
    })
  })

  it.each(['s-no-resource-metadata', 's-prm-missing-on-bad-token'] as const)(
    'is strict about the challenge at revision 2025-06-18: %s',
    async (mutant) => {
      const options = { mutants: [mutant], modes: ['oauth'], revision: '2025-06-18' } as const
      await withRun(options, async ({ cell }) => {
        expect((await cell('rs.www-authenticate.resource-metadata', 'oauth')).verdict).toBe('failed')
      })
    },
  )
})

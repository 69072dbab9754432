import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { startEmbeddedNextcloud } from '../../src/nextcloud/embedded/index.js'
import type { SystemConfig } from '../../src/nextcloud/embedded/system-config.js'
import type { TargetSource } from '../../src/stack.js'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'
import { newFindings, withRun } from './support/handle.js'

describe('the discovery suite', () => {
  itJudgesTheModelCitizen('discovery', { 'discovery.rfc8414-document': 'not-applicable' })
  itTurnsRed([
    ['discovery.oidc-document', 'nextcloud', 'n-discovery-html', ['not-json', 'not-an-object']],
    ['discovery.rfc8414-document', 'nextcloud', 'n-8414-diverges', ['endpoint-differs']],
    ['discovery.issuer-match', 'nextcloud', 'n-issuer-trailing-slash', ['issuer-differs']],
    [
      'discovery.issuer-not-host-controlled',
      'nextcloud',
      'n-issuer-from-forwarded-host',
      ['issuer-from-forwarded-host'],
    ],
    ['discovery.required-fields', 'nextcloud', 'n-discovery-no-jwks-uri', ['member-missing']],
    ['discovery.endpoints-live', 'nextcloud', 'n-userinfo-url-wrong', ['endpoint-not-found']],
    ['discovery.pkce-s256', 'nextcloud', 'n-pkce-not-advertised', ['s256-not-announced']],
    [
      'discovery.registration-endpoint.enabled',
      'nextcloud',
      'n-dcr-endpoint-hidden',
      ['registration-endpoint-missing'],
    ],
    [
      'discovery.registration-endpoint.disabled',
      'nextcloud',
      'n-dcr-advertised-when-off',
      ['advertised-when-unset', 'advertised-when-false'],
    ],
    [
      'discovery.registration-endpoint.wrong-key',
      'nextcloud',
      'n-dcr-wrong-key-honoured',
      ['wrong-key-advertises', 'wrong-key-registers'],
    ],
    ['discovery.jwks.shape', 'nextcloud', 'n-jwks-private-member', ['private-member-published']],
    [
      'discovery.server-follows-document',
      'oauth',
      's-hardcoded-userinfo-path',
      ['endpoint-not-from-document'],
    ],
    ['discovery.server-rejects-wrong-issuer', 'oauth', 's-issuer-unchecked', ['wrong-issuer-used']],
  ])

  it.each([
    ['oidc-2.0.9', '2025-06-18', 'known-deviation'],
    ['strict', '2025-06-18', 'passed'],
    ['strict', '2025-11-25', 'passed'],
  ] as const)('wants the RFC 8414 document on %s at %s: %s', async (profile, revision, verdict) => {
    await withRun({ profile, revision, modes: ['oauth'] }, async ({ cell }) => {
      expect((await cell('discovery.rfc8414-document', 'nextcloud')).verdict).toBe(verdict)
    })
  })

  it.each<[string, SystemConfig, readonly string[]]>([
    ['knows its names', { trusted_domains: ['127.0.0.1'] }, []],
    ['trusts every name', { trusted_domains: ['*'] }, ['issuer-from-foreign-host']],
    ['has a fixed name', { overwritehost: '127.0.0.1:1' }, []],
  ])('judges the issuer of an instance that %s', async (_, systemConfig, findings) => {
    await using nextcloud = await startEmbeddedNextcloud()
    const attached = { url: nextcloud.baseUrl, users: nextcloud.users }
    await withRun({ attached, modes: ['oauth'] }, async ({ cell }) => {
      nextcloud.context.system = { ...nextcloud.context.system, ...systemConfig }
      const result = await cell('discovery.issuer-not-host-controlled', 'nextcloud')
      expect({ findings: newFindings(result), message: result.message }).toMatchObject({ findings })
    })
  })

  it('finds nothing on a server that looks for its issuer late, and asks userinfo alone', async () => {
    await withRun({ modes: ['oauth'], targets: { oauth: lazyServer() } }, async ({ cell }) => {
      for (const id of ['discovery.server-follows-document', 'discovery.server-rejects-wrong-issuer']) {
        const { verdict, message } = await cell(id, 'oauth')
        expect({ id, verdict, message }).toMatchObject({ id, verdict: 'passed' })
      }
    })
  })

  it('finds one that leaves the issuer unchecked', async () => {
    await withRun({ modes: ['oauth'], targets: { oauth: lazyServer('careless') } }, async ({ cell }) => {
      const result = await cell('discovery.server-rejects-wrong-issuer', 'oauth')
      expect(newFindings(result)).toEqual(['wrong-issuer-used'])
    })
  })
})

function lazyServer(argument = ''): TargetSource {
  const script = fileURLToPath(new URL('support/lazy-server.mjs', import.meta.url))
  return { kind: 'command', command: `exec node '${script}' ${argument}` }
}

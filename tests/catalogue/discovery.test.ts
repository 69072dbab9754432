import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

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
})

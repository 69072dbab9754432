import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the discovery suite', () => {
  itJudgesTheModelCitizen('discovery')
  itTurnsRed([
    ['discovery.issuer-match', 'nextcloud', 'n-issuer-trailing-slash', ['issuer-differs']],
    ['discovery.pkce-s256', 'nextcloud', 'n-pkce-not-advertised', ['s256-not-announced']],
    [
      'discovery.registration-endpoint.enabled',
      'nextcloud',
      'n-dcr-endpoint-hidden',
      ['registration-endpoint-missing'],
    ],
  ])
})

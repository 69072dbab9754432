import { describe } from 'vitest'
import { itJudgesTheModelCitizen, itTurnsRed } from './support/cases.js'

describe('the basic-auth suite', () => {
  itJudgesTheModelCitizen('basic-auth', {}, ['basic'])
  itTurnsRed([
    ['basic.no-authorization-needed', 'basic', 's-basic-demands-token', ['authorization-demanded']],
    ['basic.acts-as-configured-user', 'basic', 's-basic-wrong-user', ['written-for-other-user']],
    ['basic.acts-as-configured-user', 'basic', 's-login-name-in-paths', ['not-in-canonical-space']],
    ['basic.wrong-password', 'basic', 's-crash-on-401', ['server-stopped']],
    ['basic.no-credential-leak', 'basic', 's-password-in-error', ['password-in-response']],
    ['basic.no-oauth-metadata', 'basic', 's-prm-in-basic', ['metadata-served']],
    [
      'basic.ignores-client-credentials',
      'basic',
      's-basic-forwards-authorization',
      ['acts-as-other-user', 'client-credentials-forwarded'],
    ],
    ['basic.env.missing', 'basic', 's-starts-half-configured', ['starts-half-configured']],
    ['basic.local-bind', 'basic', 's-binds-all-interfaces', ['reachable-from-outside']],
  ])
})

import { expect, test } from 'vitest'
import { CHECKS } from '../../src/catalogue/index.js'
import { verdictsUnder } from '../../src/engine/catalogue-verdicts.js'
import type { ProfileName } from '../../src/nextcloud/embedded/profiles.js'

const EXPECTABLE = new Set(['known-deviation', 'not-applicable'])

/** Everything of the catalogue that has not passed, as `check [mode]` to verdict; what is never expected says why. */
async function notPassed(profile: ProfileName): Promise<Record<string, string>> {
  const cells = CHECKS.flatMap(({ id, modes }) => modes.map((mode) => ({ check: id, mode })))
  const verdicts = await verdictsUnder([], profile, cells)
  expect(verdicts.length).toBe(cells.length)
  return Object.fromEntries(
    verdicts
      .filter(({ verdict }) => verdict !== 'passed')
      .map(({ check, mode, verdict, message }) => [
        `${check} [${mode}]`,
        EXPECTABLE.has(verdict) ? verdict : `${verdict}: ${message}`,
      ]),
  )
}

test('on the strict profile every check passes', async () => {
  expect(await notPassed('strict')).toEqual({})
}, 240_000)

test('on oidc 1.9.0 exactly its known deviations show, and exactly its known limits keep checks from applying', async () => {
  expect(await notPassed('oidc-1.9.0')).toEqual({
    'authz.code.lifetime [nextcloud]': 'known-deviation',
    'authz.code.not-a-refresh-token [nextcloud]': 'known-deviation',
    'authz.code.redirect-uri-bound [nextcloud]': 'known-deviation',
    'authz.code.single-use [nextcloud]': 'known-deviation',
    'authz.code.wrong-client [nextcloud]': 'known-deviation',
    'authz.consent.denied [nextcloud]': 'not-applicable',
    'authz.error.redirect [nextcloud]': 'known-deviation',
    'authz.iss.response [nextcloud]': 'not-applicable',
    'authz.pkce.downgrade [nextcloud]': 'known-deviation',
    'authz.pkce.missing-verifier [nextcloud]': 'known-deviation',
    'authz.pkce.plain [nextcloud]': 'known-deviation',
    'authz.pkce.required [nextcloud]': 'known-deviation',
    'authz.pkce.wrong-verifier [nextcloud]': 'known-deviation',
    'authz.prompt.login [nextcloud]': 'known-deviation',
    'authz.prompt.none [nextcloud]': 'known-deviation',
    'authz.scope.narrowing [nextcloud]': 'not-applicable',
    'authz.state.echo [nextcloud]': 'known-deviation',
    'discovery.pkce-s256 [nextcloud]': 'known-deviation',
    'discovery.rfc8414-document [nextcloud]': 'not-applicable',
    'race.first-use.authorize [nextcloud]': 'not-applicable',
    'race.mitigation.discovery-poll-is-no-evidence [oauth]': 'not-applicable',
    'race.mitigation.wait-covers-short-lag [oauth]': 'not-applicable',
    'race.parallel-registrations [nextcloud]': 'not-applicable',
    'race.probe.authorize [nextcloud]': 'not-applicable',
    'registration.cap [nextcloud]': 'known-deviation',
    'registration.error.invalid-metadata [nextcloud]': 'known-deviation',
    'registration.expiry-honest [nextcloud]': 'known-deviation',
    'registration.management.auth [nextcloud]': 'not-applicable',
    'registration.management.delete [nextcloud]': 'not-applicable',
    'registration.management.read [nextcloud]': 'not-applicable',
    'registration.redirect-uri.schemes [nextcloud]': 'known-deviation',
    'rs.passthrough.foreign-token [oauth]': 'not-applicable',
    'rs.scope.insufficient [oauth]': 'not-applicable',
    'rs.scope.resources [oauth]': 'not-applicable',
    'rs.token.other-audience [oauth]': 'known-deviation',
    'rs.token.other-client [oauth]': 'known-deviation',
    'tokens.error.client-auth [nextcloud]': 'known-deviation',
    'tokens.error.grant-type [nextcloud]': 'known-deviation',
    'tokens.introspection.contract [nextcloud]': 'not-applicable',
    'tokens.jwt.profile [nextcloud]': 'known-deviation',
    'tokens.lifetime.honest [nextcloud]': 'known-deviation',
    'tokens.refresh.binding [nextcloud]': 'known-deviation',
    'tokens.refresh.rotation-public [nextcloud]': 'not-applicable',
    'tokens.resource.invalid [nextcloud]': 'known-deviation',
    'tokens.response.scope-when-narrowed [nextcloud]': 'not-applicable',
    'tokens.revoked-are-dead [nextcloud]': 'not-applicable',
    'tokens.userinfo.invalid-token [nextcloud]': 'known-deviation',
  })
}, 240_000)

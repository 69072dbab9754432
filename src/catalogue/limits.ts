import type { ProfileName } from '../nextcloud/embedded/profiles.js'

/** What an app version does not have, so that a check which needs it does not apply there. */
export interface KnownLimit {
  readonly check: string
  readonly profiles: readonly ProfileName[]
  /** What is missing and why nothing can be judged without it. */
  readonly reason: string
  /** Recording that shows it. */
  readonly recording: string
}

export const KNOWN_LIMITS: readonly KnownLimit[] = [
  {
    check: 'authz.consent.denied',
    profiles: ['oidc-1.9.0'],
    reason: 'this version never asks for consent, so nothing can be denied',
    recording: 'oidc-1.9.0/05-consent',
  },
  ...(['read', 'auth', 'delete'] as const).map((what): KnownLimit => ({
    check: `registration.management.${what}`,
    profiles: ['oidc-1.9.0'],
    reason: 'this version has no client configuration endpoint, so that clients cannot be managed',
    recording: 'oidc-1.9.0/02-registration',
  })),
  {
    check: 'authz.scope.narrowing',
    profiles: ['oidc-1.9.0'],
    reason: 'registration of this version knows no scope, so a client cannot be limited to any',
    recording: 'oidc-1.9.0/02-registration',
  },
  {
    check: 'race.first-use.authorize',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version has no client configuration endpoint and answers prompt=none with its login page, so no single request shows whether a client is known',
    recording: 'oidc-1.9.0/04-authorize-errors',
  },
  {
    check: 'race.probe.authorize',
    profiles: ['oidc-1.9.0'],
    reason: 'this version answers prompt=none with its login page, whether it knows the client or not',
    recording: 'oidc-1.9.0/04-authorize-errors',
  },
  {
    check: 'race.parallel-registrations',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version answers prompt=none with its login page, so that nothing tells which redirect URI a client has',
    recording: 'oidc-1.9.0/04-authorize-errors',
  },
  {
    check: 'race.mitigation.discovery-poll-is-no-evidence',
    profiles: ['oidc-1.9.0'],
    reason: 'this version has no endpoint at which a server could see, or use, its own client',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
  {
    check: 'race.mitigation.wait-covers-short-lag',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version has neither a client configuration endpoint to wait at nor an introspection endpoint to use the client of a server at',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
  {
    check: 'tokens.response.scope-when-narrowed',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version registers no scope with a client and asks for no consent, so scope is never narrowed',
    recording: 'oidc-1.9.0/02-registration',
  },
  {
    check: 'tokens.introspection.contract',
    profiles: ['oidc-1.9.0'],
    reason: 'this version has no introspection endpoint',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
  {
    check: 'tokens.revoked-are-dead',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version keeps no consents and has no client configuration endpoint, so a user or a client can revoke nothing',
    recording: 'oidc-1.9.0/05-consent',
  },
  {
    check: 'rs.passthrough.foreign-token',
    profiles: ['oidc-1.9.0'],
    reason: 'opaque tokens of this version have no audience, so one for another resource is good here, too',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
]

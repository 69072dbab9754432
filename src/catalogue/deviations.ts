import type { ProfileName } from '../nextcloud/embedded/profiles.js'
import type { UserAgent } from '../user-agent/user-agent.js'

/** One way in which a Nextcloud app version is known to break a rule: reported as such, never as a failure. */
export interface KnownDeviation {
  readonly check: string
  /** Finding id of that check. */
  readonly finding: string
  readonly profiles: readonly ProfileName[]
  /** Only seen with this user agent. Default: with any. */
  readonly userAgent?: UserAgent['kind']
  /** What the app does. */
  readonly title: string
  /** What it means for an MCP server or its users. */
  readonly effect: string
  /** Recording that shows it. */
  readonly recording: string
}

export const KNOWN_DEVIATIONS: readonly KnownDeviation[] = [
  {
    check: 'authz.code.not-a-refresh-token',
    finding: 'code-accepted-as-refresh-token',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'An unused authorization code is accepted as refresh_token, without its code_verifier',
    effect: 'PKCE does not protect an intercepted code: redeem codes at once and keep redirect URIs private.',
    recording: 'measured-nextcloud-32, finding 31',
  },
  {
    check: 'authz.consent.denied',
    finding: 'denial-not-delivered',
    profiles: ['oidc-2.0.9'],
    userAgent: 'browser',
    title: "In a browser the denial never reaches the client: the consent page's own CSP blocks the redirect",
    effect:
      'A client waits until its own timeout when a user presses Deny; keep that timeout short and say why.',
    recording: 'measured-nextcloud-32, the consent page in a real browser',
  },
  {
    check: 'tokens.userinfo.invalid-token',
    finding: 'refusal-without-challenge',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title:
      'Userinfo refuses with 400 invalid_request and without WWW-Authenticate instead of 401 invalid_token',
    effect: 'A server must treat 400 and 401 of userinfo alike as an invalid token, but never a 5xx.',
    recording: 'oidc-2.0.9/06-userinfo-introspection',
  },
  {
    check: 'tokens.jwt.profile',
    finding: 'jti-survives-refresh',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'The jti of a JWT access token is a row id: a refreshed token carries the jti of its predecessor',
    effect: 'jti cannot be used to tell tokens apart or to list revoked ones; use a hash of the token.',
    recording: 'oidc-2.0.9/18-refresh',
  },
  {
    check: 'discovery.pkce-s256',
    finding: 's256-not-announced',
    profiles: ['oidc-1.9.0'],
    title: 'PKCE is not known, so the discovery document does not announce S256',
    effect:
      'MCP clients must refuse such a server; a patch that only announces S256 lets them in without protecting them.',
    recording: 'oidc-1.9.0/01-discovery',
  },
  {
    check: 'authz.pkce.missing-verifier',
    finding: 'tokens-without-verifier',
    profiles: ['oidc-1.9.0'],
    title: 'PKCE parameters are ignored: any code_verifier is accepted, and none',
    effect:
      'Whoever sees a code and the client secret can redeem it: keep redirect URIs on loopback or https.',
    recording: 'oidc-1.9.0/03-login-consent-code',
  },
  {
    check: 'authz.code.single-use',
    finding: 'other-error',
    profiles: ['oidc-1.9.0'],
    title: 'A used or unknown code is refused with invalid_request instead of invalid_grant',
    effect:
      'A client must start a new login on either error; it cannot tell a bad request from a spent code.',
    recording: 'oidc-1.9.0/03-login-consent-code',
  },
  {
    check: 'authz.code.single-use',
    finding: 'tokens-survive-reuse',
    profiles: ['oidc-1.9.0'],
    title: 'The tokens of the first use of a code stay alive when the code is used again',
    effect:
      'A stolen code that was redeemed first is not noticed: the thief keeps the tokens until they expire.',
    recording: 'oidc-1.9.0/03-login-consent-code',
  },
  {
    check: 'rs.token.other-audience',
    finding: 'other-audience-accepted-opaque',
    profiles: ['oidc-1.9.0'],
    title: 'Opaque tokens carry no audience, and there is no introspection to ask for it',
    effect:
      'A server can refuse all opaque tokens or accept those of every client of this Nextcloud; only JWTs can be told apart.',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
  {
    check: 'rs.token.other-client',
    finding: 'other-client-accepted-opaque',
    profiles: ['oidc-1.9.0'],
    title: 'Opaque tokens do not tell for which client or resource they were issued, and nobody can be asked',
    effect:
      'A server that takes opaque tokens here takes those of every client of this Nextcloud: give its clients JWTs.',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
]

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
  {
    check: 'race.first-use.authorize',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version has no client configuration endpoint and answers prompt=none with its login page, so no single request shows whether a client is known',
    recording: 'oidc-1.9.0/04-authorize-errors',
  },
  {
    check: 'race.mitigation.wait-covers-short-lag',
    profiles: ['oidc-1.9.0'],
    reason:
      'this version has neither a client configuration endpoint to wait at nor an introspection endpoint to use the client of a server at',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
  {
    check: 'rs.passthrough.foreign-token',
    profiles: ['oidc-1.9.0'],
    reason: 'opaque tokens of this version have no audience, so one for another resource is good here, too',
    recording: 'oidc-1.9.0/06-userinfo-introspection',
  },
]

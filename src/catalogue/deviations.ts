import { authorizationDeviations } from './authorization/deviations.js'
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
  ...authorizationDeviations,
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
    check: 'tokens.response.scope-when-narrowed',
    finding: 'scope-untold',
    profiles: ['oidc-2.0.9'],
    title: 'Token responses never tell the scope, whether it is the one that was asked for or not',
    effect: 'Read the granted scope from introspection or userinfo, never from the request.',
    recording: 'oidc-2.0.9/18-refresh',
  },
  {
    check: 'tokens.lifetime.honest',
    finding: 'userinfo-outlives-expires-in',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'Access tokens are honoured for twice expires_in: their time is counted from their announced end',
    effect: 'A 200 of userinfo does not mean that a token is within its time: trust exp and expires_in.',
    recording: 'measured-nextcloud-32, finding 14',
  },
  {
    check: 'tokens.lifetime.honest',
    finding: 'introspection-outlives-expires-in',
    profiles: ['oidc-2.0.9'],
    title: 'Introspection calls access tokens active for twice expires_in',
    effect:
      'A server that asks introspection accepts opaque tokens for twice the time that clients were told.',
    recording: 'measured-nextcloud-32, finding 14',
  },
  {
    check: 'tokens.lifetime.honest',
    finding: 'introspection-exp-late',
    profiles: ['oidc-2.0.9'],
    title:
      'The exp of introspection lies one expires_in behind the end that clients are told, and that JWTs name',
    effect:
      'Do not cache an opaque token until the exp of introspection when it must end with its JWT siblings.',
    recording: 'oidc-2.0.9/06-userinfo-introspection',
  },
  {
    check: 'tokens.error.client-auth',
    finding: 'basic-refused-without-challenge',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title:
      'A failed client authentication by HTTP Basic is answered without a challenge, since 2.0.9 with 400',
    effect:
      'A client cannot learn from the answer that its way of authentication was understood: treat 400 and 401 alike.',
    recording: 'measured-nextcloud-32, finding 11',
  },
  {
    check: 'tokens.error.client-auth',
    finding: 'other-error',
    profiles: ['oidc-1.9.0'],
    title:
      'Nextcloud takes client credentials by Basic for a login and refuses them with 401 and an empty message; of an unknown client it says invalid_client',
    effect: 'Every failed attempt counts as a failed login of the address: authenticate clients in the body.',
    recording: 'nextcloud-oidc, section 8',
  },
  {
    check: 'tokens.error.grant-type',
    finding: 'other-error',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'An unsupported grant is refused with invalid_grant instead of unsupported_grant_type',
    effect:
      'invalid_grant does not always mean that a login must be started anew; it may be a wrong request.',
    recording: 'oidc-2.0.9/03-login-consent-code',
  },
  {
    check: 'tokens.audience.resource',
    finding: 'introspection-audience-other',
    profiles: ['oidc-2.0.9'],
    title: 'Introspection names the client as aud, whatever resource the token is for',
    effect:
      'Do not read aud of introspection. Register with resource_url: that client is told active of tokens for its resource alone.',
    recording: 'measured-nextcloud-32, finding 32',
  },
  {
    check: 'tokens.resource.invalid',
    finding: 'relative-resource-accepted',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'Any text is accepted as resource and becomes the audience',
    effect:
      'Compare the audience with the own resource identifier as a whole: only scheme and host may differ, in their case.',
    recording: 'nextcloud-oidc, section 13',
  },
  {
    check: 'tokens.resource.invalid',
    finding: 'fragment-resource-accepted',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'A resource with a fragment is accepted and becomes the audience, fragment and all',
    effect: 'Do not parse the audience as a URL and compare its parts: the fragment would be lost.',
    recording: 'nextcloud-oidc, section 13',
  },
  {
    check: 'tokens.refresh.binding',
    finding: 'other-error',
    profiles: ['oidc-1.9.0'],
    title:
      "A refresh token that is unknown or another client's is refused with invalid_request or invalid_client",
    effect: 'A client must start a new login on any of the three errors, not on invalid_grant alone.',
    recording: 'oidc-1.9.0/18-refresh',
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
    check: 'tokens.introspection.contract',
    finding: 'refusal-without-challenge',
    profiles: ['oidc-2.0.9'],
    title: 'A 401 of introspection has no WWW-Authenticate',
    effect:
      'HTTP libraries that wait for a challenge before they send credentials fail: send them at once, in the body.',
    recording: 'oidc-2.0.9/06-userinfo-introspection',
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
    check: 'registration.expiry-honest',
    finding: 'other-refusal',
    profiles: ['oidc-1.9.0'],
    title: 'The token endpoint refuses an expired client with invalid_request instead of invalid_client',
    effect: 'A server must register anew on any refusal at the end of its client, whatever the error says.',
    recording: 'oidc-1.9.0/11-expiry',
  },
  {
    check: 'registration.error.invalid-metadata',
    finding: 'other-error-code',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'Refusals have error codes of their own, e.g. no_redirect_uris_provided',
    effect: 'A server must treat any 4xx of the registration endpoint as a refusal and show its description.',
    recording: 'oidc-2.0.9/02-registration',
  },
  {
    check: 'registration.error.invalid-metadata',
    finding: 'server-error',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'redirect_uris sent as a string ends in a 500 page',
    effect: 'A server must not take a 5xx of the registration endpoint for an outage that passes by itself.',
    recording: 'oidc-2.0.9/02-registration',
  },
  ...(
    [
      ['script-uri-registered', 'javascript: and data: URIs are registered as redirect URIs'],
      ['plain-http-registered', 'Plain http redirect URIs of any host are registered'],
      ['fragment-registered', 'Redirect URIs with a fragment are registered'],
      ['wildcard-registered', 'Redirect URIs with wildcards are registered'],
      ['malformed-uri-registered', 'Texts that are no URI are registered as redirect URIs'],
    ] as const
  ).map(([finding, title]): KnownDeviation => ({
    check: 'registration.redirect-uri.schemes',
    finding,
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title,
    effect:
      'Anybody can have codes sent anywhere: keep registration off where it is not needed, register exact URIs.',
    recording: 'oidc-2.0.9/02-registration',
  })),
  {
    check: 'registration.cap',
    finding: 'no-cap',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'On SQLite the limit of 100 dynamic clients is not kept',
    effect: 'None for a server; anybody can fill the table until the clients expire.',
    recording: 'measured-nextcloud-32, finding 22',
  },
  {
    check: 'registration.cap',
    finding: 'other-limit',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'On MariaDB registrations are refused when more than 100 clients are alive, so that 101 fit',
    effect: 'None for a server.',
    recording: 'measured-nextcloud-32, finding 22',
  },
  {
    check: 'registration.management.read',
    finding: 'registration-token-missing',
    profiles: ['oidc-2.0.9'],
    title: 'Reading a registration does not return the registration access token',
    effect: 'A server must keep the token that its registration came with.',
    recording: 'oidc-2.0.9/02-registration',
  },
  {
    check: 'discovery.rfc8414-document',
    finding: 'document-absent',
    profiles: ['oidc-2.0.9', 'oidc-1.9.0'],
    title: 'There is no RFC 8414 document: /.well-known/oauth-authorization-server is 404',
    effect:
      'Clients of revision 2025-06-18 find nothing; a server can serve that document itself, or ask for clients of 2025-11-25.',
    recording: 'oidc-2.0.9/01-discovery',
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

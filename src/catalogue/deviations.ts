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
    profiles: ['oidc-2.0.9'],
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
    profiles: ['oidc-2.0.9'],
    title:
      'Userinfo refuses with 400 invalid_request and without WWW-Authenticate instead of 401 invalid_token',
    effect: 'A server must treat 400 and 401 of userinfo alike as an invalid token, but never a 5xx.',
    recording: 'oidc-2.0.9/06-userinfo-introspection',
  },
  {
    check: 'tokens.jwt.profile',
    finding: 'jti-survives-refresh',
    profiles: ['oidc-2.0.9'],
    title: 'The jti of a JWT access token is a row id: a refreshed token carries the jti of its predecessor',
    effect: 'jti cannot be used to tell tokens apart or to list revoked ones; use a hash of the token.',
    recording: 'oidc-2.0.9/18-refresh',
  },
]

/**
 * Where oidc versions differ on the wire, as switches that handlers read. `true` means the deviating
 * behaviour. A handler never asks for a profile by name.
 */
export interface ProfileQuirks {
  /** An unused authorization code is accepted as refresh_token (bypasses PKCE). */
  readonly codeAcceptedAsRefreshToken: boolean
  /** Userinfo refuses with 400 `invalid_request` and no challenge instead of 401 with WWW-Authenticate. */
  readonly userinfoRefusesWith400: boolean
  /** The `jti` of a JWT access token is the row id and survives a refresh. */
  readonly jtiSurvivesRefresh: boolean
  /** Denied consent in a browser ends at the dashboard: the page's CSP blocks the way to the client. */
  readonly denialLostInBrowser: boolean
  /** Some malformed input ends in Nextcloud's own 500 (recorded) instead of a 4xx. */
  readonly badInputIs500: boolean
}

export interface Profile {
  readonly name: ProfileName
  readonly nextcloudVersion: string
  readonly apps: Readonly<Record<string, string>>
  readonly quirks: ProfileQuirks
}

export const PROFILE_NAMES = ['oidc-2.0.9', 'strict'] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

const APPS = { oidc: '2.0.9', user_oidc: '8.10.1', notes: '4.13.1', tables: '1.0.3', deck: '1.16.3' }

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'oidc-2.0.9': {
    name: 'oidc-2.0.9',
    nextcloudVersion: '32.0.2',
    apps: APPS,
    quirks: {
      codeAcceptedAsRefreshToken: true,
      userinfoRefusesWith400: true,
      jtiSurvivesRefresh: true,
      denialLostInBrowser: true,
      badInputIs500: true,
    },
  },
  strict: {
    name: 'strict',
    nextcloudVersion: '32.0.2',
    apps: APPS,
    quirks: {
      codeAcceptedAsRefreshToken: false,
      userinfoRefusesWith400: false,
      jtiSurvivesRefresh: false,
      denialLostInBrowser: false,
      badInputIs500: false,
    },
  },
}

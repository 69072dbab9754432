import { QUIRKS_1_9_0, QUIRKS_2_0_9, QUIRKS_STRICT, type ProfileQuirks } from './profile-quirks.js'

export type { ProfileQuirks } from './profile-quirks.js'

export interface Profile {
  readonly name: ProfileName
  readonly nextcloudVersion: string
  readonly apps: Readonly<Record<string, string>>
  readonly quirks: ProfileQuirks
}

export const PROFILE_NAMES = ['oidc-2.0.9', 'oidc-1.9.0', 'strict'] as const
export type ProfileName = (typeof PROFILE_NAMES)[number]

/** What is current among the recorded ones. */
export const DEFAULT_PROFILE: ProfileName = 'oidc-2.0.9'

const APPS = { oidc: '2.0.9', user_oidc: '8.10.1', notes: '4.13.1', tables: '1.0.3', deck: '1.16.3' }

export const PROFILES: Readonly<Record<ProfileName, Profile>> = {
  'oidc-2.0.9': { name: 'oidc-2.0.9', nextcloudVersion: '32.0.2', apps: APPS, quirks: QUIRKS_2_0_9 },
  'oidc-1.9.0': {
    name: 'oidc-1.9.0',
    nextcloudVersion: '32.0.2',
    apps: { ...APPS, oidc: '1.9.0' },
    quirks: QUIRKS_1_9_0,
  },
  strict: { name: 'strict', nextcloudVersion: '32.0.2', apps: APPS, quirks: QUIRKS_STRICT },
}

export interface Exclusion {
  /** Recordings it applies to: `<profile>/<file>`. */
  readonly file: RegExp
  /** Names of steps. */
  readonly step: RegExp
  /** Paths of differences, see `Difference.path`. */
  readonly path: RegExp
  readonly reason: string
}

const ABSENT_APPS = [
  'activity',
  'circles',
  'ocm',
  'downloadlimit',
  'files_sharing',
  'notifications',
  'recommendations',
  'systemtags',
  'user_status',
  'weather_status',
]

/** Every known difference between the embedded Nextcloud and the recordings. One that matches nothing is an error. */
export const EXCLUSIONS: readonly Exclusion[] = [
  {
    file: /^oidc-2\.0\.9\/17-/,
    step: /^propfind malformed xml$/,
    path: /^body$/,
    reason: "the message is the words of PHP's XML parser",
  },
  ...ABSENT_APPS.map((app) => ({
    file: /^oidc-[\d.]+\/0[78]-/,
    step: /capabilities$/,
    path: new RegExp(`^body\\.ocs\\.data\\.capabilities\\.${app}$`),
    reason: `capabilities of ${app}, which the embedded Nextcloud has nothing of`,
  })),
  {
    file: /^oidc-2\.0\.9\/0[78]-/,
    step: /capabilities$/,
    path: /^body\.ocs\.data\.capabilities\.(?:tables|deck)$/,
    reason: 'Tables and Deck were installed after these recordings, for 13 and 14',
  },
  {
    file: /^oidc-2\.0\.9\/16-/,
    step: /^app password on ocs$/,
    path: /^body\.ocs\.data\.quota\.used$/,
    reason: 'bytes that the recorded user had stored in earlier scenarios',
  },
]

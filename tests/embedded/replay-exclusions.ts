export interface Exclusion {
  /** Recordings it applies to. */
  readonly file: RegExp
  /** Names of steps. */
  readonly step: RegExp
  /** Paths of differences, see `Difference.path`. */
  readonly path: RegExp
  readonly reason: string
}

/** Every known difference between the embedded Nextcloud and the recordings. One that matches nothing is an error. */
export const EXCLUSIONS: readonly Exclusion[] = [
  {
    file: /^0[78]-/,
    step: /capabilities$/,
    path: new RegExp(
      '^body\\.ocs\\.data\\.capabilities\\.(files|activity|circles|ocm|downloadlimit|files_sharing|notifications|' +
        'recommendations|systemtags|user_status|weather_status)$',
    ),
    reason: 'capabilities of apps that the embedded Nextcloud has nothing of',
  },
]

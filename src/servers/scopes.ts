/** What tools and resources work on; the names are those of other Nextcloud MCP servers. */
const AREAS = ['notes', 'files', 'tables', 'calendar', 'contacts', 'deck'] as const

export type Area = (typeof AREAS)[number]
/** What a token must be granted for a tool or a resource: reading or writing in one area. */
export type AreaScope = `${Area}.read` | `${Area}.write`

/** Says who the user is; no tool needs more of it than a good token. */
export const IDENTITY_SCOPES = ['openid', 'profile', 'email'] as const
/** Everything that the server announces and that its tools may ask for. */
export const ALL_SCOPES: readonly string[] = [
  ...IDENTITY_SCOPES,
  ...AREAS.flatMap((area): AreaScope[] => [`${area}.read`, `${area}.write`]),
]

/** What a token was granted; `unrestricted` where no token stands between the caller and the tools. */
export type GrantedScopes = ReadonlySet<string> | 'unrestricted'

/** Splits a `scope` value (RFC 6749 §3.3). None is none: a token without scope is granted nothing. */
export function scopesOf(scope: string | undefined): ReadonlySet<string> {
  return new Set((scope ?? '').split(' ').filter((word) => word !== ''))
}

/** @param needed `undefined`: any caller will do. */
export function isGranted(granted: GrantedScopes, needed: AreaScope | undefined): boolean {
  return granted === 'unrestricted' || needed === undefined || granted.has(needed)
}

/** Granted when the request names no scope, or none that the client may have. */
export const DEFAULT_SCOPE = 'openid profile email roles'

const MAX_SCOPE_LENGTH = 512

/** The words of a space-separated scope, lower-cased, without repetition, in order. */
export function scopeWords(scope: string): string[] {
  return [...new Set(scope.toLowerCase().split(' '))].filter((word) => word !== '')
}

/**
 * The scope that an authorization gets: the requested one within the client's ceiling (empty = unrestricted). When
 * nothing remains the default is granted, even outside the ceiling, as the real app does.
 */
export function grantedScope(requested: string, allowedScopes: string): string {
  const ceiling = new Set(scopeWords(allowedScopes))
  const granted = scopeWords(requested).filter((word) => ceiling.size === 0 || ceiling.has(word))
  return (granted.length === 0 ? DEFAULT_SCOPE : granted.join(' ')).slice(0, MAX_SCOPE_LENGTH)
}

export function hasScope(scope: string, word: string): boolean {
  return scope.split(' ').includes(word)
}

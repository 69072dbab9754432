import type { EmbeddedContext } from '../../context.js'

const OIDC_SCOPES = ['openid', 'profile', 'email', 'roles', 'groups']

/** Granted when the request names no scope, or none that the client may have. */
export const DEFAULT_SCOPE = 'openid profile email roles'

/** The words of a space-separated scope, lower-cased, without repetition, in order. */
export function scopeWords(scope: string): string[] {
  return [...new Set(scope.toLowerCase().split(' '))].filter((word) => word !== '')
}

/**
 * The scope that an authorization gets: the requested one within the client's ceiling (empty = unrestricted). When
 * nothing remains the real app grants the default, even outside the ceiling; a profile that does not do so drops
 * unknown scopes, too, and may end with none.
 */
export function grantedScope(
  ctx: EmbeddedContext,
  requested: string,
  allowedScopes: string,
): string | undefined {
  const { scopeFallsBack, maxScopeLength } = ctx.profile.quirks
  const ceiling = new Set(scopeWords(allowedScopes))
  const supported = scopeFallsBack ? undefined : new Set(supportedScopes(ctx))
  const granted = scopeWords(requested)
    .filter((word) => ceiling.size === 0 || ceiling.has(word) || ctx.mutants.has('n-scope-not-narrowed'))
    .filter((word) => supported?.has(word) !== false)
  if (granted.length === 0 && !scopeFallsBack) return undefined
  return (granted.length === 0 ? DEFAULT_SCOPE : granted.join(' ')).slice(0, maxScopeLength)
}

/** What discovery lists; but for the oldest version it grows with every scope that a client was registered with. */
export function supportedScopes(ctx: EmbeddedContext): string[] {
  if (ctx.profile.quirks.bareRegistration) return OIDC_SCOPES
  const scopes = new Set([...OIDC_SCOPES, 'offline_access'])
  for (const client of ctx.store.clients.values()) {
    for (const word of scopeWords(client.allowedScopes)) scopes.add(word)
  }
  return [...scopes]
}

export function hasScope(scope: string, word: string): boolean {
  return scope.split(' ').includes(word)
}

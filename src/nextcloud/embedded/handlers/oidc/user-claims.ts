import type { EmbeddedContext } from '../../context.js'
import { config } from './config.js'
import { hasScope } from './scopes.js'

type Claims = Record<string, unknown>

/**
 * The claims about a user that the scope releases, in the app's order; empty for an unknown user.
 * @param issuer base of the avatar's URL.
 */
export function scopeClaims(ctx: EmbeddedContext, userId: string, scope: string, issuer: string): Claims {
  const claims: Claims = {}
  const available = userClaims(ctx, userId, issuer)
  for (const [word, names] of Object.entries(CLAIMS_BY_SCOPE)) {
    if (hasScope(scope, word)) pick(available, names, claims)
  }
  return claims
}

/**
 * The claims that one part of a `claims` parameter names and the user has.
 * @param requested JSON text of that part; empty = none.
 */
export function requestedClaims(
  ctx: EmbeddedContext,
  userId: string,
  requested: string,
  issuer: string,
): Claims {
  if (requested === '') return {}
  const names = Object.keys(JSON.parse(requested) as Record<string, unknown>)
  const claims: Claims = {}
  pick(userClaims(ctx, userId, issuer), names, claims)
  return claims
}

const CLAIMS_BY_SCOPE: Readonly<Record<string, readonly string[]>> = {
  roles: ['roles'],
  groups: ['groups'],
  profile: ['updated_at', 'name', 'family_name', 'given_name', 'middle_name', 'picture'],
  email: ['email', 'email_verified'],
}

function userClaims(ctx: EmbeddedContext, userId: string, issuer: string): Claims {
  const user = ctx.store.users.get(userId)
  if (user === undefined) return {}
  const { emptyNameClaims } = ctx.profile.quirks
  const names = user.displayName.split(' ').filter((part) => part !== '')
  const family = names.at(-1)
  const given = names.length > 1 ? names[0] : undefined
  const middle = names.slice(1, -1).join(' ')
  return {
    preferred_username: userId,
    roles: [],
    groups: [],
    updated_at: user.lastLoginSeconds,
    name: user.displayName,
    ...(family === undefined ? {} : { family_name: family }),
    ...(given === undefined && !emptyNameClaims ? {} : { given_name: given ?? '' }),
    ...(middle === '' && !emptyNameClaims ? {} : { middle_name: middle }),
    picture: `${issuer}/avatar/${encodeURIComponent(userId)}/64`,
    ...(user.email === '' ? {} : { email: user.email, email_verified: config.emailAlwaysVerified(ctx) }),
  }
}

function pick(from: Claims, names: readonly string[], into: Claims): void {
  for (const name of names) {
    if (Object.hasOwn(from, name)) into[name] = from[name]
  }
}

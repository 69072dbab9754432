import type { Context } from 'hono'
import { decodeJwt } from 'jose'
import type { FaultScope } from '../nextcloud.js'
import { basicCredentials, bearerToken } from './authorization.js'
import type { EmbeddedContext, EmbeddedEnv } from './context.js'
import { findUser } from './credentials.js'
import { sentSession } from './session.js'

/** What paths (without `/index.php`) belong to a scope. */
const PATHS: Readonly<Record<FaultScope, RegExp>> = {
  all: /^/,
  discovery: /^\/(?:apps\/oidc|\.well-known)\/openid-configuration$/,
  jwks: /^\/apps\/oidc\/jwks$/,
  registration: /^\/apps\/oidc\/register(?:\/|$)/,
  authorize: /^\/apps\/oidc\/authorize$/,
  token: /^\/apps\/oidc\/token$/,
  userinfo: /^\/apps\/oidc\/userinfo$/,
  introspection: /^\/apps\/oidc\/introspect$/,
  login: /^\/login(?:\/|$)/,
  api: /^\/(?:apps\/(?:notes|tables|deck)\/|ocs\/|remote\.php\/)/,
  notes: /^\/apps\/notes\//,
  tables: /^\/(?:ocs\/v[12]\.php\/)?apps\/tables\//,
  deck: /^\/(?:ocs\/v[12]\.php\/)?apps\/deck\//,
  ocs: /^\/ocs\//,
  // SEARCH goes to the root of the DAV server.
  webdav:
    /^\/remote\.php\/(?:webdav(?:\/|$)|dav\/?$|dav\/(?:files|uploads|trashbin|versions|systemtags)(?:\/|$))/,
  caldav: /^\/(?:\.well-known\/caldav|remote\.php\/(?:caldav|dav\/(?:calendars|principals)))(?:\/|$)/,
  carddav: /^\/(?:\.well-known\/carddav|remote\.php\/(?:carddav|dav\/(?:addressbooks|principals)))(?:\/|$)/,
}

/** @param path path without `/index.php` */
export function isInScope(scope: FaultScope, path: string): boolean {
  return PATHS[scope].test(path)
}

/**
 * The user whose credentials a request brings, good or not: it tells whom a fault is for, and nobody is let in by it.
 * A JWT that is not stored is taken at its word.
 */
export function claimedUser(ctx: EmbeddedContext, c: Context<EmbeddedEnv>): string | undefined {
  const authorization = c.req.header('authorization')
  const token = bearerToken(authorization)
  if (token !== undefined) return ownerOf(ctx, token)
  const basic = authorization === undefined ? undefined : basicCredentials(authorization)
  if (basic !== undefined) return findUser(ctx, basic.userId)?.userId
  return sentSession(ctx, c)?.userId ?? undefined
}

function ownerOf({ store }: EmbeddedContext, token: string): string | undefined {
  return (
    store.honouredTokens.get(token)?.userId ??
    store.accessTokenByValue(token)?.userId ??
    store.appPasswords.find(token)?.userId ??
    subjectOf(token)
  )
}

function subjectOf(token: string): string | undefined {
  try {
    return decodeJwt(token).sub
  } catch {
    return undefined
  }
}

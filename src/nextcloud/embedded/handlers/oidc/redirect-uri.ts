import type { EmbeddedContext } from '../../context.js'
import { equalsButLoopbackPort } from './redirect-uri-loopback.js'

interface UriParts {
  readonly scheme: string
  readonly host: string
  /** Empty when the URI names none; `*` in patterns. */
  readonly port: string
  readonly path: string
  readonly query: string
  readonly fragment: string
}

const DEFAULT_PORTS: Readonly<Record<string, string>> = { http: '80', https: '443' }

/** Whether one of the registered URIs accepts the requested one, by the comparison of the profile. */
export function redirectUriAccepted(
  ctx: EmbeddedContext,
  registered: readonly string[],
  requested: string,
): boolean {
  const matches = COMPARISONS[ctx.profile.quirks.redirectUris]
  const isPrefix = (uri: string): boolean =>
    ctx.mutants.has('n-redirect-prefix-match') && requested.startsWith(uri)
  return registered.some((uri) => matches(uri, requested) || isPrefix(uri))
}

const COMPARISONS = {
  exact: (registered: string, requested: string) => registered === requested,
  pattern: redirectUriMatches,
  'exact-but-loopback-port': equalsButLoopbackPort,
}

/**
 * Whether a redirect_uri of a request is accepted by a registered one. Registered URIs are patterns: without a port
 * they accept any, `:*` too, `*.` stands for at least one label, and a path ending in `/*` is a prefix. Query and
 * fragment must be equal.
 */
export function redirectUriMatches(registered: string, requested: string): boolean {
  const pattern = parseUri(registered)
  const uri = parseUri(requested)
  if (pattern === undefined || uri === undefined) return false
  if (uri.host === '' && !requested.includes(':///')) return false
  return (
    pattern.scheme === uri.scheme &&
    hostMatches(pattern.host, uri.host) &&
    portMatches(pattern, uri) &&
    pathMatches(pattern.path, uri.path) &&
    pattern.query === uri.query &&
    pattern.fragment === uri.fragment
  )
}

function parseUri(uri: string): UriParts | undefined {
  const match = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(uri)
  if (match === null) return undefined
  const [, scheme = '', authority = '', path = '', query = '', fragment = ''] = match
  const hostAndPort = authority.slice(authority.lastIndexOf('@') + 1)
  const [, host = '', port = ''] = /^(.*?)(?::(\d*|\*))?$/s.exec(hostAndPort) ?? []
  return { scheme: scheme.toLowerCase(), host: host.toLowerCase(), port, path, query, fragment }
}

function hostMatches(pattern: string, host: string): boolean {
  if (!pattern.startsWith('*.')) return pattern === host
  const suffix = pattern.slice(1)
  return host.endsWith(suffix) && host.length > suffix.length
}

function portMatches(pattern: UriParts, uri: UriParts): boolean {
  if (pattern.port === '' || pattern.port === '*') return true
  return pattern.port === (uri.port === '' ? DEFAULT_PORTS[uri.scheme] : uri.port)
}

function pathMatches(pattern: string, path: string): boolean {
  const [wanted, given] = [normalPath(pattern), normalPath(path)]
  return wanted.endsWith('/*') ? given.startsWith(wanted.slice(0, -1)) : wanted === given
}

function normalPath(path: string): string {
  return path === '' ? '/' : path.replace(/\/+/g, '/')
}

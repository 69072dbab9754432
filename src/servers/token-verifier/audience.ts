import type { ServerMutant } from '../mutants.js'

/**
 * Whether the audience of a token names this server (RFC 9068 §4, RFC 7519 §4.1.3). The case of scheme and host is not
 * looked at (MCP Authorization, Canonical Server URI; RFC 3986 §6.2.2.1); all the rest is compared character by
 * character: what a URL parser makes equal, a fragment or a dotted path, is the address of something else.
 *
 * @param aud the values of the claim.
 * @param resource the resource identifier of this server.
 */
export function namesThisServer(
  aud: readonly string[],
  resource: string,
  mutants: ReadonlySet<ServerMutant>,
): boolean {
  if (aud.includes(resource)) return true
  const own = withLowerCaseHost(resource)
  const isNamed = aud.some((value) => withLowerCaseHost(value) === own)
  if (isNamed) return !mutants.has('s-aud-case-sensitive')
  return aud.some((value) => value.startsWith(resource)) && mutants.has('s-aud-prefix')
}

function withLowerCaseHost(uri: string): string {
  return uri.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/?#]*/i, (schemeAndHost) => schemeAndHost.toLowerCase())
}

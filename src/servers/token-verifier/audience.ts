import type { ServerMutant } from '../mutants.js'

/**
 * Whether the audience of a token names this server (RFC 9068 §4, RFC 7519 §4.1.3).
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
  return aud.some((value) => value.startsWith(resource)) && mutants.has('s-aud-prefix')
}

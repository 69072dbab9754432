import { HarnessError } from '../errors.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../oauth/discovery.js'
import type { FetchLike } from '../oauth/fetch-like.js'

/**
 * Discovery as a judge needs it: a document that names another issuer than the one asked for is a finding of
 * its own check, and must not keep every other check from running.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when there is no usable document.
 */
export async function discoverLeniently(
  baseUrl: string,
  fetchLike?: FetchLike,
): Promise<AuthorizationServer> {
  const options = fetchLike === undefined ? {} : { fetch: fetchLike }
  try {
    return await discoverAuthorizationServer(baseUrl, options)
  } catch (error) {
    const named = error instanceof HarnessError ? error.details.issuer : undefined
    if (typeof named !== 'string') throw error
    return discoverAuthorizationServer(baseUrl, { ...options, expectedIssuer: named })
  }
}

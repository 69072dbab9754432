import { HarnessError } from '../errors.js'
import { discoverAuthorizationServer } from '../oauth/discovery.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import type { OAuthConfiguration } from './configuration.js'
import type { ServerMutant } from './mutants.js'

/** The endpoints that a resource server needs, as it reaches them. */
export interface FoundAuthorizationServer extends AuthorizationServer {
  readonly userinfoEndpoint: string
  readonly introspectionEndpoint: string | undefined
}

/**
 * Discovers the Nextcloud of a configuration (OIDC Discovery §4). The result names the issuer as clients see
 * it, and endpoints as this server reaches them: in container networks the public address often leads
 * nowhere from inside.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when the document cannot be had, names another issuer or has no
 * userinfo endpoint.
 */
export async function findAuthorizationServer(
  configuration: OAuthConfiguration,
  mutants: ReadonlySet<ServerMutant>,
): Promise<FoundAuthorizationServer> {
  const { nextcloudUrl, publicIssuer = nextcloudUrl } = configuration
  // Nextcloud names the public issuer where its address is fixed by configuration, else the address it was asked at.
  const found = await discoverAuthorizationServer(nextcloudUrl, { expectedIssuer: publicIssuer }).catch(
    (error: unknown) => {
      const named = error instanceof HarnessError ? error.details['issuer'] : undefined
      if (typeof named === 'string' && mutants.has('s-issuer-unchecked'))
        return discoverAuthorizationServer(nextcloudUrl, { expectedIssuer: named })
      if (publicIssuer === nextcloudUrl) throw error
      return discoverAuthorizationServer(nextcloudUrl)
    },
  )
  const metadata = {
    ...found.metadata,
    ...Object.fromEntries(
      Object.entries(found.metadata)
        .filter((entry): entry is [string, string] => typeof entry[1] === 'string')
        .map(([name, value]) => [name, insideUrl(value, configuration)]),
    ),
    issuer: publicIssuer,
  }
  if (metadata.userinfo_endpoint === undefined) {
    throw new HarnessError('NCMC_OAUTH_REQUEST', 'the issuer offers no userinfo_endpoint')
  }
  const usualUserinfo = `${nextcloudUrl}/index.php/apps/oidc/userinfo`
  const isHardcoded = metadata.userinfo_endpoint !== usualUserinfo && mutants.has('s-hardcoded-userinfo-path')
  return {
    issuer: publicIssuer,
    metadata,
    userinfoEndpoint: isHardcoded ? usualUserinfo : metadata.userinfo_endpoint,
    introspectionEndpoint: metadata.introspection_endpoint,
  }
}

/** A URL of Nextcloud under its public address, moved to the address that this server reaches. */
export function insideUrl(url: string, { nextcloudUrl, publicIssuer }: OAuthConfiguration): string {
  if (publicIssuer === undefined || !url.startsWith(`${publicIssuer}/`)) return url
  return nextcloudUrl + url.slice(publicIssuer.length)
}

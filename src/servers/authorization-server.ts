import { setTimeout as delay } from 'node:timers/promises'
import { HarnessError } from '../errors.js'
import { discoverAuthorizationServer } from '../oauth/discovery.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import { growingPauseMs } from '../oauth/growing-pause.js'
import type { OAuthConfiguration } from './configuration.js'
import type { ServerMutant } from './mutants.js'

/** The endpoints that a resource server needs, as it reaches them. */
export interface FoundAuthorizationServer extends AuthorizationServer {
  readonly userinfoEndpoint: string
  readonly introspectionEndpoint: string | undefined
}

export interface FindOptions {
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
}

/** Some three and a half seconds: a Nextcloud that starts together with this server is worth that much. */
const MAX_ATTEMPTS = 10
const TOO_MANY_REQUESTS = 429
const SERVER_ERROR = 500

/** How long this server pauses after the n-th try (from 1) of whatever it polls. */
export function pollPauseMs(attempts: number, mutants: ReadonlySet<ServerMutant>): number {
  return mutants.has('s-hot-poll-loop') ? 0 : growingPauseMs(attempts)
}

/**
 * Discovers the Nextcloud of a configuration (OIDC Discovery §4). The result names the issuer as clients see
 * it, and endpoints as this server reaches them: in container networks the public address often leads
 * nowhere from inside. A Nextcloud that does not answer yet, or with 429 or 5xx, is asked again, a few times
 * with growing pauses.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when the document cannot be had, names another issuer or has no
 * userinfo endpoint.
 */
export async function findAuthorizationServer(
  configuration: OAuthConfiguration,
  { mutants, log }: FindOptions,
): Promise<FoundAuthorizationServer> {
  for (let attempts = 1; ; attempts += 1) {
    try {
      return await findOnce(configuration, mutants)
    } catch (error) {
      if (!mayPass(error) || attempts === MAX_ATTEMPTS || mutants.has('s-start-traceback')) throw error
      if (attempts === 1) log('oauth: Nextcloud does not answer as it should yet, it is asked again')
      await delay(pollPauseMs(attempts, mutants))
    }
  }
}

/** Whether asking again may help: not against a document that says the wrong thing. */
function mayPass(error: unknown): boolean {
  if (!(error instanceof HarnessError)) return false
  const { status, code } = error.details
  if (typeof status === 'number') return status === TOO_MANY_REQUESTS || status >= SERVER_ERROR
  return code !== undefined
}

async function findOnce(
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

import { setTimeout as delay } from 'node:timers/promises'
import { HarnessError } from '../errors.js'
import type { StoredClient } from '../oauth/client-store.js'
import { discoverAuthorizationServer, type AuthorizationServer } from '../oauth/discovery.js'
import { waitUntilClientVisible, type ClientVisibility } from '../oauth/propagation.js'
import { registerClient } from '../oauth/registration.js'
import { insideUrl, pollPauseMs } from './authorization-server.js'
import type { OAuthConfiguration } from './configuration.js'
import type { ServerMutant } from './mutants.js'
import { ALL_SCOPES } from './scopes.js'

export interface OwnClientOptions {
  readonly server: AuthorizationServer
  readonly configuration: OAuthConfiguration
  /** The resource identifier; introspection works for tokens of a client registered with it. */
  readonly resource: string
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
}

/** A client that was just registered, and whether Nextcloud's reads know it already. */
export interface FreshClient {
  readonly client: StoredClient
  readonly visible: boolean
}

const CLIENT_NAME = 'nc-mcp-conformance reference server'
/** Assumed when a registration does not tell; Nextcloud's default. */
const DEFAULT_LIFETIME_SECONDS = 3_600
/** Then the server goes on all the same: a client that is seen later is waited for again at its first use. */
const VISIBILITY_TIMEOUT_MS = 3_000
/** What `s-discovery-poll-only` waits before it asks the wrong document. */
const FAULTY_WAIT_MS = 500

/**
 * Registers the server's own client (RFC 7591) and waits until Nextcloud shows it, at most three seconds.
 *
 * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when registration is not offered (the message tells what to do) or refused.
 */
export async function registerOwnClient(options: OwnClientOptions): Promise<FreshClient> {
  const { server, configuration, resource, mutants, log } = options
  if (server.metadata.registration_endpoint === undefined) {
    throw new HarnessError(
      'NCMC_OAUTH_REQUEST',
      'there is no OAuth client: switch on dynamic client registration in the oidc app of Nextcloud, or set ' +
        'NEXTCLOUD_OIDC_CLIENT_ID and NEXTCLOUD_OIDC_CLIENT_SECRET to a client that an administrator made',
    )
  }
  const redirectUri = `${new URL(resource).origin}/oauth/callback`
  // Known by the address we reach it at: openid-client allows http only where the issuer's own URL is http.
  const answer = await registerClient(
    { ...server, issuer: configuration.nextcloudUrl },
    {
      client_name: CLIENT_NAME,
      redirect_uris: [redirectUri],
      ...(mutants.has('s-no-application-type') ? {} : { application_type: applicationType(redirectUri) }),
      // Nextcloud then lists them among the scopes that it supports.
      scope: ALL_SCOPES.join(' '),
      resource_url: resource,
    },
  )
  const nowSeconds = Math.floor(Date.now() / 1000)
  const client: StoredClient = {
    issuer: server.issuer,
    client_id: answer.client_id,
    client_secret: answer.client_secret,
    client_id_issued_at: answer.client_id_issued_at ?? nowSeconds,
    client_secret_expires_at: answer.client_secret_expires_at ?? nowSeconds + DEFAULT_LIFETIME_SECONDS,
    redirect_uris: [...answer.redirect_uris],
    resource_url: resource,
    ...(answer.registration_access_token === undefined
      ? {}
      : { registration_access_token: answer.registration_access_token }),
    ...(answer.registration_client_uri === undefined
      ? {}
      : { registration_client_uri: answer.registration_client_uri }),
  }
  const visible = await isSeen(client, options)
  if (!visible)
    log('own client: warning: registered, but Nextcloud does not show it yet; first uses may fail')
  return { client, visible }
}

/** Waits until Nextcloud shows a client; false when it does not in time. */
export async function isSeen(client: StoredClient, options: OwnClientOptions): Promise<boolean> {
  const { configuration, mutants, log } = options
  const uri = client.registration_client_uri
  if (uri === undefined) return false
  const reachable = { ...client, registration_client_uri: insideUrl(uri, configuration) }
  // Faults of waiting are asked about only where there is something to wait for.
  const waits = (): boolean =>
    !mutants.has('s-no-wait-after-register') && !mutants.has('s-discovery-poll-only')
  const wait = (): Promise<ClientVisibility> =>
    waitUntilClientVisible(reachable, {
      timeoutMs: VISIBILITY_TIMEOUT_MS,
      pauseMs: (attempts) => (waits() ? pollPauseMs(attempts, mutants) : Infinity),
    })
  let { visible, attempts } = await wait()
  while (!visible && waits() && mutants.has('s-endless-propagation-wait')) {
    ;({ visible, attempts } = await wait())
  }
  if (visible) log(`own client: seen by Nextcloud (${String(attempts)} reads)`)
  else if (mutants.has('s-discovery-poll-only')) {
    await delay(FAULTY_WAIT_MS)
    await discoverAuthorizationServer(configuration.nextcloudUrl)
    return true
  } else if (mutants.has('s-no-wait-after-register')) return true
  return visible
}

/** OpenID Connect Registration §2: `native` for redirects to this machine, `web` for those to a host on the network. */
function applicationType(redirectUri: string): 'native' | 'web' {
  const { hostname } = new URL(redirectUri)
  const isLoopback = hostname === 'localhost' || hostname === '[::1]' || /^127(?:\.\d+){3}$/.test(hostname)
  return isLoopback ? 'native' : 'web'
}

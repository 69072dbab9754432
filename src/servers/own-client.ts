import { ClientStore, isClientExpired } from '../oauth/client-store.js'
import type { StoredClient } from '../oauth/client-store.js'
import type { AuthorizationServer } from '../oauth/discovery.js'
import { waitUntilClientVisible } from '../oauth/propagation.js'
import { registerClient } from '../oauth/registration.js'
import { insideUrl } from './authorization-server.js'
import type { OAuthConfiguration } from './configuration.js'
import type { ServerMutant } from './mutants.js'
import { ALL_SCOPES } from './scopes.js'
import type { ClientCredentials, IntrospectionClient } from './token-verifier/opaque.js'

export interface OwnClientOptions {
  readonly server: AuthorizationServer
  readonly configuration: OAuthConfiguration
  /** The resource identifier; introspection works for tokens of a client registered with it. */
  readonly resource: string
  readonly mutants: ReadonlySet<ServerMutant>
  readonly log: (line: string) => void
}

const CLIENT_NAME = 'nc-mcp-conformance reference server'
const OWNER_ONLY = 0o600
const WORLD_READABLE = 0o644
const MAX_MARGIN_SECONDS = 60
/** Assumed when a registration does not tell; Nextcloud's default. */
const DEFAULT_LIFETIME_SECONDS = 3_600
/** An authorization server that refuses every client must not make us register without end. */
const MIN_REPLACE_INTERVAL_MS = 60_000
const RETRY_RENEWAL_MS = 10_000
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * The OAuth client of the server itself: from configuration, else from the file of an earlier run, else
 * registered (RFC 7591) once. Renewed before it expires, while the server runs.
 */
export class OwnClient implements IntrospectionClient {
  readonly #options: OwnClientOptions
  readonly #store: ClientStore
  #credentials: ClientCredentials
  #renewal: NodeJS.Timeout | undefined
  #replacing: Promise<boolean> | undefined
  #replacedAtMs = -Infinity
  #saving: Promise<void> | undefined
  #closed = false

  private constructor(options: OwnClientOptions, store: ClientStore, credentials: ClientCredentials) {
    this.#options = options
    this.#store = store
    this.#credentials = credentials
  }

  /**
   * Returns when the client can be used: a freshly registered one is waited for until Nextcloud shows it.
   *
   * @throws {HarnessError} `NCMC_OAUTH_REQUEST` when there is no client and none can be registered.
   */
  static async open(options: OwnClientOptions): Promise<OwnClient> {
    const { configuration, mutants } = options
    const fileMode = mutants.has('s-store-0644') ? WORLD_READABLE : OWNER_ONLY
    const store = new ClientStore(configuration.clientStorage, { fileMode })
    if (configuration.staticClient !== undefined)
      return new OwnClient(options, store, configuration.staticClient)
    const client = (await loadUsable(options, store)) ?? (await registerAndSave(options, store))
    const ownClient = new OwnClient(options, store, client)
    ownClient.#scheduleRenewal(client)
    return ownClient
  }

  current(): ClientCredentials {
    return this.#credentials
  }

  replace(rejectedClientId: string): Promise<boolean> {
    if (this.#credentials.client_id !== rejectedClientId) return Promise.resolve(true)
    if (this.#options.configuration.staticClient !== undefined) return Promise.resolve(false)
    if (Date.now() - this.#replacedAtMs < MIN_REPLACE_INTERVAL_MS)
      return this.#replacing ?? Promise.resolve(false)
    this.#replacedAtMs = Date.now()
    this.#replacing = this.#renew().finally(() => {
      this.#replacing = undefined
    })
    return this.#replacing
  }

  /** A renewal under way no longer touches the client file once this resolves. */
  async close(): Promise<void> {
    this.#closed = true
    clearTimeout(this.#renewal)
    await this.#saving
  }

  async #renew(): Promise<boolean> {
    try {
      const client = await register(this.#options)
      if (this.#closed) return true
      this.#saving = save(this.#options, this.#store, client)
      await this.#saving
      this.#credentials = client
      this.#scheduleRenewal(client)
      return true
    } catch {
      this.#options.log('own client: could not be renewed')
      return false
    }
  }

  #scheduleRenewal(client: StoredClient): void {
    if (client.client_secret_expires_at === 0) return
    const dueMs = (client.client_secret_expires_at - marginSeconds(client)) * 1000 - Date.now()
    this.#renewIn(Math.max(dueMs, 0))
  }

  #renewIn(delayMs: number): void {
    clearTimeout(this.#renewal)
    if (this.#closed) return
    const renew = async (): Promise<void> => {
      if (!(await this.#renew())) this.#renewIn(RETRY_RENEWAL_MS)
    }
    this.#renewal = setTimeout(() => void renew(), Math.min(delayMs, MAX_TIMER_MS))
    this.#renewal.unref()
  }
}

async function loadUsable(options: OwnClientOptions, store: ClientStore): Promise<StoredClient | undefined> {
  const loaded = await store.load().catch(() => ({ status: 'corrupt' }) as const)
  if (loaded.status === 'corrupt') options.log('own client: the stored client is not readable')
  if (loaded.status !== 'found' || options.mutants.has('s-always-reregister')) return undefined
  const { client } = loaded
  // A client of another issuer or resource must not be shown to this one.
  if (client.issuer !== options.server.issuer || client.resource_url !== options.resource) return undefined
  return isClientExpired(client, Date.now() / 1000, marginSeconds(client)) ? undefined : client
}

async function registerAndSave(options: OwnClientOptions, store: ClientStore): Promise<StoredClient> {
  const client = await register(options)
  await save(options, store, client)
  return client
}

/** A client that cannot be saved still serves this run. */
async function save({ log }: OwnClientOptions, store: ClientStore, client: StoredClient): Promise<void> {
  await store.save(client).catch(() => {
    log('own client: could not be saved (NEXTCLOUD_OIDC_CLIENT_STORAGE); the next start registers again')
  })
}

async function register(options: OwnClientOptions): Promise<StoredClient> {
  const { server, configuration, resource, mutants, log } = options
  const { protocol, origin } = new URL(resource)
  // Known by the address we reach it at: openid-client allows http only where the issuer's own URL is http.
  const client = await registerClient(
    { ...server, issuer: configuration.nextcloudUrl },
    {
      client_name: CLIENT_NAME,
      redirect_uris: [`${origin}/oauth/callback`],
      application_type: protocol === 'https:' ? 'web' : 'native',
      // Nextcloud then lists them among the scopes that it supports.
      scope: ALL_SCOPES.join(' '),
      resource_url: resource,
    },
  )
  const uri = client.registration_client_uri
  const reachable =
    uri === undefined ? client : { ...client, registration_client_uri: insideUrl(uri, configuration) }
  if (!mutants.has('s-no-wait-after-register')) {
    const { visible, attempts } = await waitUntilClientVisible(reachable)
    const state = visible ? 'visible' : 'not seen yet, first uses may fail'
    log(`own client: registered, ${state} (${String(attempts)} reads)`)
  }
  const nowSeconds = Math.floor(Date.now() / 1000)
  return {
    issuer: server.issuer,
    client_id: client.client_id,
    client_secret: client.client_secret,
    client_id_issued_at: client.client_id_issued_at ?? nowSeconds,
    client_secret_expires_at: client.client_secret_expires_at ?? nowSeconds + DEFAULT_LIFETIME_SECONDS,
    redirect_uris: [...client.redirect_uris],
    resource_url: resource,
    ...(client.registration_access_token === undefined
      ? {}
      : { registration_access_token: client.registration_access_token }),
    ...(client.registration_client_uri === undefined
      ? {}
      : { registration_client_uri: client.registration_client_uri }),
  }
}

/** How long before its end a client is replaced: a minute, or a quarter of a short life. */
function marginSeconds({ client_id_issued_at, client_secret_expires_at }: StoredClient): number {
  return Math.min(MAX_MARGIN_SECONDS, Math.max(client_secret_expires_at - client_id_issued_at, 0) / 4)
}

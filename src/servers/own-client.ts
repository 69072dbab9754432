import { ClientStore, isClientExpired } from '../oauth/client-store.js'
import type { LoadedClient, StoredClient } from '../oauth/client-store.js'
import { isSeen, registerOwnClient } from './own-client-registration.js'
import type { OwnClientOptions } from './own-client-registration.js'
import type { ClientCredentials, IntrospectionClient } from './token-verifier/opaque.js'

const OWNER_ONLY = 0o600
const WORLD_READABLE = 0o644
const MAX_MARGIN_SECONDS = 60
/** An authorization server that refuses every client must not make us register without end. */
const MIN_REPLACE_INTERVAL_MS = 60_000
/** A renewal that fails is tried again, each time after twice as long. */
const FIRST_RETRY_MS = 10_000
const LONGEST_RETRY_MS = 300_000
const MAX_TIMER_MS = 2 ** 31 - 1

/**
 * The OAuth client of the server itself: from configuration, else from the file of an earlier run, else
 * registered (RFC 7591) once. Renewed before it expires, while the server runs.
 */
export class OwnClient implements IntrospectionClient {
  readonly #options: OwnClientOptions
  readonly #store: ClientStore
  #credentials: ClientCredentials
  /** A fresh client that Nextcloud has not shown yet. */
  #unseen: StoredClient | undefined
  /** What `s-double-register` uses in turn with the other one. */
  #second: ClientCredentials | undefined
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
    const { configuration, mutants, server } = options
    const { staticClient } = configuration
    const store = new ClientStore(configuration.clientStorage, {
      fileMode: mutants.has('s-store-0644') ? WORLD_READABLE : OWNER_ONLY,
      atomic: !mutants.has('s-nonatomic-store-write'),
    })
    if (staticClient !== undefined) {
      if (mutants.has('s-dcr-despite-static')) await registerOwnClient(options)
      return new OwnClient(options, store, staticClient)
    }
    const stored = await loadUsable(options, store)
    if (stored !== undefined) {
      const ownClient = new OwnClient(options, store, stored)
      ownClient.#renewAfter(stored.client_secret_expires_at - Date.now() / 1000, stored)
      return ownClient
    }
    if (server.metadata.registration_endpoint === undefined && mutants.has('s-starts-without-client')) {
      return new OwnClient(options, store, { client_id: 'none', client_secret: 'none' })
    }
    const { client, visible } = await registerOwnClient(options)
    await save(options, store, client)
    const ownClient = new OwnClient(options, store, client)
    ownClient.#use(client, visible)
    if (mutants.has('s-double-register')) ownClient.#second = (await registerOwnClient(options)).client
    return ownClient
  }

  current(): ClientCredentials {
    const current = this.#credentials
    if (this.#second !== undefined) [this.#credentials, this.#second] = [this.#second, current]
    return current
  }

  replace(rejectedClientId: string): Promise<boolean> {
    if (this.#credentials.client_id !== rejectedClientId) return Promise.resolve(true)
    if (this.#options.configuration.staticClient !== undefined) return Promise.resolve(false)
    if (this.#options.mutants.has('s-no-runtime-renewal')) return Promise.resolve(false)
    this.#replacing ??= this.#replace().finally(() => {
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

  async #replace(): Promise<boolean> {
    const unseen = this.#unseen
    // Refused because it is too new: another one would be newer still.
    if (unseen !== undefined && (await isSeen(unseen, this.#options))) {
      this.#unseen = undefined
      return true
    }
    if (Date.now() - this.#replacedAtMs < MIN_REPLACE_INTERVAL_MS) return false
    this.#replacedAtMs = Date.now()
    return this.#renew()
  }

  async #renew(): Promise<boolean> {
    try {
      const { client, visible } = await registerOwnClient(this.#options)
      if (this.#closed) return true
      this.#saving = save(this.#options, this.#store, client)
      await this.#saving
      this.#use(client, visible)
      return true
    } catch {
      this.#options.log('own client: could not be renewed')
      return false
    }
  }

  #use(client: StoredClient, visible: boolean): void {
    this.#credentials = client
    this.#unseen = visible ? undefined : client
    // Counted from now, whatever the clock of Nextcloud says.
    this.#renewAfter(client.client_secret_expires_at - client.client_id_issued_at, client)
  }

  /** Plans the renewal of a client that lives so much longer. One that ends at once is used until it is refused. */
  #renewAfter(lifeSeconds: number, client: StoredClient): void {
    const dueMs = (lifeSeconds - marginSeconds(client)) * 1000
    if (client.client_secret_expires_at !== 0 && dueMs > 0) this.#renewIn(dueMs, FIRST_RETRY_MS)
  }

  #renewIn(delayMs: number, retryMs: number): void {
    clearTimeout(this.#renewal)
    if (this.#closed) return
    const renew = async (): Promise<void> => {
      if (this.#options.mutants.has('s-no-runtime-renewal')) return
      if (!(await this.#renew())) this.#renewIn(retryMs, Math.min(2 * retryMs, LONGEST_RETRY_MS))
    }
    this.#renewal = setTimeout(() => void renew(), Math.min(delayMs, MAX_TIMER_MS))
    this.#renewal.unref()
  }
}

/** The client of the file, when it can be used here and now. Anything else in the file counts for nothing. */
async function loadUsable(options: OwnClientOptions, store: ClientStore): Promise<StoredClient | undefined> {
  const { mutants, server, resource, log } = options
  const loaded = await store
    .load()
    .catch((): LoadedClient => ({ status: 'corrupt', reason: 'it cannot be read' }))
  if (loaded.status === 'corrupt') {
    log(`own client: the client file (NEXTCLOUD_OIDC_CLIENT_STORAGE) is not used: ${loaded.reason}`)
    if (mutants.has('s-crash-on-corrupt-store')) throw crash(log)
  }
  if (loaded.status !== 'found' || mutants.has('s-always-reregister')) return undefined
  const { client } = loaded
  // A client of another authorization server must not be shown to this one; one of another resource sees no token.
  if (client.issuer !== server.issuer && !mutants.has('s-store-cross-issuer')) return undefined
  if (client.resource_url !== resource) return undefined
  if (client.client_secret_expires_at === 0 && mutants.has('s-zero-means-expired')) return undefined
  const isExpired = isClientExpired(client, Date.now() / 1000, marginSeconds(client))
  return isExpired && !mutants.has('s-uses-expired-client') ? undefined : client
}

/** What `s-crash-on-corrupt-store` ends with. */
function crash(log: (line: string) => void): Error {
  const error = new Error('the client file cannot be parsed')
  log(error.stack ?? '')
  return error
}

/** A client that cannot be saved still serves this run. */
async function save({ log }: OwnClientOptions, store: ClientStore, client: StoredClient): Promise<void> {
  await store.save(client).catch(() => {
    log('own client: could not be saved (NEXTCLOUD_OIDC_CLIENT_STORAGE); the next start registers again')
  })
}

/** How long before its end a client is replaced: a minute, or a quarter of a short life. */
function marginSeconds({ client_id_issued_at, client_secret_expires_at }: StoredClient): number {
  return Math.min(MAX_MARGIN_SECONDS, Math.max(client_secret_expires_at - client_id_issued_at, 0) / 4)
}

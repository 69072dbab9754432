import { randomBytes } from 'node:crypto'
import type { UpstreamRequest } from '../../nextcloud/nextcloud.js'
import type { Outcome } from '../check.js'
import type { CheckContext, LaunchOptions, PrivateStack } from '../context.js'
import { presentToken, type TokenReception } from './token-probe.js'

const REGISTER = '/apps/oidc/register'
/** What a server is called must not change with its port: its client belongs to that name. */
const STABLE_SERVER_URL = 'http://127.0.0.1:9'

/** The verdict on a server that has no client of its own, or has it from somewhere else. */
export const REGISTERS_NOTHING: Outcome = {
  kind: 'not-applicable',
  reason: 'the server does not register a client at its start',
}

/** Whether a request to Nextcloud is a dynamic client registration, whatever came of it. */
export function isRegistration({ method, path }: UpstreamRequest): boolean {
  return method === 'POST' && path === REGISTER
}

/** How many registrations are among these requests. */
export function countRegistrations(requests: readonly UpstreamRequest[]): number {
  return requests.filter(isRegistration).length
}

/** The clients (`client_id`) that requests named: in the query, the body, a Basic header, or RFC 7592 paths. */
export function namedClients(requests: readonly UpstreamRequest[]): string[] {
  const named = requests.flatMap(({ clientId, path }) => [
    ...(clientId === undefined ? [] : [clientId]),
    ...(path.startsWith(`${REGISTER}/`) ? [path.slice(REGISTER.length + 1)] : []),
  ])
  return [...new Set(named)]
}

/** Requests that a server made, as its own client, and that were refused because nobody knew that client. */
export function refusedUses(requests: readonly UpstreamRequest[]): UpstreamRequest[] {
  return requests.filter(
    ({ path, status, clientId }) =>
      clientId !== undefined &&
      (status === 400 || status === 401) &&
      // Reads of the registration_client_uri are the way to find out; a probe of authorize is no use either.
      (path === '/apps/oidc/introspect' || path === '/apps/oidc/token'),
  )
}

/** Whether a request tells if a client is known: a read of its configuration (RFC 7592 §2.1), or a probe of authorize. */
export function isLookAtClient({ method, path }: UpstreamRequest): boolean {
  return method === 'GET' && (path.startsWith(`${REGISTER}/`) || path === '/apps/oidc/authorize')
}

/** What was seen of a server that met a token which it can only judge by asking Nextcloud. */
export interface OwnClientUse {
  readonly reception: TokenReception
  /** The clients that the server named to Nextcloud; none where it does not introspect. */
  readonly clients: readonly string[]
}

/** Makes a server use its own client: it meets a fresh opaque token of alice. */
export async function useOwnClient(
  ctx: Pick<CheckContext, 'mcp' | 'revision' | 'secret'>,
  { nextcloud }: Pick<PrivateStack, 'nextcloud'>,
  url: string,
): Promise<OwnClientUse> {
  const token = randomBytes(36).toString('base64url')
  ctx.secret('access_token', token)
  nextcloud.twin.honourToken(token, nextcloud.users.alice.userId)
  const before = nextcloud.twin.requests().length
  const reception = await presentToken(ctx, url, token)
  return { reception, clients: namedClients(nextcloud.twin.requests().slice(before)) }
}

/** What one start of a server did with clients. */
export interface WatchedStart extends OwnClientUse {
  /** Registrations until the server had met its first token. */
  readonly registrations: number
}

/**
 * Starts a server under a name that stays the same from start to start, makes it use its own client, and stops it.
 * The requests of that time are then all that the twin's log holds.
 *
 * @throws as `PrivateStack.launch`.
 */
export async function watchStart(
  ctx: Pick<CheckContext, 'mcp' | 'revision' | 'secret'>,
  stack: Pick<PrivateStack, 'nextcloud' | 'launch'>,
  folder: string,
  env: NonNullable<LaunchOptions['env']> = {},
): Promise<WatchedStart> {
  const { twin } = stack.nextcloud
  twin.clearRequests()
  const { url, server } = await stack.launch('oauth', {
    folder,
    env: { NEXTCLOUD_MCP_SERVER_URL: STABLE_SERVER_URL, ...env },
  })
  const use = await useOwnClient(ctx, stack, url)
  await server.stop()
  return { ...use, registrations: countRegistrations(twin.requests()) }
}

/**
 * Whether a server uses a stored client again that lives and is whole: the positive control of checks in which it did
 * not. `registration.store.reload` judges that.
 */
export async function reusesStoredClient(
  ctx: Pick<CheckContext, 'mcp' | 'revision' | 'secret' | 'privateStack'>,
): Promise<boolean> {
  const stack = await ctx.privateStack()
  const folder = await stack.temporaryFolder()
  await watchStart(ctx, stack, folder)
  return (await watchStart(ctx, stack, folder)).registrations === 0
}

import { createHash, timingSafeEqual } from 'node:crypto'
import { basicCredentials } from '../../authorization.js'
import type { EmbeddedContext } from '../../context.js'
import type { ClientRow } from '../../store.js'
import { config } from './config.js'
import { rawUrlDecode } from './php.js'

const MUTANT_LAG_MS = 800

/** The client as a read sees it: a fresh one stays unseen for the propagation lag. */
export function visibleClient(ctx: EmbeddedContext, clientIdentifier: string): ClientRow | undefined {
  return seen(ctx, ctx.store.clientByIdentifier(clientIdentifier))
}

/** The client of a row that names it by id, as a read sees it. */
export function visibleClientById(ctx: EmbeddedContext, id: number): ClientRow | undefined {
  return seen(ctx, ctx.store.clients.get(id))
}

function seen(ctx: EmbeddedContext, client: ClientRow | undefined): ClientRow | undefined {
  return client !== undefined && ctx.consistency.isVisible('client', client, leastLagMs(ctx))
    ? client
    : undefined
}

/** The client's redirect URIs as a read sees them; they may lag longer than the client's own row. */
export function visibleRedirectUris(ctx: EmbeddedContext, client: ClientRow): readonly string[] {
  return ctx.consistency.isVisible('redirectUri', client, leastLagMs(ctx)) ? client.redirectUris : []
}

function leastLagMs(ctx: EmbeddedContext): number {
  return ctx.mutants.has('n-propagation-lag') ? MUTANT_LAG_MS : 0
}

/** Whether a dynamically registered client's life is over; its row may still be there. */
export function isExpired(ctx: EmbeddedContext, client: ClientRow): boolean {
  const isOver =
    client.dcr && client.issuedAtSeconds + config.clientExpireSeconds(ctx) < ctx.clock.nowSeconds()
  return isOver && !ctx.mutants.has('n-reg-expiry-late')
}

/** Removes all expired dynamic clients, as every registration and authorization does first. */
export function purgeExpiredClients(ctx: EmbeddedContext): void {
  for (const client of ctx.store.clients.values()) {
    if (isExpired(ctx, client)) ctx.store.deleteClient(client)
  }
}

/** Whether `secret` is the client's; public clients need none. */
export function secretMatches(client: ClientRow, secret: string | undefined): boolean {
  if (client.type === 'public') return true
  return timingSafeEqual(digest(client.secret), digest(secret ?? ''))
}

/** As `secretMatches`, at the token endpoint. */
export function tokenSecretMatches(
  ctx: EmbeddedContext,
  client: ClientRow,
  secret: string | undefined,
): boolean {
  return ctx.mutants.has('n-wrong-secret-accepted') || secretMatches(client, secret)
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

export interface ClientCredentials {
  readonly id: string
  readonly secret: string
}

/**
 * A client's credentials in a Basic Authorization header.
 * @param decode whether the parts are percent-decoded (RFC 6749 2.3.1), which only the token endpoint does.
 */
export function clientCredentials(
  header: string | undefined,
  decode: boolean,
): ClientCredentials | undefined {
  const basic = basicCredentials(header)
  if (basic === undefined) return undefined
  const { userId: id, password: secret } = basic
  return decode ? { id: rawUrlDecode(id), secret: rawUrlDecode(secret) } : { id, secret }
}

import type { EmbeddedContext } from '../../context.js'
import type { ClientRow } from '../../store.js'

const CONSENT_SECONDS = 90 * 24 * 3600

/** Whether the user must be asked: no consent yet, for another scope text (order counts), or an expired one. */
export function needsConsent(
  ctx: EmbeddedContext,
  userId: string,
  client: ClientRow,
  scope: string,
): boolean {
  const consent = ctx.store.consentOf(userId, client.id)
  if (consent === undefined || consent.scopesGranted !== scope) return true
  return consent.expiresAtSeconds !== null && consent.expiresAtSeconds < ctx.clock.nowSeconds()
}

/**
 * Writes or replaces the user's consent.
 * @param lifeSeconds default 90 days; `null` = no end.
 */
export function writeConsent(
  ctx: EmbeddedContext,
  userId: string,
  client: ClientRow,
  scope: string,
  lifeSeconds: number | null = CONSENT_SECONDS,
): void {
  const now = ctx.clock.nowSeconds()
  const expiresAtSeconds = lifeSeconds === null ? null : now + lifeSeconds
  const existing = ctx.store.consentOf(userId, client.id)
  if (existing !== undefined) {
    existing.scopesGranted = scope
    existing.updatedAtSeconds = now
    existing.expiresAtSeconds = expiresAtSeconds
    return
  }
  ctx.store.insertConsent({
    id: ctx.store.nextId(),
    userId,
    clientId: client.id,
    scopesGranted: scope,
    createdAtSeconds: now,
    updatedAtSeconds: now,
    expiresAtSeconds,
  })
}

import type { EmbeddedContext } from '../../context.js'
import { purgeExpiredClients } from './clients.js'
import { config } from './config.js'

/**
 * What the app's background jobs remove: expired clients, outlived tokens, codes, registration tokens and consents.
 * Refresh tokens that `never` expire go after expire_time, as in the real app.
 */
export function runBackgroundJobs(ctx: EmbeddedContext): void {
  const { store } = ctx
  const now = ctx.clock.nowSeconds()
  const expireSeconds = config.expireSeconds(ctx)
  const keptSeconds = Math.max(expireSeconds, config.refreshExpireSeconds(ctx) ?? 0)
  purgeExpiredClients(ctx)
  for (const row of store.accessTokens.values()) {
    if (row.refreshedSeconds < now - keptSeconds) store.deleteAccessToken(row)
  }
  for (const code of store.codes.values()) {
    if (code.createdSeconds < now - expireSeconds) store.codes.delete(code.hashedCode)
  }
  for (const row of store.registrationTokens.values()) {
    if (row.expiresAtSeconds !== null && row.expiresAtSeconds < now)
      store.registrationTokens.delete(row.token)
  }
  for (const consent of store.consents.values()) {
    if (consent.expiresAtSeconds !== null && consent.expiresAtSeconds < now) store.deleteConsent(consent)
  }
}

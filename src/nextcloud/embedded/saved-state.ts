import type { EmbeddedContext } from './context.js'
import type { SystemConfig } from './system-config.js'

/** An account on disk. */
export interface SavedUser {
  readonly displayName: string
  readonly email: string
  /** See `hashPassword`. */
  readonly passwordHash: string
}

/** What an administrator set up: the part of an instance that outlives its process. */
export interface SavedState {
  /** By user id. */
  readonly users: Readonly<Record<string, SavedUser>>
  /** By app id, then key. */
  readonly appConfig: Readonly<Record<string, Readonly<Record<string, string>>>>
  readonly system: SystemConfig
  /** Installed apps by id. */
  readonly apps: Readonly<Record<string, { readonly version: string; readonly enabled: boolean }>>
}

/** Apps of which the embedded Nextcloud has something; those that a saved state does not enable are switched off. */
export const SWITCHABLE_APPS = [
  'oidc',
  'user_oidc',
  'notes',
  'calendar',
  'contacts',
  'tables',
  'deck',
] as const

/**
 * Brings a saved state into a running instance. What happened at runtime (sessions, clients, tokens, data) stays.
 *
 * @param previous the state that was applied before: what is in it and no longer in `next` goes. Without it everything
 *   goes that an administrator could have set.
 */
export function applyState(ctx: EmbeddedContext, next: SavedState, previous?: SavedState): void {
  applyUsers(ctx, next, previous)
  if (previous === undefined) ctx.store.appConfig.clear()
  for (const key of Object.keys(flatConfig(previous))) ctx.store.appConfig.delete(key)
  for (const [key, value] of Object.entries(flatConfig(next))) ctx.store.appConfig.set(key, value)
  ctx.system = next.system
  ctx.disabledApps = new Set(SWITCHABLE_APPS.filter((id) => next.apps[id]?.enabled !== true))
  ctx.options = {
    ...ctx.options,
    rateLimit: next.system['ratelimit.protection.enabled'] !== false,
    bruteForceProtection: next.system['auth.bruteforce.protection.enabled'] !== false,
  }
  applyMaintenance(ctx, next.system['maintenance'] === true)
}

function applyMaintenance({ faults }: EmbeddedContext, wanted: boolean): void {
  if (faults.inMaintenance === wanted) return
  if (wanted) {
    faults.inject({ scope: 'all', kind: 'maintenance' })
    return
  }
  for (const { id, fault } of faults.list()) {
    if (fault.kind === 'maintenance' && fault.scope === 'all') faults.lift(id)
  }
}

function applyUsers({ store }: EmbeddedContext, next: SavedState, previous?: SavedState): void {
  const gone = previous === undefined ? store.users.keys() : Object.keys(previous.users)
  for (const userId of gone) if (!Object.hasOwn(next.users, userId)) store.users.delete(userId)
  for (const [userId, user] of Object.entries(next.users)) {
    const { displayName, email, passwordHash } = user
    const known = store.users.get(userId)
    if (known !== undefined && previous?.users[userId]?.passwordHash === passwordHash) {
      // A password that the user changed since must not come back.
      store.users.set(userId, { ...known, displayName, email })
      continue
    }
    const lastLoginSeconds = known?.lastLoginSeconds ?? 0
    store.users.set(userId, {
      userId,
      displayName,
      email,
      password: '',
      passwordNow: '',
      passwordHash,
      lastLoginSeconds,
    })
  }
}

/** `app/key` to value, as the store keeps it. */
function flatConfig(state: SavedState | undefined): Record<string, string> {
  return Object.fromEntries(
    Object.entries(state?.appConfig ?? {}).flatMap(([app, values]) =>
      Object.entries(values).map(([key, value]) => [`${app}/${key}`, value]),
    ),
  )
}

import { MutantSet } from '../../mutant-set.js'
import type { NextcloudUser } from '../nextcloud.js'
import { OffsetClock } from './clock.js'
import { Consistency } from './consistency.js'
import type { EmbeddedContext } from './context.js'
import { Faults } from './faults.js'
import { signingKey } from './keys.js'
import type { EmbeddedOptions } from './options.js'
import { DEFAULT_PROFILE, PROFILES } from './profiles.js'
import { Store } from './store.js'

/** The state of a fresh instance, as its options want it. */
export function createContext(options: EmbeddedOptions, users: readonly NextcloudUser[]): EmbeddedContext {
  const store = new Store()
  for (const user of users) addUser(store, user)
  const oidcConfig = { dynamic_client_registration: 'true', ...options.oidcConfig }
  for (const [key, value] of Object.entries(oidcConfig)) store.appConfig.set(`oidc/${key}`, value)
  const key = signingKey(options.ownKey === true)
  // Whoever needs the key awaits it and sees the failure there.
  key.catch(() => undefined)
  const faults = new Faults()
  for (const fault of options.faults ?? []) faults.inject(fault)
  const clock = new OffsetClock(options.realNowMs)
  return {
    store,
    clock,
    profile: PROFILES[options.profile ?? DEFAULT_PROFILE],
    options,
    system: { user_oidc: { oidc_provider_bearer_validation: true }, ...options.systemConfig },
    disabledApps: new Set(),
    mutants: new MutantSet(options.mutants),
    key,
    oldKeys: [],
    faults,
    consistency: new Consistency(clock, options.lag),
    requests: [],
  }
}

/** Adds an account, or replaces the one with the same user id. */
export function addUser(store: Store, user: NextcloudUser): void {
  store.users.set(user.userId, { ...user, passwordNow: user.password, lastLoginSeconds: 0 })
}

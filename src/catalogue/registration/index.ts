import type { Check } from '../check.js'
import { applicationType } from './application-type.js'
import { noWayToRegister } from './no-way-to-register.js'
import { preconfiguredWins } from './preconfigured-wins.js'
import { storeConcurrentStart } from './store-concurrent-start.js'
import { storeCorrupt } from './store-corrupt.js'
import { storeExpired } from './store-expired.js'
import { storeIssuerBound } from './store-issuer-bound.js'
import { storeMode } from './store-mode.js'
import { storeNeverExpires } from './store-never-expires.js'
import { storeReload } from './store-reload.js'
import { storeRenewWhileRunning } from './store-renew-while-running.js'
import { successFields } from './success-fields.js'

export const registrationChecks: readonly Check[] = [
  successFields,
  storeMode,
  storeReload,
  storeExpired,
  storeRenewWhileRunning,
  storeNeverExpires,
  storeCorrupt,
  storeConcurrentStart,
  storeIssuerBound,
  preconfiguredWins,
  noWayToRegister,
  applicationType,
]

import type { Check } from '../check.js'
import { applicationType } from './application-type.js'
import { cap } from './cap.js'
import { disabledRefused } from './disabled-refused.js'
import { duplicateMetadata } from './duplicate-metadata.js'
import { expiryHonest } from './expiry-honest.js'
import { invalidMetadata } from './invalid-metadata.js'
import { managementAuth } from './management-auth.js'
import { managementDelete } from './management-delete.js'
import { managementRead } from './management-read.js'
import { noWayToRegister } from './no-way-to-register.js'
import { preconfiguredWins } from './preconfigured-wins.js'
import { redirectUriSchemes } from './redirect-uri-schemes.js'
import { storeConcurrentStart } from './store-concurrent-start.js'
import { storeCorrupt } from './store-corrupt.js'
import { storeExpired } from './store-expired.js'
import { storeIssuerBound } from './store-issuer-bound.js'
import { storeMode } from './store-mode.js'
import { storeNeverExpires } from './store-never-expires.js'
import { storeReload } from './store-reload.js'
import { storeRenewWhileRunning } from './store-renew-while-running.js'
import { successFields } from './success-fields.js'
import { throttling } from './throttling.js'

export const registrationChecks: readonly Check[] = [
  successFields,
  duplicateMetadata,
  expiryHonest,
  invalidMetadata,
  redirectUriSchemes,
  disabledRefused,
  cap,
  throttling,
  managementRead,
  managementAuth,
  managementDelete,
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

import type { Check } from '../check.js'
import { cap } from './cap.js'
import { disabledRefused } from './disabled-refused.js'
import { duplicateMetadata } from './duplicate-metadata.js'
import { expiryHonest } from './expiry-honest.js'
import { invalidMetadata } from './invalid-metadata.js'
import { managementAuth } from './management-auth.js'
import { managementDelete } from './management-delete.js'
import { managementRead } from './management-read.js'
import { redirectUriSchemes } from './redirect-uri-schemes.js'
import { storeMode } from './store-mode.js'
import { storeReload } from './store-reload.js'
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
]

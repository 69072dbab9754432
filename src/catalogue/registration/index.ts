import type { Check } from '../check.js'
import { storeMode } from './store-mode.js'
import { storeReload } from './store-reload.js'
import { successFields } from './success-fields.js'

export const registrationChecks: readonly Check[] = [successFields, storeMode, storeReload]

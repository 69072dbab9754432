import type { Check } from '../check.js'
import { maintenance } from './maintenance.js'
import { nextcloudDown } from './nextcloud-down.js'
import { rateLimited } from './rate-limited.js'
import { validationOutage } from './validation-outage.js'

export const resilienceChecks: readonly Check[] = [nextcloudDown, rateLimited, maintenance, validationOutage]

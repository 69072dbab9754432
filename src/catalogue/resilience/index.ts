import type { Check } from '../check.js'
import { nextcloudDown } from './nextcloud-down.js'
import { validationOutage } from './validation-outage.js'

export const resilienceChecks: readonly Check[] = [nextcloudDown, validationOutage]

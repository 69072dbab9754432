import type { Explanations } from './explanation.js'
import { NEXTCLOUD_REGISTRATION } from './registration/nextcloud.js'
import { OWN_CLIENT } from './registration/own-client.js'

/** What the pages of the registration checks say. */
export const REGISTRATION_EXPLANATIONS: Explanations = { ...NEXTCLOUD_REGISTRATION, ...OWN_CLIENT }

import { CODES } from './authorization/codes.js'
import { RESPONSES } from './authorization/responses.js'
import type { Explanations } from './explanation.js'

/** What the pages of the authorization checks say. */
export const AUTHORIZATION_EXPLANATIONS: Explanations = { ...CODES, ...RESPONSES }

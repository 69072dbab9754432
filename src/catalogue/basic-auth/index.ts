import type { Check } from '../check.js'

export const basicAuthChecks: readonly Check[] = []

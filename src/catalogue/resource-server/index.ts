import type { Check } from '../check.js'

export const resourceServerChecks: readonly Check[] = []

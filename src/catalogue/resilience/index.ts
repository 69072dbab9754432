import type { Check } from '../check.js'

export const resilienceChecks: readonly Check[] = []

import type { Check } from '../check.js'

export const parityChecks: readonly Check[] = []

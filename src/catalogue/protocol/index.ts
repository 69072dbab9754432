import type { Check } from '../check.js'

export const protocolChecks: readonly Check[] = []

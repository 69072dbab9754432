import type { Check } from '../check.js'
import { officialStateful } from './official-stateful.js'

export const protocolChecks: readonly Check[] = [officialStateful]

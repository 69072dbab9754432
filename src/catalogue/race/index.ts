import type { Check } from '../check.js'
import { firstUse } from './first-use.js'
import { waitCoversLag } from './wait-covers-lag.js'

export const raceChecks: readonly Check[] = [firstUse, waitCoversLag]

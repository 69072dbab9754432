import type { Check } from '../check.js'
import { toolSet } from './tool-set.js'

export const parityChecks: readonly Check[] = [toolSet]

import type { Check } from '../check.js'
import { resources } from './resources.js'
import { results } from './results.js'
import { schemas } from './schemas.js'
import { toolSet } from './tool-set.js'

export const parityChecks: readonly Check[] = [toolSet, schemas, results, resources]

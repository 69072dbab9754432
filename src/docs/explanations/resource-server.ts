import type { Explanations } from './explanation.js'
import { CHALLENGES } from './resource-server/challenges.js'
import { ISOLATION } from './resource-server/isolation.js'
import { TOKENS } from './resource-server/tokens.js'

export const RESOURCE_SERVER_EXPLANATIONS: Explanations = { ...CHALLENGES, ...TOKENS, ...ISOLATION }

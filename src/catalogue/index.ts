import { authorizationChecks } from './authorization/index.js'
import { basicAuthChecks } from './basic-auth/index.js'
import type { Check } from './check.js'
import { discoveryChecks } from './discovery/index.js'
import { parityChecks } from './parity/index.js'
import { protocolChecks } from './protocol/index.js'
import { raceChecks } from './race/index.js'
import { registrationChecks } from './registration/index.js'
import { resilienceChecks } from './resilience/index.js'
import { resourceServerChecks } from './resource-server/index.js'
import { tokensChecks } from './tokens/index.js'
import { toolsChecks } from './tools/index.js'

/** The catalogue: every check, in the order in which reports show them. */
export const CHECKS: readonly Check[] = [
  ...discoveryChecks,
  ...registrationChecks,
  ...raceChecks,
  ...authorizationChecks,
  ...tokensChecks,
  ...resourceServerChecks,
  ...basicAuthChecks,
  ...toolsChecks,
  ...parityChecks,
  ...protocolChecks,
  ...resilienceChecks,
]

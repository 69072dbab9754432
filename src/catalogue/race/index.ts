import type { Check } from '../check.js'
import { backoff } from './backoff.js'
import { discoveryPollIsNoEvidence } from './discovery-poll-is-no-evidence.js'
import { firstUse } from './first-use.js'
import { givesUp } from './gives-up.js'
import { never } from './never.js'
import { parallelRegistrations } from './parallel-registrations.js'
import { probeAuthorize } from './probe-authorize.js'
import { waitCoversLag } from './wait-covers-lag.js'

export const raceChecks: readonly Check[] = [
  firstUse,
  probeAuthorize,
  waitCoversLag,
  discoveryPollIsNoEvidence,
  backoff,
  givesUp,
  parallelRegistrations,
  never,
]

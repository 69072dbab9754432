import type { Check } from '../check.js'
import { batchRefused } from './batch-refused.js'
import { capabilitiesHonest } from './capabilities-honest.js'
import { jsonrpcErrors } from './jsonrpc-errors.js'
import { notification202 } from './notification-202.js'
import { officialStateful } from './official-stateful.js'
import { sessionLifecycle } from './session-lifecycle.js'
import { versionNegotiation } from './version-negotiation.js'

export const protocolChecks: readonly Check[] = [
  officialStateful,
  versionNegotiation,
  capabilitiesHonest,
  sessionLifecycle,
  notification202,
  jsonrpcErrors,
  batchRefused,
]

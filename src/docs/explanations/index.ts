import type { Check, SuiteName } from '../../catalogue/check.js'
import { BASIC_AUTH_EXPLANATIONS } from './basic-auth.js'
import type { Explanation, Explanations } from './explanation.js'
import { PARITY_EXPLANATIONS } from './parity.js'
import { PROTOCOL_EXPLANATIONS } from './protocol.js'
import { RESILIENCE_EXPLANATIONS } from './resilience.js'
import { RESOURCE_SERVER_EXPLANATIONS } from './resource-server.js'
import { TOOLS_EXPLANATIONS } from './tools.js'

/** Texts by suite. Of a suite that is listed here every check has one; the pages of the others lack them. */
export const EXPLANATIONS: Readonly<Partial<Record<SuiteName, Explanations>>> = {
  'resource-server': RESOURCE_SERVER_EXPLANATIONS,
  'basic-auth': BASIC_AUTH_EXPLANATIONS,
  tools: TOOLS_EXPLANATIONS,
  parity: PARITY_EXPLANATIONS,
  protocol: PROTOCOL_EXPLANATIONS,
  resilience: RESILIENCE_EXPLANATIONS,
}

/** The text about a check; `undefined` when its suite has none yet. */
export function explanationOf({ suite, id }: Pick<Check, 'suite' | 'id'>): Explanation | undefined {
  return EXPLANATIONS[suite]?.[id]
}

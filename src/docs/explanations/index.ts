import type { Check, SuiteName } from '../../catalogue/check.js'
import { AUTHORIZATION_EXPLANATIONS } from './authorization.js'
import { BASIC_AUTH_EXPLANATIONS } from './basic-auth.js'
import { DISCOVERY_EXPLANATIONS } from './discovery.js'
import type { Explanation, Explanations } from './explanation.js'
import { PARITY_EXPLANATIONS } from './parity.js'
import { PROTOCOL_EXPLANATIONS } from './protocol.js'
import { RACE_EXPLANATIONS } from './race.js'
import { REGISTRATION_EXPLANATIONS } from './registration.js'
import { RESILIENCE_EXPLANATIONS } from './resilience.js'
import { RESOURCE_SERVER_EXPLANATIONS } from './resource-server.js'
import { TOKENS_EXPLANATIONS } from './tokens.js'
import { TOOLS_EXPLANATIONS } from './tools.js'

/** Texts by suite: every check has one, which a test demands. */
export const EXPLANATIONS: Readonly<Record<SuiteName, Explanations>> = {
  discovery: DISCOVERY_EXPLANATIONS,
  registration: REGISTRATION_EXPLANATIONS,
  race: RACE_EXPLANATIONS,
  authorization: AUTHORIZATION_EXPLANATIONS,
  tokens: TOKENS_EXPLANATIONS,
  'resource-server': RESOURCE_SERVER_EXPLANATIONS,
  'basic-auth': BASIC_AUTH_EXPLANATIONS,
  tools: TOOLS_EXPLANATIONS,
  parity: PARITY_EXPLANATIONS,
  protocol: PROTOCOL_EXPLANATIONS,
  resilience: RESILIENCE_EXPLANATIONS,
}

/** The text about a check; `undefined` for one that the catalogue does not have, as in the report of another version. */
export function explanationOf({ suite, id }: Pick<Check, 'suite' | 'id'>): Explanation | undefined {
  return EXPLANATIONS[suite][id]
}

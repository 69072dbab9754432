import type { Check } from '../check.js'
import { issuerMatch } from './issuer-match.js'
import { pkceS256 } from './pkce-s256.js'
import { registrationEndpointEnabled } from './registration-endpoint.js'

export const discoveryChecks: readonly Check[] = [issuerMatch, pkceS256, registrationEndpointEnabled]

import type { Check } from '../check.js'
import { endpointsLive } from './endpoints-live.js'
import { issuerMatch } from './issuer-match.js'
import { issuerNotHostControlled } from './issuer-not-host-controlled.js'
import { jwksShape } from './jwks-shape.js'
import { oidcDocument } from './oidc-document.js'
import { pkceS256 } from './pkce-s256.js'
import { registrationEndpointDisabled } from './registration-endpoint-disabled.js'
import { registrationEndpointEnabled } from './registration-endpoint.js'
import { registrationEndpointWrongKey } from './registration-endpoint-wrong-key.js'
import { requiredFields } from './required-fields.js'
import { rfc8414Document } from './rfc8414-document.js'
import { serverFollowsDocument } from './server-follows-document.js'
import { serverRejectsWrongIssuer } from './server-rejects-wrong-issuer.js'

export const discoveryChecks: readonly Check[] = [
  oidcDocument,
  rfc8414Document,
  issuerMatch,
  issuerNotHostControlled,
  requiredFields,
  endpointsLive,
  pkceS256,
  registrationEndpointEnabled,
  registrationEndpointDisabled,
  registrationEndpointWrongKey,
  jwksShape,
  serverFollowsDocument,
  serverRejectsWrongIssuer,
]

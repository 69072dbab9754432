import type { Check } from '../check.js'
import { cacheNotBeyondExp } from './cache-not-beyond-exp.js'
import { challenge401 } from './challenge-401.js'
import { expiredToken } from './expired-token.js'
import { foreignTokenPassthrough } from './foreign-token-passthrough.js'
import { hostRebinding } from './host-rebinding.js'
import { httpMediaTypes } from './http-media-types.js'
import { httpMethods } from './http-methods.js'
import { httpProtocolVersion } from './http-protocol-version.js'
import { identityOnlyFromToken } from './identity-only-from-token.js'
import { isolationConcurrent } from './isolation-concurrent.js'
import { isolationCookies } from './isolation-cookies.js'
import { isolationUsers } from './isolation-users.js'
import { leakLogs } from './leak-logs.js'
import { leakResponses } from './leak-responses.js'
import { originInvalid } from './origin-invalid.js'
import { otherAudience } from './other-audience.js'
import { prmResourceIdentical } from './prm-resource-identical.js'
import { prmWellKnownPath } from './prm-well-known-path.js'
import { resourceMetadataParameter } from './resource-metadata-parameter.js'
import { sessionIdQuality } from './session-id-quality.js'
import { sessionNotAuthentication } from './session-not-authentication.js'
import { tamperedToken } from './tampered-token.js'
import { upstreamRefusal } from './upstream-refusal.js'

export const resourceServerChecks: readonly Check[] = [
  challenge401,
  resourceMetadataParameter,
  prmWellKnownPath,
  prmResourceIdentical,
  tamperedToken,
  otherAudience,
  expiredToken,
  cacheNotBeyondExp,
  foreignTokenPassthrough,
  sessionNotAuthentication,
  sessionIdQuality,
  isolationUsers,
  isolationConcurrent,
  isolationCookies,
  identityOnlyFromToken,
  leakResponses,
  leakLogs,
  originInvalid,
  hostRebinding,
  httpMethods,
  httpMediaTypes,
  httpProtocolVersion,
  upstreamRefusal,
]

import type { Check } from '../check.js'
import { audienceCase } from './audience-case.js'
import { cacheNotBeyondExp } from './cache-not-beyond-exp.js'
import { challenge401 } from './challenge-401.js'
import { challengeErrorCode } from './challenge-error-code.js'
import { challengeScope } from './challenge-scope.js'
import { everyRequest } from './every-request.js'
import { expiredToken } from './expired-token.js'
import { foreignTokenPassthrough } from './foreign-token-passthrough.js'
import { hostRebinding } from './host-rebinding.js'
import { httpMediaTypes } from './http-media-types.js'
import { httpMethods } from './http-methods.js'
import { httpProtocolVersion } from './http-protocol-version.js'
import { identityOnlyFromToken } from './identity-only-from-token.js'
import { insufficientScope } from './insufficient-scope.js'
import { isolationConcurrent } from './isolation-concurrent.js'
import { isolationCookies } from './isolation-cookies.js'
import { isolationUsers } from './isolation-users.js'
import { keyCollision } from './key-collision.js'
import { leakLogs } from './leak-logs.js'
import { leakResponses } from './leak-responses.js'
import { malformedHeader } from './malformed-header.js'
import { originInvalid } from './origin-invalid.js'
import { otherAudience } from './other-audience.js'
import { otherClient } from './other-client.js'
import { otherIssuer } from './other-issuer.js'
import { ownTokenPassthrough } from './own-token-passthrough.js'
import { prmAuthorizationServers } from './prm-authorization-servers.js'
import { prmBearerMethods } from './prm-bearer-methods.js'
import { prmResourceIdentical } from './prm-resource-identical.js'
import { prmScopesSupported } from './prm-scopes-supported.js'
import { prmWellKnownPath } from './prm-well-known-path.js'
import { queryToken } from './query-token.js'
import { resourceMetadataParameter } from './resource-metadata-parameter.js'
import { revocationWindow } from './revocation-window.js'
import { schemeCase } from './scheme-case.js'
import { scopeOfResources } from './scope-of-resources.js'
import { sessionIdQuality } from './session-id-quality.js'
import { sessionNotAuthentication } from './session-not-authentication.js'
import { tamperedToken } from './tampered-token.js'
import { upstreamRefusal } from './upstream-refusal.js'
import { wrongScheme } from './wrong-scheme.js'

export const resourceServerChecks: readonly Check[] = [
  challenge401,
  resourceMetadataParameter,
  challengeErrorCode,
  challengeScope,
  prmWellKnownPath,
  prmResourceIdentical,
  prmAuthorizationServers,
  prmScopesSupported,
  prmBearerMethods,
  queryToken,
  malformedHeader,
  schemeCase,
  wrongScheme,
  tamperedToken,
  otherAudience,
  audienceCase,
  otherIssuer,
  otherClient,
  expiredToken,
  cacheNotBeyondExp,
  revocationWindow,
  keyCollision,
  insufficientScope,
  scopeOfResources,
  foreignTokenPassthrough,
  ownTokenPassthrough,
  everyRequest,
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

import type { Check } from '../check.js'
import { audienceResource } from './audience-resource.js'
import { errorClientAuth } from './error-client-auth.js'
import { errorGrantType } from './error-grant-type.js'
import { introspectionContract } from './introspection-contract.js'
import { jwtProfile } from './jwt-profile.js'
import { lifetimeHonest } from './lifetime-honest.js'
import { refreshBinding } from './refresh-binding.js'
import { refreshRotation } from './refresh-rotation.js'
import { refreshRotationPublic } from './refresh-rotation-public.js'
import { resourceInvalid } from './resource-invalid.js'
import { responseFields } from './response-fields.js'
import { responseScope } from './response-scope.js'
import { revokedAreDead } from './revoked-are-dead.js'
import { userinfoClaims } from './userinfo-claims.js'
import { userinfoInvalidToken } from './userinfo-invalid-token.js'
import { userinfoSubject } from './userinfo-subject.js'
import { verifyAlgNone } from './verify-alg-none.js'
import { verifyAudienceExact } from './verify-audience-exact.js'
import { verifyExpNbf } from './verify-exp-nbf.js'
import { verifyForeignKey } from './verify-foreign-key.js'
import { verifyHsConfusion } from './verify-hs-confusion.js'
import { verifyNoFallback } from './verify-no-fallback.js'
import { verifyTokenType } from './verify-token-type.js'

export const tokensChecks: readonly Check[] = [
  responseFields,
  responseScope,
  lifetimeHonest,
  errorClientAuth,
  errorGrantType,
  jwtProfile,
  audienceResource,
  resourceInvalid,
  refreshRotation,
  refreshRotationPublic,
  refreshBinding,
  userinfoSubject,
  userinfoClaims,
  userinfoInvalidToken,
  introspectionContract,
  revokedAreDead,
  verifyAlgNone,
  verifyHsConfusion,
  verifyForeignKey,
  verifyExpNbf,
  verifyAudienceExact,
  verifyTokenType,
  verifyNoFallback,
]

import type { Check } from '../check.js'
import { jwtProfile } from './jwt-profile.js'
import { userinfoInvalidToken } from './userinfo-invalid-token.js'
import { verifyAlgNone } from './verify-alg-none.js'
import { verifyExpNbf } from './verify-exp-nbf.js'
import { verifyForeignKey } from './verify-foreign-key.js'
import { verifyHsConfusion } from './verify-hs-confusion.js'
import { verifyNoFallback } from './verify-no-fallback.js'
import { verifyTokenType } from './verify-token-type.js'

export const tokensChecks: readonly Check[] = [
  jwtProfile,
  userinfoInvalidToken,
  verifyAlgNone,
  verifyHsConfusion,
  verifyForeignKey,
  verifyExpNbf,
  verifyTokenType,
  verifyNoFallback,
]

import type { Check } from '../check.js'
import { jwtProfile } from './jwt-profile.js'
import { userinfoInvalidToken } from './userinfo-invalid-token.js'
import { verifyExpNbf } from './verify-exp-nbf.js'
import { verifyHsConfusion } from './verify-hs-confusion.js'
import { verifyNoFallback } from './verify-no-fallback.js'

export const tokensChecks: readonly Check[] = [
  jwtProfile,
  userinfoInvalidToken,
  verifyHsConfusion,
  verifyExpNbf,
  verifyNoFallback,
]

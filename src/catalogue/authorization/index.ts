import type { Check } from '../check.js'
import { callbackState } from './callback-state.js'
import { codeAsRefreshToken } from './code-as-refresh-token.js'
import { codeFlow } from './code-flow.js'
import { codeSingleUse } from './code-single-use.js'
import { consentDenied } from './consent-denied.js'
import { pkceMissingVerifier } from './pkce-missing-verifier.js'
import { redirectUriMismatch } from './redirect-uri-mismatch.js'

export const authorizationChecks: readonly Check[] = [
  codeFlow,
  pkceMissingVerifier,
  redirectUriMismatch,
  codeSingleUse,
  codeAsRefreshToken,
  consentDenied,
  callbackState,
]

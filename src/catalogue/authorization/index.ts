import type { Check } from '../check.js'
import { callbackErrorParam } from './callback-error-param.js'
import { callbackMissingCode } from './callback-missing-code.js'
import { callbackNoReflection } from './callback-no-reflection.js'
import { callbackState } from './callback-state.js'
import { callbackTimeout } from './callback-timeout.js'
import { codeAsRefreshToken } from './code-as-refresh-token.js'
import { codeFlow } from './code-flow.js'
import { codeLifetime } from './code-lifetime.js'
import { codeRedirectUriBound } from './code-redirect-uri-bound.js'
import { codeSingleUse } from './code-single-use.js'
import { codeWrongClient } from './code-wrong-client.js'
import { consentDenied } from './consent-denied.js'
import { errorRedirect } from './error-redirect.js'
import { issResponse } from './iss-response.js'
import { pkceDowngrade } from './pkce-downgrade.js'
import { pkceMissingVerifier } from './pkce-missing-verifier.js'
import { pkcePlain } from './pkce-plain.js'
import { pkceRequired } from './pkce-required.js'
import { pkceWrongVerifier } from './pkce-wrong-verifier.js'
import { promptLogin } from './prompt-login.js'
import { promptNone } from './prompt-none.js'
import { redirectUriExact } from './redirect-uri-exact.js'
import { redirectUriMismatch } from './redirect-uri-mismatch.js'
import { scopeNarrowing } from './scope-narrowing.js'
import { stateEcho } from './state-echo.js'

export const authorizationChecks: readonly Check[] = [
  codeFlow,
  stateEcho,
  pkceMissingVerifier,
  pkceWrongVerifier,
  pkcePlain,
  pkceRequired,
  pkceDowngrade,
  redirectUriMismatch,
  redirectUriExact,
  codeSingleUse,
  codeLifetime,
  codeWrongClient,
  codeRedirectUriBound,
  codeAsRefreshToken,
  consentDenied,
  errorRedirect,
  scopeNarrowing,
  promptNone,
  promptLogin,
  issResponse,
  callbackErrorParam,
  callbackState,
  callbackMissingCode,
  callbackTimeout,
  callbackNoReflection,
]

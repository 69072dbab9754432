import type { Check } from '../check.js'
import { actsAsConfiguredUser } from './acts-as-configured-user.js'
import { envMissing } from './env-missing.js'
import { ignoresClientCredentials } from './ignores-client-credentials.js'
import { localBind } from './local-bind.js'
import { noAuthorizationNeeded } from './no-authorization-needed.js'
import { noCredentialLeak } from './no-credential-leak.js'
import { noOAuthMetadata } from './no-oauth-metadata.js'
import { wrongPassword } from './wrong-password.js'

export const basicAuthChecks: readonly Check[] = [
  noAuthorizationNeeded,
  actsAsConfiguredUser,
  wrongPassword,
  noCredentialLeak,
  noOAuthMetadata,
  ignoresClientCredentials,
  envMissing,
  localBind,
]

import type { Check } from '../check.js'
import { actsAsConfiguredUser } from './acts-as-configured-user.js'
import { noCredentialLeak } from './no-credential-leak.js'
import { wrongPassword } from './wrong-password.js'

export const basicAuthChecks: readonly Check[] = [actsAsConfiguredUser, wrongPassword, noCredentialLeak]

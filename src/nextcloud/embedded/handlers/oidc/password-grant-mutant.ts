import type { EmbeddedContext } from '../../context.js'
import { stringParameter, type RequestParameters } from './parameters.js'
import { sha512Hex } from './random.js'
import type { TokenAdmission } from './token-admission.js'

/** What `n-password-grant-enabled` admits: a known client that names a known user, with whatever password. */
export function admitByPassword(
  ctx: EmbeddedContext,
  parameters: RequestParameters,
): TokenAdmission | undefined {
  if (stringParameter(parameters, 'grant_type') !== 'password') return undefined
  const client = ctx.store.clientByIdentifier(stringParameter(parameters, 'client_id') ?? '')
  const userId = stringParameter(parameters, 'username') ?? ''
  if (client === undefined || !ctx.store.users.has(userId)) return undefined
  const id = ctx.store.nextId()
  const now = ctx.clock.nowSeconds()
  const row = {
    id,
    clientId: client.id,
    userId,
    scope: 'openid profile',
    grantHash: sha512Hex(`password ${id}`),
    accessToken: '',
    createdSeconds: now,
    refreshedSeconds: now,
    nonce: '',
    resource: '',
    codeChallenge: '',
    codeChallengeMethod: '',
    jti: String(id),
    idTokenClaims: '',
    userinfoClaims: '',
    exchanged: false,
  }
  ctx.store.insertAccessToken(row)
  return { row, client }
}

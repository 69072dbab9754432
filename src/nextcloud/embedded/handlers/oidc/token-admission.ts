import type { AccessTokenRow, AuthorizationCodeRow, ClientRow } from '../../store.js'

/** A token request that nothing stands against any more. */
export interface TokenAdmission {
  readonly row: AccessTokenRow
  readonly client: ClientRow
  /** Present when an authorization code is redeemed. */
  readonly codeRow?: AuthorizationCodeRow
}

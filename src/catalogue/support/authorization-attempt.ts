import { HarnessError } from '../../errors.js'
import type { MintOptions, OAuthDriver, PendingCode, UserName } from '../context.js'

/** Goes through an authorization as the user; `undefined` when it ends at a page or with an error instead of a code. */
export async function tryAuthorize(
  oauth: OAuthDriver,
  user: UserName,
  options: MintOptions,
): Promise<PendingCode | undefined> {
  try {
    return await oauth.obtainCode(user, options)
  } catch (error) {
    if (error instanceof HarnessError && error.code === 'NCMC_FLOW_FAILED') return undefined
    throw error
  }
}

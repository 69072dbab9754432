import { NotTestableError } from '../check.js'
import type { CheckContext, MintOptions, PrivateStack, UserName } from '../context.js'
import { describeAnswer, redeemCode } from './token-request.js'

/** Nextcloud honours an opaque token for twice the time that it announces. */
const LIVES = 2
const MARGIN_SECONDS = 120
/** Used for the shift; a token that lives longer makes the control fail, it is never taken for expired. */
const USUAL_LIFE_SECONDS = 900

/**
 * Mints a token that has been over for two minutes: the instance's clock is set back while it is issued. Leaves the
 * clock at real time.
 *
 * @throws NotTestableError when no token is issued, or one that lives longer than 900 s.
 */
export async function mintExpiredToken(
  ctx: Pick<CheckContext, 'secret'>,
  { nextcloud, oauth }: PrivateStack,
  user: UserName,
  options: MintOptions = {},
): Promise<string> {
  nextcloud.clock.shift(-(LIVES * USUAL_LIFE_SECONDS + MARGIN_SECONDS))
  try {
    const answer = await redeemCode(ctx, oauth, await oauth.obtainCode(user, options))
    if (answer.accessToken === undefined) {
      throw new NotTestableError(`no token to let expire was issued (${describeAnswer(answer)})`)
    }
    const life = answer.members['expires_in']
    if (typeof life !== 'number' || life > USUAL_LIFE_SECONDS) {
      throw new NotTestableError(`tokens live ${String(life)} s, too long to let one expire`)
    }
    return answer.accessToken
  } finally {
    nextcloud.clock.reset()
  }
}

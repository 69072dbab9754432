import type { Finding } from '../check.js'
import { describeAnswer, type TokenAnswer } from './token-request.js'

/** Judges that a refresh gave another refresh token than the one it was asked with. */
export function judgeRotation(first: TokenAnswer, second: TokenAnswer): Finding[] {
  const refreshToken = second.members['refresh_token']
  if (typeof refreshToken === 'string' && refreshToken !== first.members['refresh_token']) return []
  return [
    {
      id: 'refresh-token-not-rotated',
      message: 'a refresh does not give a new refresh token',
      observed: typeof refreshToken === 'string' ? 'the same one' : 'none',
    },
  ]
}

/** Judges that a refresh token which was used buys nothing. */
export function judgeReuse(reuse: TokenAnswer): Finding[] {
  if (reuse.accessToken === undefined) return []
  return [
    {
      id: 'old-refresh-token-accepted',
      message: 'a refresh token that was used buys tokens again',
      expected: '400 invalid_grant',
      observed: describeAnswer(reuse),
    },
  ]
}

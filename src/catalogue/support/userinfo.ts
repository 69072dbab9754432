import { NotTestableError } from '../check.js'
import type { CheckContext, OAuthDriver } from '../context.js'
import { readJsonObject } from './json.js'

export interface UserinfoAnswer {
  readonly status: number
  readonly members: Readonly<Record<string, unknown>>
  /** Value of `WWW-Authenticate`, or `null`. */
  readonly challenge: string | null
}

/** Asks userinfo with a bearer token, or without one when it is `undefined`. */
export async function askUserinfo(
  ctx: Pick<CheckContext, 'fetch'>,
  oauth: OAuthDriver,
  token: string | undefined,
): Promise<UserinfoAnswer> {
  const endpoint = (await oauth.discover()).metadata['userinfo_endpoint']
  if (typeof endpoint !== 'string') throw new NotTestableError('no userinfo_endpoint is advertised')
  const response = await ctx.fetch(endpoint, {
    headers: {
      accept: 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    },
  })
  return {
    status: response.status,
    members: await readJsonObject(response),
    challenge: response.headers.get('www-authenticate'),
  }
}

/** Whether userinfo named the token's person; a 200 without anybody says nothing about the token. */
export function isAlive({ status, members }: UserinfoAnswer): boolean {
  return status === 200 && typeof members['sub'] === 'string'
}

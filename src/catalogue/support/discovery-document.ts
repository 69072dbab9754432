import { wellKnownUrl } from '../../oauth/discovery.js'
import { NotTestableError } from '../check.js'
import type { CheckContext } from '../context.js'
import { readJsonObject } from './json.js'

/** The provider metadata as it came. */
export interface DiscoveryDocument {
  readonly members: Readonly<Record<string, unknown>>
  /** Where it was found, after at most one redirect: Nextcloud often needs a web-server rule for this path. */
  readonly url: string
}

/**
 * Fetches the OpenID provider metadata of an instance without any judgement of its content.
 *
 * @throws NotTestableError when there is no document.
 */
export async function fetchDiscoveryDocument(
  ctx: Pick<CheckContext, 'fetch'>,
  baseUrl: string,
): Promise<DiscoveryDocument> {
  let url = wellKnownUrl(baseUrl)
  let response = await ctx.fetch(url)
  const location = response.headers.get('location')
  if (response.status >= 300 && response.status < 400 && location !== null) {
    url = new URL(location, url).href
    response = await ctx.fetch(url)
  }
  const members = await readJsonObject(response)
  if (response.status !== 200 || Object.keys(members).length === 0) {
    throw new NotTestableError(`there is no discovery document (status ${response.status})`)
  }
  return { members, url }
}
